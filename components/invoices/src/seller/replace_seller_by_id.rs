//! `PUT /sellers/{id}`

use waybill_documents::Seller;
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::rules::parties::SELLER_ID;
use waybill_service::{FieldError, Problem, endpoint};

use super::new_seller::NewSeller;
use super::replace_seller::replace;

/// Sets a seller, whom the invoices of orders with its `sellerId` are issued by from now on. Issued invoices keep theirs. One who is new has
/// series of its own, which are set at `/sellers/{id}/series`.
#[endpoint(PUT "/sellers/{id}", scope = SellerWrite, text(id), success(200, "The seller as it is now.", Seller))]
pub fn replace_seller_by_id(request: Request<NewSeller>) -> Result<Response, Problem> {
    let id = (SELLER_ID.read)(&request.segment(1)?).ok_or_else(|| {
        Problem::invalid_fields(vec![FieldError { field: "id".into(), rule: SELLER_ID.rule.into() }])
    })?;
    replace(&id, request)
}
