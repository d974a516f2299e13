//! An endpoint, as the API shows it.

use serde::Serialize;
use waybill_service::sql::{Row, SqlError};

/// Where events of invoices are sent.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// A `UUIDv7`.
    pub id: String,
    /// The address that events are posted to.
    pub url: String,
    /// What it is for, in words.
    pub description: String,
    /// The types of the events that it gets.
    pub event_types: Vec<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
}

impl Endpoint {
    /// Reads a row of the statements that select endpoints; they list the columns in the order of the fields.
    pub fn from_row(mut row: Row) -> Result<Self, SqlError> {
        Ok(Self {
            id: row.text()?,
            url: row.text()?,
            description: row.text()?,
            event_types: row.json()?,
            created_at: row.text()?,
        })
    }
}
