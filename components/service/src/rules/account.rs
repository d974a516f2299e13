//! The rules of bank accounts and cards.

use iban::IbanLike as _;

use super::Text;
use crate::faults::Faults;

/// An IBAN (ISO 13616) of a country's own shape with right check digits; it is kept in capitals and without white space.
pub const IBAN: Text<String> = Text {
    rule: "must be an IBAN with right check digits, such as \"DE02 1203 0000 0000 2020 51\"",
    read: read_iban,
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema,
};

/// In capitals and without white space, as programs exchange it.
fn electronic(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).map(|char| char.to_ascii_uppercase()).collect()
}

fn read_iban(text: &str) -> Option<String> {
    Some(electronic(text).parse::<iban::Iban>().ok()?.electronic_str().to_owned())
}

/// The number of an account in a country without IBANs.
pub const ACCOUNT_NUMBER: Text<String> = Text {
    rule: "must be 1 to 34 letters and digits, with spaces, hyphens, points or slashes between them, and no IBAN",
    read: |text| is_bank_number(text).then(|| text.to_owned()).filter(|text| read_iban(text).is_none()),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some(BANK_NUMBER)),
};

/// The number of a bank in its country, such as an ABA routing number or a BSB.
pub const ROUTING_NUMBER: Text<String> = Text {
    rule: "must be 1 to 34 letters and digits, with spaces, hyphens, points or slashes between them",
    read: |text| is_bank_number(text).then(|| text.to_owned()),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some(BANK_NUMBER)),
};

#[cfg(not(target_family = "wasm"))]
const BANK_NUMBER: &str = "^[0-9A-Za-z]([-0-9A-Za-z ./]{0,32}[0-9A-Za-z])?$";

fn is_bank_number(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b" -./".contains(&byte);
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 34
        && bytes.iter().copied().all(is_allowed)
        && is_end(bytes.first())
        && is_end(bytes.last())
}

/// An account has an IBAN or a number of another kind, and the number of the bank belongs to the latter.
pub fn is_one_account(
    iban: Option<&Option<String>>,
    account_number: Option<&Option<String>>,
    routing_number: Option<&Option<String>>,
    faults: &mut Faults,
) {
    let (Some(iban), Some(account_number)) = (iban, account_number) else { return };
    if iban.is_some() && account_number.is_some() {
        faults.add("accountNumber", "must be left out where there is an iban");
    }
    if account_number.is_none() && routing_number.is_some_and(Option::is_some) {
        faults.add("routingNumber", "must be left out where there is no accountNumber");
    }
}

/// A bank is that of an account.
pub fn has_account(
    iban: Option<&Option<String>>,
    account_number: Option<&Option<String>>,
    bic: Option<&Option<String>>,
    bank_name: Option<&Option<String>>,
    faults: &mut Faults,
) {
    if let (Some(None), Some(None)) = (iban, account_number) {
        for (field, given) in [("bic", bic), ("bankName", bank_name)] {
            if given.is_some_and(Option::is_some) {
                faults.add(field, "must be left out where there is no iban or accountNumber");
            }
        }
    }
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

/// The identifier of a creditor of SEPA direct debits (European Payments Council, EPC262-08): country, check digits, business code and a
/// national part. It is kept in capitals and without white space.
pub const CREDITOR_ID: Text<String> = Text {
    rule: "must be a SEPA creditor identifier with right check digits, such as \"DE98ZZZ09999999999\"",
    read: read_creditor_id,
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema,
};

fn read_creditor_id(text: &str) -> Option<String> {
    let id = electronic(text);
    let is_code = id.is_ascii() && (8..=35).contains(&id.len()) && waybill_contracts::is_country(&id[..2]);
    let is_shaped = is_code && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    // ISO 7064, MOD 97-10, over the national part, the country and the check digits. The business code does not count.
    let remainder = |text: String| {
        text.chars()
            .filter_map(|char| char.to_digit(36))
            .fold(0, |sum, value| (if value < 10 { sum * 10 + value } else { sum * 100 + value }) % 97)
    };
    let has_check_digits = is_shaped
        && id[2..4].bytes().all(|byte| byte.is_ascii_digit())
        && remainder([&id[7..], &id[..4]].concat()) == 1;
    has_check_digits.then_some(id)
}

/// The end of a card's number: no document may have more of it (PCI DSS 3.4).
pub const LAST_DIGITS: Text<String> = Text {
    rule: "must be the last four to six digits of the card's number",
    read: |text| {
        let are_digits = (4..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        are_digits.then(|| text.to_owned())
    },
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some("^[0-9]{4,6}$")),
};

#[cfg(test)]
mod tests {
    use crate::fields::{Check as _, Given};

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
    fn an_account_without_iban_has_a_number() {
        for text in ["123456789", "12-345-678", "001 1234 5678901", "1", "A/1"] {
            assert_eq!(read(&ACCOUNT_NUMBER, text).as_deref(), Some(text));
            assert_eq!(read(&ROUTING_NUMBER, text).as_deref(), Some(text));
        }
        for text in ["", " ", "-1", "1 ", "1\n2", "Ä1", &"1".repeat(35)] {
            assert_eq!(read(&ACCOUNT_NUMBER, text), None, "{text}");
            assert_eq!(read(&ROUTING_NUMBER, text), None, "{text}");
        }
        // An IBAN in the wrong place would be printed as another number.
        assert_eq!(read(&ACCOUNT_NUMBER, "DE02 1203 0000 0000 2020 51"), None);
        let schema = serde_json::to_value(ACCOUNT_NUMBER.schema()).unwrap();
        let pattern = regex::Regex::new(schema["pattern"].as_str().unwrap()).unwrap();
        assert!(
            pattern.is_match("12-345-678") && !pattern.is_match("1 ") && !pattern.is_match(&"1".repeat(35))
        );
    }

    #[test]
    fn a_creditor_identifier_has_right_check_digits() {
        for text in ["DE98ZZZ09999999999", "de98 zzz0 9999 9999 99", "FR72ZZZ123456", "NL79ZZZ999999990000"] {
            let read = read(&CREDITOR_ID, text);
            assert_eq!(read, Some(text.replace(' ', "").to_uppercase()), "{text}");
        }
        // The business code is the creditor's own choice.
        assert!(read(&CREDITOR_ID, "DE98ABC09999999999").is_some());
        for text in [
            "DE99ZZZ09999999999",
            "DE98ZZZ0999999999",
            "DE98ZZZ",
            "XX98ZZZ09999999999",
            "",
            "DEZZZ9809999999999",
            "äöüäöüäö",
        ] {
            assert_eq!(read(&CREDITOR_ID, text), None, "{text}");
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
