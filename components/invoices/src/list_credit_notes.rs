//! `GET /credit-notes?limit=&cursor=`

use http::StatusCode;
use waybill_service::page::{PageQuery, PageRequest};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, endpoint, page};

use crate::credit_note::CreditNote;

statement!(ListCreditNotes, "sql/list_credit_notes.sql", row: CreditNote);

page!(CreditNotesPage, "A page of credit notes, newest first.", credit_notes: CreditNote);

/// Lists credit notes, newest first.
#[endpoint(
    GET "/credit-notes",
    scope = InvoicesRead,
    success(200, "A page of credit notes.", CreditNotesPage),
)]
pub fn list_credit_notes(request: Request<PageQuery>) -> Result<Response, Problem> {
    let page = PageRequest::from(request.parameters()?);

    let mut credit_notes = ListCreditNotes { below: page.below(), limit: page.limit() }.query()?;
    let next_cursor = page.cut(&mut credit_notes, |note| &note.id);
    Ok(respond::json(StatusCode::OK, &CreditNotesPage { credit_notes, next_cursor }))
}
