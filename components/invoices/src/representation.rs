//! The representations of an invoice and of a credit note, of which a client chooses one by `Accept` and, where it is for
//! people, its language by `Accept-Language`.

use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use waybill_documents::{Document, Language, Settlement, page};
use waybill_service::respond::{self, Response};
use waybill_service::sql::log;
use waybill_service::{Problem, accept};

#[cfg(not(target_family = "wasm"))]
pub mod described;
mod electronic;

const JSON: &str = "application/json";
const HTML: &str = "text/html";
const PDF: &str = "application/pdf";

/// The media types on offer; JSON if the client has no preference.
const OFFERS: [&str; 4] = [JSON, HTML, PDF, electronic::XML];

/// The media types on offer for a document that cannot be the electronic invoice asked for.
const OFFERS_WITHOUT_XML: [&str; 3] = [JSON, HTML, PDF];

/// The representation that a client prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    media_type: &'static str,
    language: Language,
}

impl Wanted {
    /// Reads the headers; 406 where none of the representations is accepted.
    ///
    /// No language is refused: a page in English is more useful than a 406.
    pub fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let media_type = accept::preferred(headers, &OFFERS).ok_or_else(|| {
            let offers = "application/json, text/html, application/pdf or application/xml (UBL or CII)";
            not_acceptable(&format!("This is available as {offers}; the Accept header allows none of them."))
        })?;
        let language = Language::of(accept::preferred_language(headers, &Language::TAGS));
        Ok(Self { media_type, language })
    }

    /// Represents what was found: `value` as JSON, and otherwise the document, which is only made then.
    pub fn represent(
        self,
        headers: &HeaderMap,
        value: &impl Serialize,
        document: impl FnOnce() -> Option<(Document, Settlement)>,
    ) -> Result<Response, Problem> {
        if self.media_type == JSON {
            return Ok(respond::json(StatusCode::OK, value));
        }
        let (document, settlement) = document().ok_or_else(|| {
            log(&"a row has an invalid date");
            Problem::internal()
        })?;
        match self.media_type {
            HTML => Ok(self.in_language(respond::page(page::render(&document, &settlement, self.language)))),
            PDF => self.as_pdf(&document),
            _ => match electronic::render(headers, &document) {
                Ok(xml) => Ok(file(electronic::XML, "xml", &document, xml)),
                Err(reason) => self.otherwise(headers, value, (document, settlement), &reason),
            },
        }
    }

    fn as_pdf(self, document: &Document) -> Result<Response, Problem> {
        let pdf = electronic::pdf(document, self.language).map_err(|error| {
            log(&error);
            Problem::internal()
        })?;
        Ok(self.in_language(file(PDF, "pdf", document, pdf)))
    }

    /// The representation that the client prefers after XML, which this document cannot be.
    fn otherwise(
        self,
        headers: &HeaderMap,
        value: &impl Serialize,
        document: (Document, Settlement),
        reason: &str,
    ) -> Result<Response, Problem> {
        let media_type = accept::preferred(headers, &OFFERS_WITHOUT_XML).ok_or_else(|| {
            // By the profile that has the fewest rules, if at all.
            let offers = if electronic::is_possible(&document.0) {
                "application/json, text/html, application/pdf or application/xml;profile=en16931 (UBL)"
            } else {
                "application/json, text/html or application/pdf"
            };
            not_acceptable(&format!("{reason}; it is available as {offers}."))
        })?;
        Self { media_type, ..self }.represent(headers, value, || Some(document))
    }

    fn in_language(self, mut response: Response) -> Response {
        let tag = HeaderValue::from_static(self.language.tag());
        response.headers_mut().insert(header::CONTENT_LANGUAGE, tag);
        response
    }
}

/// Sets `Vary` on answers and refusals, so that caches know what they depend on.
pub fn varying(answer: Result<Response, Problem>) -> Response {
    let mut response = answer.unwrap_or_else(Problem::into_response);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept, Accept-Language"));
    response
}

/// A file that the client shows if it can; a saved copy is named after the document.
fn file(media_type: &'static str, extension: &str, document: &Document, bytes: Vec<u8>) -> Response {
    let mut response = respond::with_body(StatusCode::OK, media_type, bytes);
    let is_plain = |character: &char| character.is_ascii_alphanumeric() || "-_.".contains(*character);
    let name: String = document.number.chars().filter(is_plain).collect();
    let disposition = format!("inline; filename=\"{name}.{extension}\"");
    let headers = response.headers_mut();
    if let Ok(disposition) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn not_acceptable(detail: &str) -> Problem {
    Problem::new(StatusCode::NOT_ACCEPTABLE, detail.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invoice::Invoice;

    fn answer(invoice: &Invoice, accept: &'static str, languages: &'static str) -> Response {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(languages));
        varying(
            Wanted::read(&headers)
                .and_then(|wanted| wanted.represent(&headers, invoice, || invoice.document())),
        )
    }

    #[test]
    fn each_representation_says_what_it_is() {
        for (accept, kind, language, disposition) in [
            ("*/*", "application/json", None, None),
            ("text/html", "text/html; charset=utf-8", Some("de"), None),
            ("application/pdf", "application/pdf", Some("de"), Some("inline; filename=\"2026-000001.pdf\"")),
            ("application/xml", "application/xml", None, Some("inline; filename=\"2026-000001.xml\"")),
        ] {
            let response = answer(&Invoice::example(), accept, "nl, de-AT;q=0.9, en;q=0.1");
            let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(response.status(), 200, "{accept}");
            assert_eq!(header("content-type"), Some(kind));
            assert_eq!(header("content-language"), language, "{accept}");
            assert_eq!(header("content-disposition"), disposition, "{accept}");
            assert_eq!(header("vary"), Some("Accept, Accept-Language"));
        }
    }

    #[test]
    fn a_client_that_accepts_no_representation_gets_a_406() {
        let response = answer(&Invoice::example(), "image/png", "en");
        assert_eq!(response.status(), 406);
        assert_eq!(response.headers()["vary"], "Accept, Accept-Language");
    }

    #[test]
    fn the_page_may_load_nothing() {
        let response = answer(&Invoice::example(), "text/html", "en");
        let policy = response.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"));
    }

    #[test]
    fn an_impossible_electronic_invoice_names_the_other_representations() {
        let invoice = Invoice { currency: "KWD".into(), ..Invoice::over(1) };
        assert_eq!(answer(&invoice, "application/xml", "en").status(), 406);
        let response = answer(&invoice, "application/xml, application/pdf;q=0.5", "fr");
        assert_eq!(response.headers()["content-type"], "application/pdf");
        let in_full = Invoice { currency: "KWD".into(), ..Invoice::over(10) };
        assert_eq!(answer(&in_full, "application/xml", "en").status(), 200);
    }

    #[test]
    fn a_number_with_a_strange_prefix_makes_a_plain_file_name() {
        let invoice = Invoice { number: "R\"/\r\n€ 1".into(), ..Invoice::example() };
        let response = answer(&invoice, "application/pdf", "en");
        assert_eq!(response.headers()["content-disposition"], "inline; filename=\"R1.pdf\"");
    }
}
