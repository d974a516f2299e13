//! `GET /seller`

use http::StatusCode;
use waybill_documents::Seller;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::sql::{FromRow, Statement as _, statement};
use waybill_service::{Problem, endpoint};

statement!(ShowSeller, "seller/sql/show_seller.sql", row: Current);

/// The one row of the statement.
#[derive(FromRow)]
pub struct Current {
    #[column(json)]
    seller: Option<Seller>,
}

/// Shows the seller that invoices are issued by from now on. Each invoice keeps the seller that it was issued by.
#[endpoint(GET "/seller", scope = SellerRead, success(200, "The seller.", Seller))]
pub fn show_seller(_: Request) -> Result<Response, Problem> {
    let current = ShowSeller {}.query_one()?;
    current.seller.map(|seller| respond::json(StatusCode::OK, &seller)).ok_or_else(not_found)
}
