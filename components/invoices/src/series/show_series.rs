//! `GET /series`

use http::StatusCode;
use waybill_contracts::DEFAULT_SELLER_ID;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::no_such;
use waybill_service::sql::{FromRow, Statement as _, statement};
use waybill_service::{Problem, endpoint};

use super::settings::SeriesSettings;

statement!(ShowSeries, "series/sql/show_series.sql", row: Current);

/// The one row of the statement.
#[derive(FromRow)]
pub struct Current {
    #[column(json)]
    settings: Option<SeriesSettings>,
}

/// Shows how the numbers and dates of invoices and credit notes of the default seller are formed from now on. What was issued keeps its
/// number and date.
#[endpoint(GET "/series", scope = SeriesRead, success(200, "The settings of the series.", SeriesSettings))]
pub fn show_series(_: Request) -> Result<Response, Problem> {
    Ok(respond::json(StatusCode::OK, &settings(DEFAULT_SELLER_ID)?))
}

/// The settings of a seller's series; 404 if there is no such seller.
pub fn settings(seller_id: &str) -> Result<SeriesSettings, Problem> {
    ShowSeries { seller_id }.query_one()?.settings.ok_or_else(|| no_such("seller", seller_id))
}
