use serde::{Deserialize, Serialize};

use crate::null::null_is_missing;
use crate::{Decimal, TaxCategory, TaxComponent};

/// A line of an order, and of its invoice. The `BT-…` are the terms of EN 16931.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The seller's identifier of what is sold (BT-155).
    pub sku: String,
    /// What is sold, in words (BT-153).
    pub description: String,
    /// How much of it, in units of `unitCode` (BT-129). A return or a correction is less than zero.
    pub quantity: Decimal,
    /// Minor units of the order's currency for one unit, and parts of them: without tax, or with it if the order has
    /// `pricesIncludeTax`.
    pub unit_price: Decimal,
    /// Basis points: 1900 is 19 % (BT-152). 0 where there are `taxes`.
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 0, max = 10_000)))]
    pub tax_rate_basis_points: i32,
    /// The taxes by their own names, where it is not one VAT: GST and PST, or a sales tax.
    ///
    /// `taxCategory` is `S` then. With a rate of 0 that is a contradiction (BR-S-05), so a reader that does not know this member
    /// refuses the line; it must not bill 0 %.
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schemars(length(max = 5)))]
    pub taxes: Vec<TaxComponent>,
    /// The unit's code of UN/ECE recommendation 20 (BT-130): `HUR` is an hour, `KGM` a kilogram. `H87`, a piece, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_code: Option<String>,
    /// The tax category (BT-151). Without it a rate above 0 is `S`, and a rate of 0 is `Z`, or `E` if the seller is exempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_category: Option<TaxCategory>,
    /// Why no tax is charged (BT-120).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption_reason: Option<String>,
    /// The code of that reason, from the VATEX list (BT-121).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption_reason_code: Option<String>,
    /// Free text (BT-127).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The buyer's identifier of what is sold (BT-156).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_item_id: Option<String>,
    /// What is taken off the price of the line (BG-27).
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "Vec::is_empty")]
    pub allowances: Vec<LineAllowance>,
    /// What is added to the price of the line (BG-28).
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<LineAllowance>,
}

/// An allowance or a charge of a line, which has the line's tax.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct LineAllowance {
    /// Minor units, with or without tax as the prices are (BT-136, BT-141).
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 1)))]
    pub amount: i64,
    /// What it is for (BT-139, BT-144).
    pub reason: String,
}

impl Line {
    /// The code of the unit.
    pub fn unit(&self) -> &str {
        self.unit_code.as_deref().unwrap_or(PIECE)
    }

    /// Whether the line says no more than the five members that every line has.
    pub fn is_plain(&self) -> bool {
        let Self {
            sku: _,
            description: _,
            quantity: _,
            unit_price: _,
            tax_rate_basis_points: _,
            taxes,
            unit_code,
            tax_category,
            exemption_reason,
            exemption_reason_code,
            note,
            buyer_item_id,
            allowances,
            charges,
        } = self;
        let texts = [unit_code, exemption_reason, exemption_reason_code, note, buyer_item_id];
        texts.iter().all(|text| text.is_none())
            && tax_category.is_none()
            && taxes.is_empty()
            && allowances.is_empty()
            && charges.is_empty()
    }
}

/// The code of a piece in UN/ECE recommendation 20.
pub const PIECE: &str = "H87";
