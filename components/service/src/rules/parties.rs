//! The rules of what identifies a seller or buyer ([`waybill_parties`]).

use serde::{Deserialize, Serialize};
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::Schema;
use waybill_contracts::{INVOICE_PROFILES, is_seller_id};
use waybill_parties::{identifier, postal_code, scheme, vat_id};

use super::{Integer, Text};
use crate::Fields;
use crate::faults::Faults;
use crate::fields::{Check, Given};
use crate::text::LineOfText;

/// A VAT identifier with the prefix of its country (rule BR-CO-09 of EN 16931), in the shape that this country gives and with its check
/// digits. It is kept in capitals and without separators.
pub const VAT_ID: Text<String> = Text {
    rule: "must be a VAT identifier with the prefix of its country and right check digits, such as \"DE136695976\"",
    read: vat_id::read,
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| {
        schema.pattern(Some(r"^[-.\s]*[A-Za-z][-.\s]*[A-Za-z]([-.\s]*[0-9A-Za-z+*]){2,20}[-.\s]*$"))
    },
};

/// The scheme of an electronic address.
pub const EAS: Text<String> = Text {
    rule: "must be a code of the list of electronic address schemes (EAS), such as \"0088\" or \"0204\"",
    read: |code| Some(code.to_owned()).filter(|code| scheme::is_eas(code)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.enum_values(Some(scheme::eas())),
};

/// The scheme of a registration.
pub const ICD: Text<String> = Text {
    rule: "must be an ISO 6523 code (ICD) of four digits, such as \"0002\"",
    read: |code| Some(code.to_owned()).filter(|code| scheme::is_icd(code)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some("^0[0-2][0-9]{2}$")),
};

/// The profile by which a customer wants electronic invoices.
pub const INVOICE_PROFILE: Text<String> = Text {
    rule: "must be \"en16931\", \"xrechnung\" or \"peppol\"",
    read: |name| Some(name.to_owned()).filter(|name| INVOICE_PROFILES.contains(&name.as_str())),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.enum_values(Some(INVOICE_PROFILES)),
};

/// The identifier of a seller, which its operator chooses.
pub const SELLER_ID: Text<String> = Text {
    rule: "must be the identifier of a seller, 1 to 40 letters a to z, digits and hyphens, such as \"default\"",
    read: |id| Some(id.to_owned()).filter(|id| is_seller_id(id)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some("^[a-z0-9-]{1,40}$")),
};

/// How many days a customer may have to pay; a hundred years are as good as never.
pub const PAYMENT_DAYS: Integer<i32> = Integer::new(0, 36_500);

/// The terms of payment of a customer, in words.
pub struct PaymentTerms;

impl PaymentTerms {
    /// Discounts are said apart, so no line is like one that a program reads (XRechnung's `#SKONTO#…`).
    pub const RULE: &str = "must have no line that begins with #: discounts are cashDiscounts";
}

impl Check for PaymentTerms {
    type Value = String;

    fn check(&self, given: Given<'_>) -> Result<String, Faults> {
        let text = LineOfText::NOTE.check(given)?;
        let has_hash = text.lines().any(|line| line.trim_start().starts_with('#'));
        if has_hash { Err(Self::RULE.into()) } else { Ok(text) }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        LineOfText::NOTE.schema()
    }
}

/// An address for electronic documents.
#[derive(Clone, Debug, PartialEq, Eq, Fields, Serialize, Deserialize)]
#[fields(check = of_its_scheme(scheme, id))]
pub struct ElectronicAddress {
    /// What the identifier is: a code of the EAS list, such as `0088` for a GLN or `0204` for a Leitweg-ID.
    #[rule(EAS, example = "0088")]
    pub scheme: String,
    /// The identifier.
    #[rule(LineOfText::LONG)]
    pub id: String,
}

/// The rule of an identifier whose scheme has rules ([`identifier::is_valid`]).
pub const IDENTIFIER_RULE: &str = "must have the form and the check digits of its scheme";

fn of_its_scheme(scheme: Option<&String>, id: Option<&String>, faults: &mut Faults) {
    if let (Some(scheme), Some(id)) = (scheme, id)
        && !identifier::is_valid(scheme, id)
    {
        faults.add("id", IDENTIFIER_RULE);
    }
}

/// An address has a postal code where its country has them.
pub fn has_postal_code(country: Option<&String>, zip_code: Option<&Option<String>>, faults: &mut Faults) {
    if let (Some(country), Some(None)) = (country, zip_code)
        && postal_code::is_required_in(country)
    {
        faults.add("zipCode", postal_code::RULE);
    }
}

/// A register needs a number, which has its form and check digits.
pub fn is_registered(
    company_id: Option<&Option<String>>,
    company_id_scheme: Option<&Option<String>>,
    faults: &mut Faults,
) {
    let rule = "is required where there is a companyIdScheme";
    if let Some(rule) = fault_of(company_id, company_id_scheme, rule) {
        faults.add("companyId", rule);
    }
}

/// The scheme of a place needs an identifier, which has its form and check digits.
pub fn is_located(
    location_id: Option<&Option<String>>,
    location_id_scheme: Option<&Option<String>>,
    faults: &mut Faults,
) {
    let rule = "is required where there is a locationIdScheme";
    if let Some(rule) = fault_of(location_id, location_id_scheme, rule) {
        faults.add("locationId", rule);
    }
}

/// The rule that an identifier breaks by its scheme. Members that are at fault themselves are missing.
fn fault_of(
    id: Option<&Option<String>>,
    scheme: Option<&Option<String>>,
    required: &'static str,
) -> Option<&'static str> {
    let scheme = scheme?.as_ref()?;
    match id? {
        None => Some(required),
        Some(id) => (!identifier::is_valid(scheme, id)).then_some(IDENTIFIER_RULE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fields::from_json;

    #[test]
    fn the_description_of_a_vat_identifier_allows_what_is_taken() {
        let schema = serde_json::to_value(VAT_ID.schema()).unwrap();
        let pattern = regex::Regex::new(schema["pattern"].as_str().unwrap()).unwrap();
        for text in [
            "DE136695976",
            "de136695976",
            " DE 136.695-976",
            "CHE-116.281.710 mwst",
            "ie1234567fa",
            "D\u{a0}E136695976",
            "CN91310000MA1FL6GG5K",
            "SA-300000000000003",
        ] {
            assert!((VAT_ID.read)(text).is_some() && pattern.is_match(text), "{text}");
        }
        for text in ["", "DE", "136695976", "DE136695976/1", "CN91310000MA1FL6GG5K123"] {
            assert!((VAT_ID.read)(text).is_none() && !pattern.is_match(text), "{text}");
        }
    }

    #[test]
    fn a_seller_has_a_short_identifier_without_a_slash() {
        for (id, is_one) in [
            ("default", true),
            ("a-1", true),
            ("", false),
            ("A", false),
            ("a/b", false),
            ("ä", false),
            (&"a".repeat(40), true),
            (&"a".repeat(41), false),
        ] {
            assert_eq!((SELLER_ID.read)(id).is_some(), is_one, "{id}");
        }
    }

    #[test]
    fn an_electronic_address_names_its_scheme() {
        let read = |body: &str| from_json::<ElectronicAddress>(body.as_bytes());
        assert_eq!(read(r#"{"scheme":"0088","id":"4012345678901"}"#).unwrap().scheme, "0088");
        for body in [
            r#"{"scheme":"GLN","id":"1"}"#,
            r#"{"scheme":"0088"}"#,
            r#"{"scheme":"0088","id":" "}"#,
            r#"{"scheme":"0088","id":"4012345678900"}"#,
        ] {
            assert!(read(body).is_err(), "{body}");
        }
    }
}
