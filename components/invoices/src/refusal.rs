//! Why an event had no effect.

use std::fmt;

use waybill_contracts::DeliveryError;
use waybill_service::sql::SqlError;

/// Why an event had no effect. Its text is that of a [`DeliveryError`], by which senders know what it means.
#[derive(Debug)]
pub enum Refusal {
    /// The event itself is at fault: no later attempt can succeed.
    Rejected(String),
    /// The invoice could not be written now: worth another attempt.
    Failed(SqlError),
    /// Nothing failed, and the event is worth another attempt.
    Postponed(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rejected(reason) => DeliveryError::Rejected(reason.clone()).fmt(f),
            Self::Failed(error) if error.is_unavailable() => {
                DeliveryError::Unavailable(error.to_string()).fmt(f)
            }
            Self::Failed(error) => error.fmt(f),
            Self::Postponed(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Refusal {}
