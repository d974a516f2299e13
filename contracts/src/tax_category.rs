//! The tax categories of EN 16931 (BT-118, BT-151).

use serde::{Deserialize, Serialize};

/// A tax category, by its code of UNTDID 5305.
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TaxCategory {
    /// Standard or reduced rate.
    S,
    /// Zero rated.
    Z,
    /// Exempt; it needs a reason.
    E,
    /// Reverse charge: the buyer owes the tax.
    AE,
    /// Supply of goods within the European Union.
    K,
    /// Export.
    G,
    /// Outside the scope of the tax.
    O,
}

impl TaxCategory {
    /// All of them.
    pub const ALL: [Self; 7] = [Self::S, Self::Z, Self::E, Self::AE, Self::K, Self::G, Self::O];

    /// The codes of all.
    pub const CODES: [&str; 7] = ["S", "Z", "E", "AE", "K", "G", "O"];

    /// The code.
    pub fn code(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::Z => "Z",
            Self::E => "E",
            Self::AE => "AE",
            Self::K => "K",
            Self::G => "G",
            Self::O => "O",
        }
    }

    /// The category of a code.
    pub fn of(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.code() == code)
    }

    /// The category of a rate that an order gives no category for.
    pub fn of_rate(basis_points: i32) -> Self {
        if basis_points == 0 { Self::Z } else { Self::S }
    }

    /// The code of the reason why no tax is charged (BT-121, from the VATEX list), where the category has one.
    pub fn exemption_reason_code(self) -> Option<&'static str> {
        match self {
            Self::AE => Some("VATEX-EU-AE"),
            Self::K => Some("VATEX-EU-IC"),
            Self::G => Some("VATEX-EU-G"),
            Self::O => Some("VATEX-EU-O"),
            Self::S | Self::Z | Self::E => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_known_by_its_code() {
        for (category, code) in TaxCategory::ALL.into_iter().zip(TaxCategory::CODES) {
            assert_eq!((category.code(), TaxCategory::of(code)), (code, Some(category)));
            assert_eq!(serde_json::to_string(&category).unwrap(), format!("\"{code}\""));
        }
        assert_eq!(TaxCategory::of("s"), None);
    }
}
