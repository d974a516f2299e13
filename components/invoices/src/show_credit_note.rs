//! `GET /credit-notes/{id}`

use waybill_documents::Settlement;
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::routes::no_such;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, endpoint};

use crate::credit_note::CreditNote;
#[cfg(not(target_family = "wasm"))]
use crate::representation::described::{InLanguage, NotAcceptable, Pdf};
use crate::representation::{Wanted, varying};

statement!(ShowCreditNote, "sql/show_credit_note.sql", row: CreditNote);

/// Shows one credit note in the representation that the client prefers; JSON if it accepts anything.
#[endpoint(
    GET "/credit-notes/{id}",
    scope = InvoicesRead,
    params(InLanguage),
    responses(
        (
            status = 200,
            description = "The credit note; a page to print or a PDF, in the language of `Accept-Language`; or an electronic \
                invoice by EN 16931, as UBL 2.1 or as CII, by the rules of a profile.",
            content(
                (CreditNote = "application/json"), (String = "text/html"), (Pdf = "application/pdf"), (String = "application/xml")
            ),
            headers(("Content-Language" = String, description = "Of a page and of a PDF."))
        ),
        NotAcceptable,
    ),
)]
pub fn show_credit_note(request: Request) -> Response {
    varying(show(&request))
}

fn show(request: &Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    let wanted = Wanted::read(&request.headers)?;
    let note =
        ShowCreditNote { credit_note_id: id }.query_optional()?.ok_or_else(|| no_such("credit note", id))?;
    // A credit note has no later status.
    let document = || note.document().map(|document| (document, Settlement::default()));
    wanted.represent(&request.headers, &note, document)
}
