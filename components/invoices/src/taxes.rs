//! The taxes of an invoice, as the API shows them.

use serde::Serialize;
use waybill_billing::TaxSum;
use waybill_contracts::{Decimal, TaxCategory};

/// What one tax rate of one category, or one tax by its own name, is charged on (BG-23).
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[allow(clippy::struct_field_names, reason = "it is the name in the API")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tax {
    /// The tax's own name, such as `GST`; VAT where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Basis points: 1900 is 19 %. A tax with a name may have parts of them: 997.5 is 9.975 %.
    pub rate_basis_points: Decimal,
    /// The sum without tax, in minor units.
    pub net_amount: i64,
    /// The tax on that sum, in minor units, rounded half up.
    pub tax_amount: i64,
    /// The tax category (BT-118).
    pub category: TaxCategory,
    /// Why no tax is charged, in the words of the order or of the seller (BT-120).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exemption_reason: Option<String>,
    /// The code of that reason (BT-121).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exemption_reason_code: Option<String>,
    /// Whether no tax is stated, since the order names an amount only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub is_unstated: bool,
}

impl From<&TaxSum> for Tax {
    fn from(sum: &TaxSum) -> Self {
        Self {
            name: sum.component.as_ref().map(|component| component.name.clone()),
            rate_basis_points: sum.rate(),
            net_amount: sum.net,
            tax_amount: sum.tax,
            category: sum.category,
            exemption_reason: sum.exemption_reason.clone(),
            exemption_reason_code: sum.exemption_reason_code.clone(),
            is_unstated: sum.is_unstated,
        }
    }
}
