//! `GET /sellers/{id}/series`

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::{Problem, endpoint};

use super::settings::SeriesSettings;
use super::show_series::settings;
use crate::seller::seller_in_path;

/// Shows how the numbers and dates of a seller's invoices and credit notes are formed from now on. What was issued keeps its number and
/// date.
#[endpoint(
    GET "/sellers/{id}/series",
    scope = SeriesRead,
    text(id),
    success(200, "The settings of the series.", SeriesSettings),
)]
pub fn show_series_of_seller(request: Request) -> Result<Response, Problem> {
    Ok(respond::json(StatusCode::OK, &settings(&seller_in_path(&request)?)?))
}
