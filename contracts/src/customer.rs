//! The data of a customer.

use serde::{Deserialize, Serialize};

use crate::CashDiscount;
use crate::null::null_is_missing;

/// The data of a customer, as an event tells them, an invoice keeps them, and its documents show them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// The name of a person or a company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Street and number (BT-50 of EN 16931).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A second line of the address (BT-51).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    /// The city (BT-52).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region (BT-54); the city, where there is no `city`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The postal code (BT-53).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
    /// ISO 3166-1, two letters in upper case (BT-55). An event with another code is rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The VAT identifier, with the prefix of its country (BT-48). An event is rejected if its check digits are wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
    /// The number in a register of companies (BT-47).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_id: Option<String>,
    /// Which register that is: an ISO 6523 code (ICD), such as `0106` for the Dutch chamber of commerce (BT-47-1). An event is rejected if
    /// the number cannot be one of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_id_scheme: Option<String>,
    /// The contact person (BT-56).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The telephone number (BT-57).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where electronic documents go (BT-49).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub electronic_address: Option<ElectronicAddress>,
    /// The customer's routing reference for invoices (BT-10), such as a Leitweg-ID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_reference: Option<String>,
    /// How many days the customer has to pay; without it, the seller's number of days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 0, max = 36_500)))]
    pub payment_days: Option<i32>,
    /// The terms of payment in words (BT-20), for orders that have neither terms nor discounts of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<String>,
    /// Discounts for an early payment, for the same orders.
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schemars(length(max = 5)))]
    pub cash_discounts: Vec<CashDiscount>,
    /// The profile of electronic invoices (`en16931`, `xrechnung`, `peppol`); without it, the strictest that an invoice meets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_profile: Option<String>,
}

/// An address for electronic documents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
pub struct ElectronicAddress {
    /// What the identifier is: a code of the EAS list, such as `0088` for a GLN or `0204` for a Leitweg-ID.
    pub scheme: String,
    /// The identifier.
    pub id: String,
}
