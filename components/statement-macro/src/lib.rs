//! Makes a type of an SQL file, so that a wrong name, number or type of a parameter does not compile.
//!
//! ```ignore
//! statement!(ShowCustomer, "sql/show_customer.sql", row: Customer);
//! statement!(CreateOrder, "sql/create_order.sql", execution: GroupCommit);
//!
//! let customer = ShowCustomer { id: "1651654165" }.query_optional()?;
//! ```
//!
//! The head of the file declares what goes in and what comes out. Each line is a name, a type, `or null` if it applies, and the
//! meaning where the name does not say it:
//!
//! ```sql
//! -- One customer.
//! --
//! -- Parameters:
//! --   id  text
//! -- Returns:
//! --   name           text
//! --   date_of_birth  text or null  as YYYY-MM-DD
//! SELECT name, to_char(date_of_birth, 'YYYY-MM-DD') AS date_of_birth FROM customers WHERE id = :id
//! ```
//!
//! A parameter is text, uuid, int8, int4 or bool, or one of json, jsonb, timestamptz and date, which cross the capability as text.
//! `:id` becomes `CAST($1 AS text)`, so PostgreSQL never guesses a parameter's type. Columns are text, int8, int4 or bool. The
//! row type is generated from `Returns`; `row` names an own type in its place, for statements that share it.

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod bound;
mod declaration;
mod from_row;
mod head;
mod text;

/// Declares a statement: `statement!(Name, "sql/file.sql", row: Type, execution: GroupCommit)`. The path starts in `src`; `row` and
/// `execution` may be absent.
#[proc_macro]
pub fn statement(input: TokenStream) -> TokenStream {
    let declaration = parse_macro_input!(input as declaration::Declaration);
    declaration.expand().unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Declares a statement for `tokio-postgres`: `bound!(Name, "sql/file.sql")` makes a type with a field for each parameter. Its `TEXT` is
/// what is sent, and `values()` are the parameters by their numbers. A parameter may have any of PostgreSQL's types that Rust has a
/// type for here: text, json and jsonb (as text), bytea, uuid, int8, int4, float8, bool, timestamptz, and arrays of text, uuid, int8 and int4.
///
/// ```ignore
/// bound!(RevokeKey, "sql/revoke_key.sql");
///
/// let rows = database.rows(RevokeKey::TEXT, &RevokeKey { id: "0123456789ab" }.values()).await?;
/// ```
#[proc_macro]
pub fn bound(input: TokenStream) -> TokenStream {
    let bound = parse_macro_input!(input as bound::Bound);
    bound.expand().unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Reads a struct from a row, each field from the column of its name. `#[column(json)]` parses a column of JSON as text.
#[proc_macro_derive(FromRow, attributes(column))]
pub fn from_row(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    from_row::derive(&input).unwrap_or_else(syn::Error::into_compile_error).into()
}
