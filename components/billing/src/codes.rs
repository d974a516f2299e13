//! The code lists of units, of reasons why no tax is charged and of means of payment, as EN 16931 uses them.

use std::collections::HashSet;
use std::sync::LazyLock;

use waybill_contracts::TaxCategory;

/// UN/ECE recommendation 20, with recommendation 21 prefixed by an X: the list of rule BR-CL-23 of EN 16931 1.3.16.
static UNITS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("unit_codes.txt").split_ascii_whitespace().collect());

/// The VATEX list of CEF: the list of rule BR-CL-22 of EN 16931 1.3.16.
static EXEMPTIONS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("exemption_codes.txt").split_ascii_whitespace().collect());

/// The rule of a unit's code.
pub const UNIT_RULE: &str = "must be a code of UN/ECE recommendation 20, such as \"HUR\" for an hour";

/// The rule of the code of a reason why no tax is charged.
pub const EXEMPTION_RULE: &str = "must be a code of the VATEX list, such as \"VATEX-EU-132-1I\"";

/// The rule of the code of a means of payment.
pub const PAYMENT_CODE_RULE: &str = "must be a code of UNTDID 4461, such as \"58\" for a SEPA transfer";

/// Whether it is the code of a means of payment (BT-81): the list of rule BR-CL-16 of EN 16931 1.3.16.
pub fn is_payment_code(code: &str) -> bool {
    let number = || code.parse().ok().filter(|number: &u8| number.to_string() == code);
    code == "ZZZ" || number().is_some_and(|number| matches!(number, 1..=70 | 74..=78 | 91..=97))
}

/// Whether it is the code of a unit (BT-130).
pub fn is_unit_code(code: &str) -> bool {
    UNITS.contains(code)
}

/// Whether it is the code of a reason why no tax is charged (BT-121).
pub fn is_exemption_code(code: &str) -> bool {
    EXEMPTIONS.contains(code)
}

/// The category that a code is for (the list's own remarks, and Peppol's rules P0104 to P0111). All codes but those of the other categories
/// are exemptions: a reverse charge is not one of art. 132, and 79 (c) is handled as one.
pub fn category_of_code(code: &str) -> TaxCategory {
    match code {
        "VATEX-EU-AE" | "VATEX-FR-AE" => TaxCategory::AE,
        "VATEX-EU-IC" => TaxCategory::K,
        "VATEX-EU-G" => TaxCategory::G,
        "VATEX-EU-O" => TaxCategory::O,
        _ => TaxCategory::E,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_known() {
        for code in ["H87", "HUR", "KGM", "MTK", "KWH", "C62", "XPK", "10"] {
            assert!(is_unit_code(code), "{code}");
        }
        for code in ["", "h87", "piece", "H87 HUR"] {
            assert!(!is_unit_code(code), "{code}");
        }
        assert!(is_exemption_code("VATEX-EU-AE") && is_exemption_code("VATEX-FR-FRANCHISE"));
        for code in ["1", "10", "58", "97", "ZZZ"] {
            assert!(is_payment_code(code), "{code}");
        }
        for code in ["", "0", "058", "71", "98", "+58", "ZZ"] {
            assert!(!is_payment_code(code), "{code}");
        }
        assert!(!is_exemption_code("VATEX-EU") && !is_exemption_code(""));
    }
}
