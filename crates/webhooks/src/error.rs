use std::error::Error;

use thiserror::Error;
use tokio::task::JoinError;

/// Why a step could not be done, usually because the database is unavailable. Nothing is lost by it.
#[derive(Debug, Error)]
pub enum WebhooksError {
    /// A statement failed, or a row is not as its table says.
    #[error("the webhooks cannot be read or written")]
    Outbox(#[source] Box<dyn Error + Send + Sync>),
    /// An attempt broke off.
    #[error("an attempt to post a webhook broke off")]
    Attempt(#[from] JoinError),
}
