//! What the taxes of an invoice depend on besides the order: its seller and its buyer.

use serde::Deserialize;

use crate::territory::Destination;

/// What the taxes of an invoice depend on besides the order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Parties {
    /// The seller's VAT identifier.
    pub vat_id: Option<String>,
    /// The seller's tax number.
    pub tax_number: Option<String>,
    /// Why the seller charges no tax at all, such as § 19 `UStG`; `None` for a seller who does.
    pub exemption_reason: Option<String>,
    /// The rate that an amount without lines includes, in basis points.
    pub amount_tax_rate_basis_points: Option<i32>,
    /// The buyer's VAT identifier.
    #[serde(skip)]
    pub buyer_vat_id: Option<String>,
    /// Whether the buyer's number in a register of companies is known.
    #[serde(skip)]
    pub has_buyer_company_id: bool,
    /// Where it was delivered to: the delivery's address, or else the buyer's. `None` if no country is known.
    #[serde(skip)]
    pub destination: Option<Destination>,
}
