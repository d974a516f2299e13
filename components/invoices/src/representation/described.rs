//! What the OpenAPI document says of the representations.

#![allow(dead_code, reason = "these types are described, and never made")]

use utoipa::{IntoParams, IntoResponses, ToSchema};
use waybill_service::openapi::Problem;

/// The bytes of a PDF.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Pdf(Vec<u8>);

/// In which form and language.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct InLanguage {
    /// The representation. `application/xml` has two parameters: `syntax` (`ubl`, or `cii` for UN/CEFACT Cross Industry
    /// Invoice) and `profile` (`en16931`, `xrechnung` or `peppol`). Without a profile it is the customer's
    /// `invoiceProfile`, if that syntax has it. A customer without one gets Peppol's where the document satisfies it, and otherwise EN 16931
    /// alone; CII is EN 16931 then. Several may be named, with weights. The PDF has the CII inside: by XRechnung (`xrechnung.xml`) where
    /// the customer's `invoiceProfile` is that and the document satisfies it, and otherwise by EN 16931 (`factur-x.xml`).
    #[param(rename = "Accept", example = "application/xml;profile=xrechnung")]
    accept: Option<String>,
    /// The languages of the reader (RFC 9110, section 12.5.4), for pages and PDFs. There are `de`, `en`, `es`, `fr` and `pt`;
    /// The default is English.
    #[param(rename = "Accept-Language", example = "de-AT, en;q=0.5")]
    accept_language: Option<String>,
}

/// What a request for a representation may be answered with.
#[derive(IntoResponses)]
pub enum NotAcceptable<'a> {
    /// The Accept header allows none of the representations, or only an electronic invoice by rules that the document does not
    /// satisfy; the answer names what is missing.
    #[response(status = 406, content_type = "application/problem+json")]
    NotAcceptable(Problem<'a>),
}
