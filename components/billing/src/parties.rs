//! What the taxes of an invoice depend on besides the order: its seller and its buyer.

use serde::Deserialize;

/// What the taxes of an invoice depend on besides the order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Parties {
    /// The seller's VAT identifier.
    pub vat_id: Option<String>,
    /// Why the seller charges no tax at all, such as § 19 `UStG`; `None` for a seller who does.
    pub exemption_reason: Option<String>,
    /// The rate that an amount without lines includes, in basis points.
    pub amount_tax_rate_basis_points: Option<i32>,
    /// Whether the buyer's VAT identifier is known.
    #[serde(skip)]
    pub has_buyer_vat_id: bool,
    /// Whether the destination is known: a country of the delivery or of the buyer.
    #[serde(skip)]
    pub has_destination: bool,
}
