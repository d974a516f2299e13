//! `GET /sellers/{id}`

use waybill_documents::Seller;
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::{Problem, endpoint};

use super::seller_in_path;
use super::show_seller::show;

/// Shows a seller, whom invoices are issued by from now on. Each invoice keeps the seller that it was issued by.
#[endpoint(GET "/sellers/{id}", scope = SellerRead, text(id), success(200, "The seller.", Seller))]
pub fn show_seller_by_id(request: Request) -> Result<Response, Problem> {
    show(&seller_in_path(&request)?)
}
