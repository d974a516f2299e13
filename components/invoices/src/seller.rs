//! The sellers that invoices are issued by from now on.

pub mod current_seller;
pub mod list_sellers;
pub mod new_seller;
pub mod replace_seller;
pub mod replace_seller_by_id;
pub mod show_seller;
pub mod show_seller_by_id;

mod contact;

use waybill_service::Problem;
use waybill_service::request::Request;
use waybill_service::routes::not_found;
use waybill_service::rules::parties::SELLER_ID;

/// The seller that the path names; 404 if none can have this identifier.
pub fn seller_in_path<T>(request: &Request<T>) -> Result<String, Problem> {
    (SELLER_ID.read)(&request.segment(1)?).ok_or_else(not_found)
}
