//! The delivery of an event to an endpoint, as the API shows it.

use serde::{Deserialize, Serialize};
use waybill_service::sql::{FromRow, Row, SqlError};

/// The states of a delivery.
pub const STATUSES: [&str; 3] = ["pending", "delivered", "failed"];

/// The delivery of an event to an endpoint.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema), schema(as = WebhookDelivery))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The event: the header `webhook-id` of its requests.
    pub event_id: String,
    /// `invoice.issued`, `invoice.paid` or `invoice.credited`.
    pub event_type: String,
    /// The invoice that it is about.
    pub invoice_id: String,
    /// `pending`, `delivered` or `failed`.
    pub status: String,
    /// How often it was tried, since the event or since it was last asked to be delivered again.
    pub attempts: i32,
    /// When the event happened: RFC 3339, UTC.
    pub created_at: String,
    /// When it is tried next, while it is pending.
    pub next_attempt_at: Option<String>,
    /// When it was delivered or became failed.
    pub ended_at: Option<String>,
}

/// A delivery with its attempts.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedDelivery {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// Its last hundred attempts, newest first.
    pub attempt_log: Vec<Attempt>,
}

/// One attempt to deliver an event.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attempt {
    /// RFC 3339, UTC.
    pub attempted_at: String,
    /// How long it took, in milliseconds.
    pub duration_ms: i32,
    /// The status of the answer, if one came.
    pub status_code: Option<i32>,
    /// Why it failed, if it did.
    pub error: Option<String>,
}

impl FromRow for LoggedDelivery {
    fn from_row(row: &mut Row) -> Result<Self, SqlError> {
        Ok(Self { delivery: Delivery::from_row(row)?, attempt_log: row.json("attempt_log")? })
    }
}
