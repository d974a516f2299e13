//! `GET /credit-notes?limit=&cursor=&sellerId=`

use http::StatusCode;
use uuid::Uuid;
use waybill_service::page::{CURSOR, LIMIT, PageRequest};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::rules::parties::SELLER_ID;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Fields, Problem, endpoint, page};

use crate::credit_note::CreditNote;

statement!(ListCreditNotes, "sql/list_credit_notes.sql", row: CreditNote);

/// Which credit notes.
#[derive(Fields)]
pub struct CreditNotesQuery {
    /// How many there are on a page, 20 if not given.
    #[rule(LIMIT)]
    limit: Option<u8>,
    /// The `nextCursor` of an earlier page.
    #[rule(CURSOR)]
    cursor: Option<Uuid>,
    /// Only those of this seller.
    #[rule(SELLER_ID)]
    seller_id: Option<String>,
}

page!(CreditNotesPage, "A page of credit notes, newest first.", credit_notes: CreditNote);

/// Lists credit notes, newest first; with `sellerId`, those of that seller.
#[endpoint(
    GET "/credit-notes",
    scope = InvoicesRead,
    success(200, "A page of credit notes.", CreditNotesPage),
)]
pub fn list_credit_notes(request: Request<CreditNotesQuery>) -> Result<Response, Problem> {
    let CreditNotesQuery { limit, cursor, seller_id } = request.parameters()?;
    let page = PageRequest::new(limit, cursor);

    let selected =
        ListCreditNotes { below: page.below(), seller_id: seller_id.as_deref(), limit: page.limit() };
    let mut credit_notes = selected.query()?;
    let next_cursor = page.cut(&mut credit_notes, |note| &note.id);
    Ok(respond::json(StatusCode::OK, &CreditNotesPage { credit_notes, next_cursor }))
}
