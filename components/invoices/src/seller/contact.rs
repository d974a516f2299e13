//! How a seller is reached.

use waybill_service::rules::{EMAIL, Text};
use waybill_service::text::LineOfText;

/// An e-mail address of a public domain, without a name beside it (rules BR-DE-28 and DE-R-028).
pub const PUBLIC_EMAIL: Text<String> =
    Text { read: |text| (EMAIL.read)(text).filter(|address| is_public(address)), ..EMAIL };

/// A telephone number, of at least three digits (rules BR-DE-27 and DE-R-027).
pub const PHONE: Text<String> = Text {
    rule: "must be a telephone number with at least 3 digits",
    read: |text| Some(text.to_owned()).filter(|text| LineOfText::CODE.allows(text) && has_digits(text)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema,
};

fn is_public(address: &str) -> bool {
    let is_domain = |domain: &str| domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    address.split_once('@').is_some_and(|(name, domain)| !name.contains([' ', '"']) && is_domain(domain))
}

fn has_digits(text: &str) -> bool {
    text.chars().filter(char::is_ascii_digit).count() >= 3
}
