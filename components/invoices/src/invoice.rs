//! An invoice, as the API shows it.

use serde::Serialize;
use waybill_service::sql::{Row, SqlError};

/// An invoice.
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
}

impl Invoice {
    /// Reads a row of the statements that select invoices; they list the columns in the order of the fields.
    pub fn from_row(mut row: Row) -> Result<Invoice, SqlError> {
        Ok(Invoice {
            id: row.text()?,
            number: row.text()?,
            order_id: row.text()?,
            customer_id: row.text()?,
            amount: row.int8()?,
            currency: row.text()?,
            created_at: row.text()?,
        })
    }
}
