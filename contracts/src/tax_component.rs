use serde::{Deserialize, Serialize};

use crate::Decimal;

/// One of the taxes on an amount that has a name of its own: GST, PST, a state's sales tax.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TaxComponent {
    /// The name, as it is printed.
    pub name: String,
    /// Basis points and parts of them, more than 0: 500 is 5 %, 997.5 is 9.975 %.
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 0, max = 10_000)))]
    pub rate_basis_points: Decimal,
}

impl TaxComponent {
    /// The rate in millionths of a basis point, which is an integer; `None` if it is not more than 0 or more than 10000 basis points.
    pub fn millionths(&self) -> Option<i64> {
        let millionths = self.rate_basis_points.times(Decimal::from(1_000_000))?;
        (1..=10_000_000_000).contains(&millionths).then_some(millionths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Line;

    #[test]
    fn a_rate_below_a_basis_point_is_exact() {
        for (rate, millionths) in [
            ("997.5", Some(997_500_000)),
            ("0.000001", Some(1)),
            ("10000", Some(10_000_000_000)),
            ("10000.000001", None),
            ("0", None),
            ("-500", None),
        ] {
            let tax = TaxComponent { name: "QST".into(), rate_basis_points: rate.parse().unwrap() };
            assert_eq!(tax.millionths(), millionths, "{rate}");
        }
    }

    #[test]
    fn a_line_without_taxes_is_read_and_written_as_before() {
        let json = r#"{"sku":"a","description":"A","quantity":1,"unitPrice":100,"taxRateBasisPoints":1900}"#;
        let line: Line = serde_json::from_str(json).unwrap();
        assert!(line.is_plain() && line.taxes.is_empty());
        assert_eq!(serde_json::to_string(&line).unwrap(), json);
        let null = json.replace('}', r#","taxes":null}"#);
        assert_eq!(serde_json::from_str::<Line>(&null).unwrap(), line);
    }

    #[test]
    fn a_line_with_taxes_is_not_a_plain_one() {
        let json = r#"{"sku":"a","description":"A","quantity":1,"unitPrice":100,"taxRateBasisPoints":0,"taxes":[{"name":"QST","rateBasisPoints":997.5}]}"#;
        let line: Line = serde_json::from_str(json).unwrap();
        assert!(!line.is_plain());
        assert_eq!(serde_json::to_string(&line).unwrap(), json);
    }
}
