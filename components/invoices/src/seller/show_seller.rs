//! `GET /seller`

use http::StatusCode;
use waybill_contracts::DEFAULT_SELLER_ID;
use waybill_documents::Seller;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::no_such;
use waybill_service::{Problem, endpoint};

use super::current_seller::CurrentSeller;

/// Shows the default seller, whom invoices are issued by from now on. Each invoice keeps the seller that it was issued by.
#[endpoint(GET "/seller", scope = SellerRead, success(200, "The seller.", Seller))]
pub fn show_seller(_: Request) -> Result<Response, Problem> {
    show(DEFAULT_SELLER_ID)
}

/// The seller of this identifier.
pub fn show(id: &str) -> Result<Response, Problem> {
    let current = CurrentSeller::read(id)?;
    let json = current.json().ok_or_else(|| no_such("seller", id))?;
    let seller: Seller = serde_json::from_str(json).map_err(|_| Problem::internal())?;
    Ok(respond::json(StatusCode::OK, &seller))
}
