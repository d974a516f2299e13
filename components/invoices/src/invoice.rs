//! An invoice, as the API shows it.

use serde::{Deserialize, Serialize};
use waybill_contracts::Line;
use waybill_service::sql::{Row, SqlError};

use crate::taxes::{Tax, by_rate};

/// An invoice.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Invoice {
    /// A `UUIDv7`.
    pub id: String,
    /// The number that is printed on it, such as `2026-000001`.
    pub number: String,
    /// The order that it bills.
    pub order_id: String,
    /// Who is to pay.
    pub customer_id: String,
    /// What is to be paid, in minor units of `currency`.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// `issued`, `paid` or `credited`.
    pub status: String,
    /// When it was paid.
    pub paid_at: Option<String>,
    /// What takes it back, if its order was canceled.
    pub credit_note: Option<CreditNote>,
    /// The customer as it was when the order was taken.
    pub customer: Customer,
    /// What was ordered; empty where only an amount was.
    pub lines: Vec<Line>,
    /// The lines summed up for each tax rate.
    pub taxes: Vec<Tax>,
}

/// A credit note over a whole invoice.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreditNote {
    /// A `UUIDv7`.
    pub id: String,
    /// The number that is printed on it, such as `CN-2026-000001`.
    pub number: String,
    /// RFC 3339, UTC.
    pub created_at: String,
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

impl Invoice {
    /// Reads a row of the statements that select invoices; they list the columns in the order of the fields.
    pub fn from_row(mut row: Row) -> Result<Invoice, SqlError> {
        let mut invoice = Invoice {
            id: row.text()?,
            number: row.text()?,
            order_id: row.text()?,
            customer_id: row.text()?,
            amount: row.int8()?,
            currency: row.text()?,
            created_at: row.text()?,
            status: row.text()?,
            paid_at: Some(row.text()?).filter(|time| !time.is_empty()),
            credit_note: row.json()?,
            customer: row.json()?,
            lines: row.json()?,
            taxes: Vec::new(),
        };
        invoice.taxes = by_rate(&invoice.lines);
        Ok(invoice)
    }
}

#[cfg(test)]
impl Invoice {
    /// An invoice over an amount only, for tests.
    pub(crate) fn example() -> Invoice {
        Invoice {
            id: "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d".into(),
            number: "2026-000001".into(),
            order_id: "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3e".into(),
            customer_id: "1651654165".into(),
            amount: 5000,
            currency: "EUR".into(),
            created_at: "2026-01-02T03:04:05.678Z".into(),
            status: "issued".into(),
            paid_at: None,
            credit_note: None,
            customer: Customer::default(),
            lines: Vec::new(),
            taxes: Vec::new(),
        }
    }
}
