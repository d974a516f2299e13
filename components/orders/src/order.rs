//! An order, as the API shows it.

use serde::{Deserialize, Serialize};
use waybill_contracts::{InvoiceDetails, Line};
use waybill_service::sql::FromRow;

/// An order.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, FromRow)]
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
    #[column(json)]
    pub lines: Vec<Line>,
    /// What the order says of its invoice besides.
    #[column(json)]
    #[serde(flatten)]
    pub details: InvoiceDetails,
}
