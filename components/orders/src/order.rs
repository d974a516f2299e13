//! An order, as the API shows it.

use serde::Serialize;
use waybill_service::sql::{Row, SqlError};

/// An order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// A `UUIDv7`.
    pub id: String,
    /// Who ordered.
    pub customer_id: String,
    /// What is to be paid, in minor units of `currency`.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// `pending`, `paid` or `canceled`.
    pub status: String,
    /// RFC 3339, UTC.
    pub created_at: String,
}

impl Order {
    /// Reads a row of the statements that select orders; they list the columns in the order of the fields.
    pub fn from_row(mut row: Row) -> Result<Order, SqlError> {
        Ok(Order {
            id: row.text()?,
            customer_id: row.text()?,
            amount: row.int8()?,
            currency: row.text()?,
            status: row.text()?,
            created_at: row.text()?,
        })
    }
}
