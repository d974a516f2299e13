//! `PUT /sellers/{id}/series`

use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::{Problem, endpoint};

use super::replace_series::{NewSeries, replace};
use super::settings::SeriesSettings;
use crate::seller::seller_in_path;

/// Sets how the numbers and dates of a seller's invoices and credit notes are formed from now on. What was issued keeps its number and
/// date. Two sellers may print the same number.
#[endpoint(
    PUT "/sellers/{id}/series",
    scope = SeriesWrite,
    text(id),
    success(200, "The settings of the series as they are now.", SeriesSettings),
)]
pub fn replace_series_of_seller(request: Request<NewSeries>) -> Result<Response, Problem> {
    replace(&seller_in_path(&request)?, request)
}
