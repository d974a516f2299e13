//! `GET /customers?limit=&cursor=`

use http::StatusCode;
use waybill_service::page::{LIMIT, PageRequest};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::rules::Text;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::text::LineOfText;
use waybill_service::{Fields, Problem, endpoint, page};

use crate::customer::Customer;

statement!(ListCustomers, "sql/list_customers.sql", row: Customer);

/// Sorts after every identifier: it is Unicode's last character, which no text has.
const ABOVE_ALL: &str = "\u{10ffff}";

/// Which page.
#[derive(Fields)]
pub struct CustomersQuery {
    /// How many there are on a page, 20 if not given.
    #[rule(LIMIT)]
    limit: Option<u8>,
    /// The `nextCursor` of an earlier page.
    #[rule(CURSOR)]
    cursor: Option<String>,
}

const CURSOR: Text<String> = Text {
    rule: "must be the nextCursor of an earlier page",
    read: |text| Some(text).filter(|text| LineOfText::LONG.allows(text)).map(str::to_owned),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.min_length(Some(1)).max_length(Some(255)),
};

page!(CustomersPage, "A page of customers, newest first.", customers: Customer);

/// Lists customers, newest first.
#[endpoint(
    GET "/customers",
    scope = CustomersRead,
    success(200, "A page of customers.", CustomersPage),
)]
pub fn list_customers(request: Request<CustomersQuery>) -> Result<Response, Problem> {
    let CustomersQuery { limit, cursor } = request.parameters()?;
    let page = PageRequest::new(limit, None);

    let below = cursor.as_deref().unwrap_or(ABOVE_ALL);
    let mut customers = ListCustomers { below, limit: page.limit() }.query()?;
    let next_cursor = page.cut(&mut customers, |customer| &customer.id);
    Ok(respond::json(StatusCode::OK, &CustomersPage { customers, next_cursor }))
}
