//! The service's OpenAPI document, made of the attributes of its operations and of what they read and write.

#![allow(dead_code, reason = "these types are described, and never made")]

use serde::Deserialize;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::{IntoParams, OpenApi, ToSchema};
use waybill_contracts::{DEFAULT_CUSTOMER_ID, countries, currencies};
use waybill_service::text::LineOfText;

use crate::customer::Customer;
use crate::order::Order;
use crate::{
    change_customer, change_order, create_customer, create_order, list_customers, list_orders, show_customer,
    show_order,
};

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Waybill: orders",
        version = "1.0.0",
        description = "Takes orders and customers. An order that is answered 201 is kept, and becomes exactly one invoice.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        create_order::create_order,
        list_orders::list_orders,
        show_order::show_order,
        change_order::pay_order,
        change_order::cancel_order,
        create_customer::create_customer,
        list_customers::list_customers,
        show_customer::show_customer,
        change_customer::change_customer
    ),
    components(schemas(waybill_service::openapi::Problem, waybill_service::openapi::FieldError))
)]
pub struct Document;

/// What a client orders: an amount, or lines, or both where they agree.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOrder {
    /// Minor units of the currency, such as cents. Needed where there are no lines.
    #[schema(
        minimum = 1,
        maximum = 9_007_199_254_740_991_i64,
        required = false,
        nullable = false,
        example = 5000
    )]
    amount: i64,
    #[schema(required = false, schema_with = customer_id)]
    customer_id: String,
    /// ISO 4217.
    #[schema(required = false, schema_with = currency)]
    currency: String,
    /// What is ordered. Their sum with tax is the amount.
    #[schema(required = false, min_items = 1, max_items = 200)]
    lines: Vec<NewOrderLine>,
}

/// A line of an order that is taken in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewOrderLine {
    #[schema(schema_with = sku)]
    sku: String,
    #[schema(schema_with = description)]
    description: String,
    /// Pieces.
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    quantity: i64,
    /// Minor units of the order's currency for one piece, without tax.
    #[schema(minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    unit_price: i64,
    /// Basis points: 1900 is 19 %.
    #[schema(minimum = 0, maximum = 10_000)]
    tax_rate_basis_points: i32,
}

fn customer_id() -> Object {
    let default = Some(DEFAULT_CUSTOMER_ID.into());
    LineOfText::LONG.schema().description(Some("Who orders.")).default(default).build()
}

fn sku() -> Object {
    LineOfText::CODE.schema().description(Some("The seller's identifier of what is sold.")).build()
}

fn description() -> Object {
    LineOfText::LONG.schema().description(Some("What is sold, in words.")).build()
}

fn name() -> Object {
    LineOfText::LONG.schema().description(Some("The name of a person or a company.")).build()
}

fn address() -> Object {
    LineOfText::LONG.schema().description(Some("Street and number.")).build()
}

fn state() -> Object {
    LineOfText::LONG.schema().description(Some("City, state or region.")).build()
}

fn zip_code() -> Object {
    LineOfText::SHORT.schema().description(Some("The postal code.")).build()
}

fn identifier() -> Object {
    LineOfText::LONG.schema().build()
}

fn currency() -> Object {
    let described = ObjectBuilder::new().schema_type(Type::String).description(Some("ISO 4217."));
    described.enum_values(Some(currencies())).default(Some("EUR".into())).build()
}

fn country() -> Object {
    let described = ObjectBuilder::new().schema_type(Type::String);
    described.description(Some("ISO 3166-1, two letters.")).enum_values(Some(countries())).build()
}

/// A customer that is taken in.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewCustomer {
    #[schema(schema_with = name)]
    name: String,
    /// The e-mail address, which no other customer has.
    #[schema(format = Email)]
    email: String,
    #[schema(schema_with = address)]
    address: String,
    #[schema(schema_with = state)]
    state: String,
    #[schema(schema_with = zip_code)]
    zip_code: String,
    /// ISO 3166-1, two letters.
    #[schema(schema_with = country)]
    country: String,
    /// Where it is known.
    #[schema(required = false, format = Date)]
    date_of_birth: String,
}

/// What changes of a customer; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomerChange {
    #[schema(required = false, schema_with = name)]
    name: String,
    /// The e-mail address, which no other customer has.
    #[schema(required = false, format = Email)]
    email: String,
    #[schema(required = false, schema_with = address)]
    address: String,
    #[schema(required = false, schema_with = state)]
    state: String,
    #[schema(required = false, schema_with = zip_code)]
    zip_code: String,
    /// ISO 3166-1, two letters.
    #[schema(required = false, schema_with = country)]
    country: String,
    /// `null` takes it away.
    #[schema(format = Date, min_length = 10)]
    date_of_birth: Option<String>,
}

/// A page of orders, newest first.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct OrdersPage {
    /// The orders.
    orders: Vec<Order>,
    /// The `cursor` of the next page, if there is one.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// A page of customers, newest first.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CustomersPage {
    /// The customers.
    customers: Vec<Customer>,
    /// The `cursor` of the next page, if there is one.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// Which page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct CustomersQuery {
    /// How many there are on a page, 20 unless told otherwise.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i32>,
    /// The `nextCursor` of an earlier page.
    #[param(schema_with = identifier)]
    cursor: Option<String>,
}

/// Which orders.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct OrdersQuery {
    /// Only those of this customer.
    #[param(schema_with = identifier)]
    customer_id: Option<String>,
    /// Only those in this state.
    #[param(pattern = "^(pending|paid|canceled)$")]
    status: Option<String>,
    /// Only those that were taken at this time or later.
    #[param(format = DateTime)]
    created_from: Option<String>,
    /// Only those that were taken before this time.
    #[param(format = DateTime)]
    created_to: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_openapi_document_and_the_reference_page_say_what_the_code_says() {
        waybill_service::openapi::assert_is_written("orders", &Document::openapi());
    }
}
