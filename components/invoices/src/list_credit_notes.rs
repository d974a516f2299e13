//! `GET /credit-notes?limit=&cursor=`

use http::StatusCode;
use serde::Serialize;
use waybill_service::Problem;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfQuery};
use waybill_service::page::{NextCursor, PageRequest};
use waybill_service::query::parameters;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::Statement as _;

use crate::credit_note::CreditNote;
use crate::sql::ListCreditNotes;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    credit_notes: Vec<CreditNote>,
    next_cursor: NextCursor,
}

/// Lists credit notes, newest first.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/credit-notes", tag = "credit notes",
    params(waybill_service::openapi::PageQuery),
    responses(
        (status = 200, description = "A page of credit notes.", body = crate::openapi::CreditNotesPage), OfQuery, Anytime
    )
))]
pub fn list_credit_notes(request: Request) -> Result<Response, Problem> {
    let ([limit, cursor], mut faults) = parameters(request.query(), &["limit", "cursor"]);
    let page = PageRequest::read(limit.as_deref(), cursor.as_deref(), &mut faults);
    faults.refuse_any()?;

    let mut credit_notes = ListCreditNotes { below: page.below(), limit: page.limit() }.query()?;
    let next_cursor = page.cut(&mut credit_notes, |note| &note.id);
    Ok(respond::json(StatusCode::OK, &Page { credit_notes, next_cursor }))
}
