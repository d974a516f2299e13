use std::error::Error;

use thiserror::Error;

/// The error of a statement or session.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// Why a step could not be done. The relay's loop waits and tries again; no event is lost by it.
#[derive(Debug, Error)]
pub enum RelayError {
    /// A statement failed, usually because the database is unavailable.
    #[error("the outbox cannot be read or written")]
    Outbox(#[source] Cause),
    /// The session for the relay's lock cannot be opened or does not answer.
    #[error("the relay's lock cannot be acquired")]
    Lock(#[source] Cause),
    /// The session that held the lock is gone or did not answer in time, and another relay may be delivering by now.
    #[error("the relay's lock is lost: the session that held it is gone or did not answer in time")]
    LockLost,
}
