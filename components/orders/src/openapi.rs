//! The service's OpenAPI document, made of the attributes of its operations and of what they read and write.

#![allow(dead_code, reason = "these types are described, and never made")]

use utoipa::{IntoParams, OpenApi, ToSchema};

use crate::customer::Customer;
use crate::order::{Order, OrderLine};
use crate::{change_customer, change_order, create_customer, create_order, list_customers, list_orders};
use crate::{show_customer, show_order};

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
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
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
    /// Who orders.
    #[schema(required = false, min_length = 1, max_length = 255, default = "1651654165")]
    customer_id: String,
    /// ISO 4217.
    #[schema(required = false, pattern = "^[A-Z]{3}$", default = "EUR")]
    currency: String,
    /// What is ordered. Their sum with tax is the amount.
    #[schema(required = false, min_items = 1, max_items = 200)]
    lines: Vec<OrderLine>,
}

/// A customer that is taken in.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewCustomer {
    /// The name of a person or a company.
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// The e-mail address, which no other customer has.
    #[schema(format = Email)]
    email: String,
    /// Street and number.
    #[schema(min_length = 1, max_length = 255)]
    address: String,
    /// City, state or region.
    #[schema(min_length = 1, max_length = 255)]
    state: String,
    /// The postal code.
    #[schema(min_length = 1, max_length = 20)]
    zip_code: String,
    /// ISO 3166-1, two letters.
    #[schema(pattern = "^[A-Z]{2}$", example = "DE")]
    country: String,
    /// Where it is known.
    #[schema(required = false, format = Date)]
    date_of_birth: String,
}

/// What changes of a customer; what is not named stays.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CustomerChange {
    /// The name of a person or a company.
    #[schema(required = false, min_length = 1, max_length = 255)]
    name: String,
    /// The e-mail address, which no other customer has.
    #[schema(required = false, format = Email)]
    email: String,
    /// Street and number.
    #[schema(required = false, min_length = 1, max_length = 255)]
    address: String,
    /// City, state or region.
    #[schema(required = false, min_length = 1, max_length = 255)]
    state: String,
    /// The postal code.
    #[schema(required = false, min_length = 1, max_length = 20)]
    zip_code: String,
    /// ISO 3166-1, two letters.
    #[schema(required = false, pattern = "^[A-Z]{2}$", example = "DE")]
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
pub struct PageQuery {
    /// How many there are on a page, 20 unless told otherwise.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i32>,
    /// The `nextCursor` of an earlier page.
    #[param(min_length = 1, max_length = 255)]
    cursor: Option<String>,
}

/// Which orders, and which page of them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct OrdersQuery {
    /// How many there are on a page, 20 unless told otherwise.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i32>,
    /// The `nextCursor` of an earlier page.
    #[param(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    cursor: Option<String>,
    /// Only those of this customer.
    #[param(min_length = 1, max_length = 255)]
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

/// The header by which a request that is sent again is known.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct KeyHeader {
    /// A key of the client's making: the same request with the same key has its effect once, and gets the same answer.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[!#-\\[\\]-~]+$")]
    key: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_openapi_document_and_the_reference_page_say_what_the_code_says() {
        waybill_service::openapi::assert_is_written("orders", &Document::openapi());
    }
}
