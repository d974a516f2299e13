//! One relay per database delivers.

use std::time::Duration;

use tokio::time::{sleep, timeout};
use waybill_postgres::{Database, Session};

use crate::RelayError;
use crate::error::Cause;

const TRY_LOCK: &str = include_str!("sql/try_lock.sql");

/// The advisory lock's number, which no version changes: the bytes of `wb-relay`.
const LOCK: i64 = i64::from_be_bytes(*b"wb-relay");

/// The time in which the lock's session has to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// The time between two checks of the session during a long delivery.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The right to deliver.
pub(crate) struct Leadership {
    database: Database,
    /// The lock ends with this session, which does nothing else.
    session: Option<Session>,
    held: bool,
}

impl Leadership {
    pub(crate) fn new(database: Database) -> Self {
        Self { database, session: None, held: false }
    }

    /// Whether this relay may deliver. It asks for the lock when it does not have it.
    pub(crate) async fn acquire(&mut self) -> Result<bool, RelayError> {
        if self.held && self.is_alive().await {
            return Ok(true);
        }
        if self.held {
            self.release();
            return Err(RelayError::LockLost);
        }
        self.held = self.try_lock().await.inspect_err(|_| self.session = None)?;
        Ok(self.held)
    }

    async fn try_lock(&mut self) -> Result<bool, RelayError> {
        if self.session.is_none() {
            self.session = Some(self.database.session().await.map_err(lock)?);
        }
        let Some(session) = &self.session else {
            return Ok(false);
        };
        let row = timeout(ANSWER_LIMIT, session.query_one(TRY_LOCK, &[&LOCK]))
            .await
            .map_err(lock)?
            .map_err(lock)?;
        row.try_get(0).map_err(lock)
    }

    /// Gives the lock up by closing its session.
    pub(crate) fn release(&mut self) {
        self.session = None;
        self.held = false;
    }

    /// Whether the session that holds the lock still answers.
    pub(crate) async fn is_alive(&self) -> bool {
        match &self.session {
            Some(session) => matches!(timeout(ANSWER_LIMIT, session.check_connection()).await, Ok(Ok(()))),
            None => false,
        }
    }

    /// Ends when the lock is lost.
    pub(crate) async fn lost(&self) {
        loop {
            sleep(CHECK_INTERVAL).await;
            if !self.is_alive().await {
                return;
            }
        }
    }
}

fn lock(error: impl Into<Cause>) -> RelayError {
    RelayError::Lock(error.into())
}
