//! An order, as the API shows it.

use serde::{Deserialize, Serialize};
use waybill_contracts::Line;
use waybill_service::sql::{Row, SqlError};

/// An order.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
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
    /// How often it has changed, from 1.
    pub version: i32,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// What was ordered; empty where only an amount was.
    pub lines: Vec<Line>,
}

impl Order {
    /// Reads a row of the statements that select orders; they list the columns in the order of the fields.
    pub fn from_row(mut row: Row) -> Result<Self, SqlError> {
        Ok(Self {
            id: row.text()?,
            customer_id: row.text()?,
            amount: row.int8()?,
            currency: row.text()?,
            status: row.text()?,
            version: row.int4()?,
            created_at: row.text()?,
            lines: row.json()?,
        })
    }
}
