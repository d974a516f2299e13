//! Electronic invoices: which syntax and which rules a client asks for, by parameters of `application/xml`.

use std::path::Path;

use http::HeaderMap;
use waybill_documents::pdf::{self, Attachment, Fonts, Unwritten};
use waybill_documents::{Document, Language, Profile, cii, ubl};
use waybill_service::accept::{self, Parameters};

pub const XML: &str = "application/xml";

/// Where a host puts the operator's fonts.
const FONTS: &str = "/fonts";

/// What a client asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Format {
    is_cii: bool,
    /// If missing, the customer's; and without that, the strictest profile that the document satisfies.
    profile: Option<Profile>,
}

/// The document in the first accepted format that it can be written in; otherwise why the preferred format is not possible.
pub fn render(headers: &HeaderMap, document: &Document) -> Result<Vec<u8>, String> {
    let mut refusal = None;
    for format in accepted(headers) {
        match format.and_then(|format| format.render(document)) {
            Ok(xml) => return Ok(xml),
            Err(reason) => refusal = refusal.or(Some(reason)),
        }
    }
    Err(refusal.unwrap_or_default())
}

/// Whether the document can be an electronic invoice at all.
pub fn is_possible(document: &Document) -> bool {
    ubl::render(document, Profile::En16931).is_ok()
}

