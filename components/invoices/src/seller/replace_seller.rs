//! `PUT /seller`

use http::StatusCode;
use waybill_contracts::DEFAULT_SELLER_ID;
use waybill_documents::Seller;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, body, endpoint};

use super::new_seller::NewSeller;

statement!(ReplaceSeller, "seller/sql/replace_seller.sql");

/// Sets the default seller, whom invoices are issued by from now on. Issued invoices keep theirs.
#[endpoint(PUT "/seller", scope = SellerWrite, success(200, "The seller as it is now.", Seller))]
pub fn replace_seller(request: Request<NewSeller>) -> Result<Response, Problem> {
    replace(DEFAULT_SELLER_ID, request)
}

/// Sets the seller of this identifier.
pub fn replace(id: &str, request: Request<NewSeller>) -> Result<Response, Problem> {
    let (_, body) = body::json(request)?;
    let seller = Seller::from(body.read()?);
    let text = serde_json::to_string(&seller).map_err(|_| Problem::internal())?;
    ReplaceSeller { seller_id: id, seller: &text }.query_one()?;
    Ok(respond::json(StatusCode::OK, &seller))
}
