//! `GET /series`

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::{FromRow, Statement as _, statement};
use waybill_service::{Problem, endpoint};

use super::settings::SeriesSettings;

statement!(ShowSeries, "series/sql/show_series.sql", row: Current);

/// The one row of the statement.
#[derive(FromRow)]
pub struct Current {
    #[column(json)]
    pub settings: SeriesSettings,
}

/// Shows how the numbers and dates of invoices and credit notes are formed from now on. What was issued keeps its number and date.
#[endpoint(GET "/series", scope = SeriesRead, success(200, "The settings of the series.", SeriesSettings))]
pub fn show_series(_: Request) -> Result<Response, Problem> {
    Ok(respond::json(StatusCode::OK, &ShowSeries {}.query_one()?.settings))
}
