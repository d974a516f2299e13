//! What an order says of its invoice besides the lines.

use serde::{Deserialize, Serialize};

use crate::null::null_is_missing;
use crate::{CashDiscount, DEFAULT_SELLER_ID, ExchangeRate, Payment, Prepayment, TaxCategory, TaxComponent};

/// The details of an invoice that its order gives besides the lines. The `BT-…` and `BG-…` are the terms of EN 16931.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct InvoiceDetails {
    /// The seller who issues the invoice; [`DEFAULT_SELLER_ID`](crate::DEFAULT_SELLER_ID) where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_family = "wasm"), schemars(regex(pattern = "^[a-z0-9-]{1,40}$")))]
    pub seller_id: Option<String>,
    /// Whether the prices, allowances and charges include the tax.
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub prices_include_tax: bool,
    /// What is taken off the sum of the lines (BG-20).
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "Vec::is_empty")]
    pub allowances: Vec<Allowance>,
    /// What is added to the sum of the lines, such as shipping (BG-21).
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Allowance>,
    /// Free text (BT-22).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The buyer's routing reference for the invoice, such as a Leitweg-ID (BT-10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_reference: Option<String>,
    /// The buyer's purchase order (BT-13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<String>,
    /// The seller's sales order (BT-14), where it is not the order's identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales_order: Option<String>,
    /// The project (BT-11).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The contract (BT-12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
    /// What was delivered when and where (BG-13, BG-14).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Delivery>,
    /// The terms of payment in words, such as a cash discount (BT-20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<String>,
    /// How it is paid (BG-16), where it is not by a transfer to the seller's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// Discounts for an early payment, as a program reads them (a part of BT-20).
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schemars(length(max = 5)))]
    pub cash_discounts: Vec<CashDiscount>,
    /// The day by which it is to be paid, `YYYY-MM-DD` (BT-9), where it is not by the seller's days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<String>,
    /// The tax in the currency that the seller accounts for it in (BT-6, BT-111).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_currency: Option<TaxCurrency>,
    /// What has been paid before (BT-113).
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "Vec::is_empty")]
    pub prepayments: Vec<Prepayment>,
}

impl InvoiceDetails {
    /// The names of all members.
    pub const MEMBERS: [&str; 17] = [
        "sellerId",
        "pricesIncludeTax",
        "allowances",
        "charges",
        "note",
        "buyerReference",
        "purchaseOrder",
        "salesOrder",
        "project",
        "contract",
        "delivery",
        "paymentTerms",
        "payment",
        "cashDiscounts",
        "dueDate",
        "taxCurrency",
        "prepayments",
    ];

    /// The seller who issues the invoice.
    pub fn seller_id(&self) -> &str {
        self.seller_id.as_deref().unwrap_or(DEFAULT_SELLER_ID)
    }

    /// What has been paid before, in minor units (BT-113).
    pub fn prepaid(&self) -> i64 {
        self.prepayments.iter().fold(0, |sum, prepayment| sum.saturating_add(prepayment.amount))
    }
}

/// An allowance or a charge of a whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Allowance {
    /// Minor units, with or without tax as the prices are (BT-92, BT-99).
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 1)))]
    pub amount: i64,
    /// What it is for (BT-97, BT-104).
    pub reason: String,
    /// Basis points: 1900 is 19 % (BT-96, BT-103). 0 where there are `taxes`.
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 0, max = 10_000)))]
    pub tax_rate_basis_points: i32,
    /// The taxes by their own names, as of a line; `taxCategory` is `S` then.
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schemars(length(max = 5)))]
    pub taxes: Vec<TaxComponent>,
    /// The tax category (BT-95, BT-102), as of a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_category: Option<TaxCategory>,
}

/// When and where it was delivered. Either a day or a period, or neither.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The day, `YYYY-MM-DD` (BT-72).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The first day of a period, `YYYY-MM-DD` (BT-73).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_date: Option<String>,
    /// The last day of a period, `YYYY-MM-DD` (BT-74).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<String>,
    /// The identifier of the place (BT-71), such as a GLN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    /// What that identifier is: an ISO 6523 code (ICD), such as `0088` for a GLN (BT-71-1). An event whose
    /// identifier cannot be one of it is taken without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id_scheme: Option<String>,
    /// Who received it, where it was not the customer (BT-70).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Street and number (BT-75).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A second line of the address (BT-76).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    /// The city (BT-77).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The postal code (BT-78).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
    /// State, province or region (BT-79).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subdivision: Option<String>,
    /// ISO 3166-1, two letters (BT-80).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// The currency in which the seller accounts for the tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct TaxCurrency {
    /// ISO 4217 (BT-6).
    pub currency: String,
    /// How much of it one unit of the order's currency is.
    pub rate: ExchangeRate,
    /// Who published the rate, and of which day, as it is printed.
    pub source: String,
}

impl InvoiceDetails {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_all_members() {
        let schema = serde_json::to_value(schemars::schema_for!(InvoiceDetails)).unwrap();
        let names: Vec<&str> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut members = InvoiceDetails::MEMBERS;
        members.sort_unstable();
        let mut names = names;
        names.sort_unstable();
        assert_eq!(names, members);
    }
}
