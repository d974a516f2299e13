//! An order, as the API shows it.

use serde::{Deserialize, Serialize};
use waybill_service::sql::{Row, SqlError};

/// An order.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
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
    /// How often it has changed, from 1.
    pub version: i32,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// What was ordered; empty where only an amount was.
    pub lines: Vec<OrderLine>,
}

/// A line of an order.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OrderLine {
    /// The seller's identifier of what is sold.
    pub sku: String,
    /// What is sold, in words.
    pub description: String,
    /// Pieces.
    pub quantity: i64,
    /// Minor units of the order's currency for one piece, without tax.
    pub unit_price: i64,
    /// Basis points: 1900 is 19 %.
    pub tax_rate_basis_points: i32,
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
            version: row.int4()?,
            created_at: row.text()?,
            lines: row.json()?,
        })
    }
}
