//! What can stop a relay's step.

use thiserror::Error;

/// Why a step could not be done. The relay's loop waits and tries again; no event is lost by it.
#[derive(Debug, Error)]
pub enum RelayError {
    /// A statement failed, usually because the database is away.
    #[error("the outbox cannot be read or written: {0}")]
    Outbox(String),
    /// The session for the relay's lock cannot be opened or does not answer.
    #[error("the relay's lock cannot be asked for: {0}")]
    Lock(String),
    /// The session that held the lock is gone, and another relay may be delivering by now.
    #[error("the session that held the relay's lock is gone")]
    LockLost,
}
