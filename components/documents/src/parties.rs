//! Seller and buyer, in the form in which they are also stored and shown as JSON.

use serde::{Deserialize, Serialize};

use crate::Language;

/// The seller of an invoice, as it was when the invoice was issued. An operator sets it by `PUT /seller`.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seller {
    /// The name that the business is registered under.
    pub name: String,
    /// The VAT identifier, with the prefix of its country.
    pub vat_id: String,
    /// Street and number.
    pub address: String,
    /// The city.
    pub city: String,
    /// The postal code.
    pub zip_code: String,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// The e-mail address.
    pub email: String,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// How many days a customer has to pay.
    pub payment_days: i32,
    /// The account to pay to, without spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iban: Option<String>,
    /// The bank of that account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// True if no seller was set: the seller is an example, and the document no invoice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub is_specimen: bool,
}

/// The customer of an invoice, as far as it is known.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Customer {
    /// The name of a person or a company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// City, state or region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
    /// ISO 3166-1, two letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

impl Seller {
    /// The foot of each page: who the seller is, and how to reach them.
    pub(crate) fn imprint(&self, language: Language) -> Vec<String> {
        let words = language.words();
        let mut parts = vec![
            self.name.clone(),
            format!("{}, {} {}, {}", self.address, self.zip_code, self.city, self.country),
            format!("{} {}", words.vat_id, self.vat_id),
            self.email.clone(),
        ];
        parts.extend(filled(self.phone.as_ref()).map(|phone| format!("{} {phone}", words.phone)));
        parts
    }
}

/// A text that is there and not blank.
pub(crate) fn filled(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}
