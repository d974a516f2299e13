//! The code lists of units and of reasons why no tax is charged, as EN 16931 uses them.

use std::collections::HashSet;
use std::sync::LazyLock;

/// UN/ECE recommendation 20, with recommendation 21 prefixed by an X: the list of rule BR-CL-23 of EN 16931 1.3.16.
static UNITS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("unit_codes.txt").split_ascii_whitespace().collect());

/// The VATEX list of CEF: the list of rule BR-CL-22 of EN 16931 1.3.16.
static EXEMPTIONS: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("exemption_codes.txt").split_ascii_whitespace().collect());

/// Whether it is the code of a unit (BT-130).
pub fn is_unit_code(code: &str) -> bool {
    UNITS.contains(code)
}

/// Whether it is the code of a reason why no tax is charged (BT-121).
pub fn is_exemption_code(code: &str) -> bool {
    EXEMPTIONS.contains(code)
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
        assert!(!is_exemption_code("VATEX-EU") && !is_exemption_code(""));
    }
}