/// The accepted formats, the preferred first. Each is tried once, however often a client names it.
fn accepted(headers: &HeaderMap) -> Vec<Result<Format, String>> {
    let mut formats = Vec::new();
    for format in accept::ranges_of(headers, XML).into_iter().map(Format::read) {
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    if formats.is_empty() {
        // A range such as `application/*` has no parameters of this media type.
        formats.push(Ok(Format::default()));
    }
    formats
}

/// The document as PDF, with an electronic invoice inside (Factur-X) where it can be one. A specimen is not an invoice.
pub fn pdf(document: &Document, language: Language) -> Result<Vec<u8>, Unwritten> {
    let fonts = Fonts::in_folder(Path::new(FONTS));
    match inside(document) {
        Some((xml, profile)) => {
            let attachment = Attachment { content: &xml, profile };
            pdf::render_with_attachment(document, language, &attachment, fonts)
        }
        None => pdf::render(document, language, fonts),
    }
}

/// The electronic invoice inside of the PDF. It is by XRechnung for a customer who asks for that, where the document satisfies it; of the
/// others Factur-X has no profile. Before edition 4 it was by EN 16931 alone for all.
fn inside(document: &Document) -> Option<(Vec<u8>, pdf::Profile)> {
    if document.seller.is_specimen {
        return None;
    }
    let of_customer = profile_of_customer(document).filter(|_| document.edition >= 4);
    if of_customer == Some(Profile::XRechnung)
        && let Ok(xml) = cii::render_attachment(document, Profile::XRechnung)
    {
        return Some((xml, pdf::Profile::XRechnung));
    }
    Some((cii::render_attachment(document, Profile::En16931).ok()?, pdf::Profile::En16931))
}

fn profile_of_customer(document: &Document) -> Option<Profile> {
    document.customer.invoice_profile.as_deref().and_then(Profile::named)
}

impl Format {
    fn read(parameters: Parameters) -> Result<Self, String> {
        let is_cii = match parameters.get("syntax") {
            None => false,
            Some(name) if name.eq_ignore_ascii_case("ubl") => false,
            Some(name) if name.eq_ignore_ascii_case("cii") => true,
            Some(_) => return Err("syntax is ubl or cii".to_owned()),
        };
        let named = |name| Profile::named(name).ok_or("profile is en16931, xrechnung or peppol");
        Ok(Self { is_cii, profile: parameters.get("profile").map(named).transpose()? })
    }

    fn render(self, document: &Document) -> Result<Vec<u8>, String> {
        // Peppol has no CII.
        let of_customer =
            profile_of_customer(document).filter(|profile| !(self.is_cii && *profile == Profile::Peppol));
        match (self.is_cii, self.profile.or(of_customer)) {
            (true, profile) => cii::render(document, profile.unwrap_or(Profile::En16931)),
            (false, Some(profile)) => ubl::render(document, profile),
            // EN 16931 may express what Peppol's rules cannot: its lists are longer.
            (false, None) => ubl::render(document, Profile::of(document))
                .or_else(|_| ubl::render(document, Profile::En16931)),
        }
        .map_err(|refusal| refusal.to_string())
    }
}

#[cfg(test)]
mod tests {
    use http::header::ACCEPT;

    use waybill_documents::example;

    use super::*;
    use crate::invoice::Invoice;

    fn answer(accept: &str) -> Result<String, String> {
        answer_of(&Invoice::example(), accept)
    }

    fn answer_of(invoice: &Invoice, accept: &str) -> Result<String, String> {
        let (document, _) = invoice.document().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        render(&headers, &document).map(|xml| String::from_utf8(xml).unwrap())
    }

    #[test]
    fn parameters_choose_the_syntax() {
        for accept in
            ["application/xml", "application/*", "*/*", "application/xml;syntax=ubl;profile=en16931"]
        {
            assert!(answer(accept).unwrap().contains("<Invoice "), "{accept}");
        }
        for accept in ["application/xml;syntax=cii", "application/xml; Syntax=\"CII\"; profile=\"en16931\""] {
            assert!(answer(accept).unwrap().contains("<rsm:CrossIndustryInvoice "), "{accept}");
        }
    }

    #[test]
    fn the_first_profile_that_is_possible_is_taken() {
        // The example has no contact and no telephone number.
        let refusal = answer("application/xml;profile=xrechnung").unwrap_err();
        assert!(refusal.contains("BR-DE-5"), "{refusal}");
        let xml = answer("application/xml;profile=en16931;q=0.5, application/xml;profile=xrechnung").unwrap();
        assert!(xml.contains(">urn:cen.eu:en16931:2017<"), "{xml}");
    }

    #[test]
    fn a_format_that_is_named_often_is_tried_once() {
        let accept =
            "application/xml;profile=peppol,application/xml;profile=x,application/xml;syntax=x,".repeat(500);
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        assert_eq!(accepted(&headers).len(), 3);
    }

    #[test]
    fn a_customer_s_profile_is_taken_where_a_client_asks_for_none() {
        let mut invoice = Invoice::example();
        invoice.customer.invoice_profile = Some("xrechnung".into());
        let refusal = answer_of(&invoice, XML).unwrap_err();
        assert!(refusal.contains("XRechnung requires"), "{refusal}");
        assert!(answer_of(&invoice, "application/xml;profile=en16931").is_ok());
        invoice.customer.invoice_profile = Some("peppol".into());
        assert!(answer_of(&invoice, XML).unwrap_err().contains("Peppol"));
        assert!(
            answer_of(&invoice, "application/xml;syntax=cii").unwrap().contains(">urn:cen.eu:en16931:2017<")
        );
    }

    #[test]
    fn a_pdf_has_an_electronic_invoice_inside_where_there_can_be_one() {
        let has_one = |invoice: &Invoice| {
            let (document, _) = invoice.document().unwrap();
            let pdf = pdf(&document, Language::De).unwrap();
            pdf.windows(12).any(|text| text == b"factur-x.xml")
        };
        let invoice = Invoice::example();
        assert!(has_one(&invoice));
        assert!(!has_one(&Invoice { currency: "STN".into(), ..Invoice::example() }));
        let (canadian, language) = (example::canadian_invoice(), Language::En);
        let pdf = pdf(&canadian, language).unwrap();
        assert!(pdf.starts_with(b"%PDF") && !pdf.windows(12).any(|text| text == b"factur-x.xml"));
        let mut specimen = Invoice::example();
        specimen.seller.is_specimen = true;
        assert!(!has_one(&specimen));
    }

    #[test]
    fn the_electronic_invoice_inside_of_a_pdf_is_by_xrechnung_for_a_customer_who_asks_for_it() {
        let mut document = example::full_invoice();
        let of = |document: &Document| {
            let (xml, profile) = inside(document).unwrap();
            let names = profile == pdf::Profile::XRechnung;
            let identifier = Profile::XRechnung.identifier();
            assert_eq!(String::from_utf8(xml).unwrap().contains(identifier), names);
            let pdf = super::pdf(document, Language::De).unwrap();
            assert_eq!(pdf.windows(13).any(|text| text == b"xrechnung.xml"), names);
            profile
        };
        for (asked, profile) in [
            (None, pdf::Profile::En16931),
            (Some("en16931"), pdf::Profile::En16931),
            (Some("peppol"), pdf::Profile::En16931),
            (Some("xrechnung"), pdf::Profile::XRechnung),
        ] {
            document.customer.invoice_profile = asked.map(str::to_owned);
            assert_eq!(of(&document), profile, "{asked:?}");
        }
        assert_eq!(of(&Document { edition: 3, ..document.clone() }), pdf::Profile::En16931);
        document.seller.phone = None;
        assert_eq!(of(&document), pdf::Profile::En16931, "it does not satisfy XRechnung");
    }

    #[test]
    fn an_unknown_parameter_s_value_is_refused() {
        assert_eq!(answer("application/xml;syntax=edifact").unwrap_err(), "syntax is ubl or cii");
        let refusal = answer("application/xml;profile=zugferd").unwrap_err();
        assert_eq!(refusal, "profile is en16931, xrechnung or peppol");
    }
}
