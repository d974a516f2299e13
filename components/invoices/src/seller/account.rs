//! The account that customers pay to.

use iban::IbanLike as _;
use waybill_service::rules::Text;

/// An IBAN (ISO 13616) of a country's own shape with right check digits; it is kept in capitals and without white space.
pub const IBAN: Text<String> = Text {
    rule: "must be an IBAN with right check digits, such as \"DE02 1203 0000 0000 2020 51\"",
    read: read_iban,
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema,
};

fn read_iban(text: &str) -> Option<String> {
    let electronic: String =
        text.chars().filter(|char| !char.is_whitespace()).map(|char| char.to_ascii_uppercase()).collect();
    Some(electronic.parse::<iban::Iban>().ok()?.electronic_str().to_owned())
}

/// A BIC (ISO 9362): bank, country, place, and perhaps branch.
pub const BIC: Text<String> = Text {
    rule: "must be a BIC of 8 or 11 letters and digits in upper case, such as \"BYLADEM1001\"",
    read: |text| Some(text.to_owned()).filter(|text| is_bic(text)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some("^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$")),
};

fn is_bic(text: &str) -> bool {
    let is_code = text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_code && matches!(text.len(), 8 | 11) && waybill_contracts::is_country(&text[4..6])
}

#[cfg(test)]
mod tests {
    use waybill_service::fields::{Check as _, Given};

    use super::*;

    fn read(check: &Text<String>, text: &str) -> Option<String> {
        check.check(Given::Parameter(text)).ok()
    }

    #[test]
    fn an_iban_has_the_length_of_its_country_and_right_check_digits() {
        for text in [
            "DE02120300000000202051",
            "DE02 1203 0000 0000 2020 51",
            "de02 1203\u{a0}0000 00002020 51",
            "DE02\u{202f}1203 0000 0000 2020 51 ",
        ] {
            assert_eq!(read(&IBAN, text).as_deref(), Some("DE02120300000000202051"), "{text}");
        }
        for text in ["DE02120300000000202052", "DE0212030000000020205", "XX02120300000000202051", "", "DE02"]
        {
            assert_eq!(read(&IBAN, text), None, "{text}");
        }
    }

    #[test]
    fn a_bic_names_a_country() {
        for text in ["BYLADEM1001", "DEUTDEFF", "UBSWCHZH80A"] {
            assert!(read(&BIC, text).is_some(), "{text}");
        }
        for text in ["BYLAXXM1001", "BYLADEM100", "byladem1001", "", "BANKÖÖFF"] {
            assert!(read(&BIC, text).is_none(), "{text}");
        }
    }
}
