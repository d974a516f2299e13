//! The declarations of Waybill's services, which `waybill-service` exports: [`macro@endpoint`] for an operation of the API and
//! [`derive@Fields`] for the fields of a request.
//!
//! Both write the same declaration twice: once for the component, which routes and reads by it, and once for the OpenAPI
//! document, which is only built natively.

use proc_macro::TokenStream;
use syn::parse_macro_input;

mod change;
mod endpoint;
mod fields;

/// Declares the operation of an endpoint, next to the function that answers it, and makes its `ROUTE`.
///
/// ```ignore
/// /// Takes an order.
/// #[endpoint(
///     POST "/orders",
///     scope = OrdersWrite,
///     idempotent,
///     success(201, "The order is kept, and its event with it.", Order),
/// )]
/// pub fn create_order(request: Request<NewOrder>) -> Result<Response, Problem> { … }
/// ```
///
/// The type of the request names its fields: of `GET` the query parameters, otherwise the body. The arguments are:
///
/// - the method and the path; a segment in braces is an identifier (a UUID), or any text with `text(id)`;
/// - `scope = NAME`, the [`Scope`](../waybill_contracts/enum.Scope.html) that an API key needs, or `token = "NAME"` for an
///   operation that checks a token of its own;
/// - `idempotent`: the request may have an `Idempotency-Key`;
/// - `conflicts`: the answer may be 409;
/// - `success(STATUS, "DESCRIPTION", TYPE)`, or `responses(…)`, `params(…)` and `request_body(…)` as `utoipa::path` has them.
///
/// What any request of its kind may be answered with is added.
#[proc_macro_attribute]
pub fn endpoint(arguments: TokenStream, function: TokenStream) -> TokenStream {
    let arguments = parse_macro_input!(arguments as endpoint::Arguments);
    let function = parse_macro_input!(function as syn::ItemFn);
    endpoint::expand(&arguments, &function).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Derives the reader, the checks and the schema of a request's fields: the members of a JSON body or the parameters of a query.
///
/// A field has `#[rule(CHECK)]`, where `CHECK` is a value that implements `waybill_service::fields::Check`. The field is
/// required, unless its type is an `Option` or the rule continues with `default = VALUE`. `example = VALUE` is for the document,
/// and so is the field's comment. `#[fields(check = f(a, b))]` on the struct calls `f` with references to two fields, each
/// `None` if it breaks a rule of its own, and the faults to add to; there may be several such checks. `#[fields(change = Name)]`
/// makes a second type with the same fields, for a `PATCH` (JSON Merge Patch, RFC 7396): each may be missing, and an `Option` may be
/// `null`.
#[proc_macro_derive(Fields, attributes(rule, fields))]
pub fn fields(item: TokenStream) -> TokenStream {
    let item = parse_macro_input!(item as syn::DeriveInput);
    let expanded = fields::expand(&item).and_then(|mut fields| {
        fields.extend(change::expand(&item)?);
        Ok(fields)
    });
    expanded.unwrap_or_else(|error| error.to_compile_error()).into()
}
