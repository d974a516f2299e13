//! How an order is paid.

use serde::{Deserialize, Serialize};

use crate::null::null_is_missing;

/// How an order is paid (BG-16), where it is not by a transfer to the seller's account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Payment {
    /// A code of UNTDID 4461 (BT-81), where it does not follow from what else is given: `10` is cash, `68` an online service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// In words (BT-82).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The accounts that it may be transferred to (BG-17).
    #[serde(default, deserialize_with = "null_is_missing", skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schemars(length(max = 10)))]
    pub accounts: Vec<Account>,
    /// The card that is charged (BG-18).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    /// The account that it is collected from (BG-19).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direct_debit: Option<DirectDebit>,
}

/// An account that a customer pays to: an IBAN, or another number where the country has no IBANs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The IBAN (BT-84).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iban: Option<String>,
    /// The number of an account that has no IBAN (BT-84).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_number: Option<String>,
    /// The number of its bank in the country, such as an ABA routing number or a BSB (BT-86).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_number: Option<String>,
    /// Whose it is, or what it is called (BT-85).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its bank (BT-86), where there is no `routingNumber`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// The name of its bank, as it is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_name: Option<String>,
}

/// A card that is charged.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Card {
    /// The last four to six digits of its number (BT-87); no document may have more (PCI DSS 3.4).
    pub last_digits: String,
    /// Whose it is (BT-88).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<String>,
}

/// A SEPA direct debit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct DirectDebit {
    /// The mandate that the customer gave (BT-89).
    pub mandate_reference: String,
    /// The seller's creditor identifier (BT-90).
    pub creditor_id: String,
    /// The IBAN of the account that is debited (BT-91).
    pub iban: String,
}

/// A discount for a payment within some days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct CashDiscount {
    /// The days after the day of issue.
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 1, max = 366)))]
    pub days: i32,
    /// Basis points of the amount: 200 is 2 %.
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 1, max = 9_999)))]
    pub rate_basis_points: i32,
}

/// A deposit, or another payment before the invoice.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Prepayment {
    /// Minor units, with tax.
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 1)))]
    pub amount: i64,
    /// The tax in it, in minor units, where an invoice of its own stated it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 0)))]
    pub tax_amount: Option<i64>,
    /// The number of that invoice (BT-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_number: Option<String>,
    /// The day of that invoice (BT-26), or else of the payment, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
}
