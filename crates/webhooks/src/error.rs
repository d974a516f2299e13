use std::error::Error;

use thiserror::Error;
use tokio::task::JoinError;
use uuid::Uuid;

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

/// Why the secrets of endpoints cannot be used.
#[derive(Debug, Error)]
pub enum SecretsError {
    /// A secret is encrypted with a key that is not there.
    #[error(
        "WAYBILL_SECRETS_KEY does not have the key that encrypted the secret of the webhook endpoint {endpoint}; \
         set it to the new and the former keys, separated by commas"
    )]
    OtherKey {
        /// One of those endpoints.
        endpoint: Uuid,
    },
    /// They cannot be read.
    #[error(transparent)]
    Webhooks(#[from] WebhooksError),
}
