//! An endpoint, as the API shows it.

use serde::Serialize;
use waybill_service::sql::FromRow;

/// Where events of invoices are sent.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// A `UUIDv7`.
    pub id: String,
    /// The address that events are posted to.
    pub url: String,
    /// What it is for, in words.
    pub description: String,
    /// The types of the events that it gets.
    #[column(json)]
    pub event_types: Vec<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// When its receiver answered 410 Gone: since then nothing is posted to it, until it is enabled again.
    pub disabled_at: Option<String>,
}
