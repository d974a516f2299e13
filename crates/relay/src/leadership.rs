//! One relay per database delivers.
//!
//! The right to deliver is an advisory lock, which is free at once when its session ends. A leader that is stopped, or whose network
//! drops packets, ends no session by itself; so the server ends a session that was silent for the lock limit, and the leader sends
//! a heartbeat several times within it. A leader whose heartbeats are not answered stops delivering earlier than that, by its own
//! monotonic clock, so that its successor does not begin before it has stopped.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::task::AbortOnDropHandle;
use waybill_postgres::{Database, Session};
use waybill_statement_macro::bound;

use crate::RelayError;
use crate::error::Cause;

bound!(LimitSession, "sql/limit_session.sql");
const TRY_LOCK: &str = include_str!("sql/try_lock.sql");

/// The advisory lock's number, which no version changes: the bytes of `wb-relay`.
const LOCK: i64 = i64::from_be_bytes(*b"wb-relay");

/// The longest time in which the lock's session has to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

/// The right to deliver.
pub(crate) struct Leadership {
    database: Database,
    limits: Limits,
    /// Asks for the lock, and does nothing else.
    session: Option<Session>,
    /// While this relay has the lock.
    lease: Option<Lease>,
}

/// The times that follow from the lock limit.
#[derive(Clone, Copy)]
struct Limits {
    /// The server ends the session after so long without a statement.
    lock: Duration,
    /// The leader stops so long after it sent the last heartbeat that was answered: earlier than the server ends the session.
    lease: Duration,
    heartbeat: Duration,
    answer: Duration,
}

impl Limits {
    fn new(lock: Duration) -> Self {
        Self { lock, lease: lock * 2 / 3, heartbeat: lock / 6, answer: ANSWER_LIMIT.min(lock / 3) }
    }
}

/// The lock, and until when this relay can be sure of it.
struct Lease {
    /// The lock ends with this session.
    session: Arc<Session>,
    /// `None` when the session is gone.
    until: watch::Receiver<Option<Instant>>,
    _heartbeat: AbortOnDropHandle<()>,
}

impl Leadership {
    pub(crate) fn new(database: Database, lock_limit: Duration) -> Self {
        Self { database, limits: Limits::new(lock_limit), session: None, lease: None }
    }

    /// Whether this relay may deliver. It asks for the lock when it does not have it.
    pub(crate) async fn acquire(&mut self) -> Result<bool, RelayError> {
        if self.lease.is_none() {
            return self.try_lock().await;
        }
        if self.is_alive().await {
            return Ok(true);
        }
        self.release();
        Err(RelayError::LockLost)
    }

    async fn try_lock(&mut self) -> Result<bool, RelayError> {
        // It is put back only if it has answered.
        let session = match self.session.take().filter(|session| !session.is_closed()) {
            Some(session) => session,
            None => self.open_session().await?,
        };
        let asked_at = Instant::now();
        let row = timeout(self.limits.answer, session.query_one(TRY_LOCK, &[&LOCK]))
            .await
            .map_err(lock)?
            .map_err(lock)?;
        let is_mine = row.try_get(0).map_err(lock)?;
        if is_mine {
            self.lease = Some(Lease::start(session, asked_at, self.limits));
        } else {
            self.session = Some(session);
        }
        Ok(is_mine)
    }

    async fn open_session(&self) -> Result<Session, RelayError> {
        let session = self.database.session().await.map_err(lock)?;
        let Limits { lock: limit, heartbeat, answer, .. } = self.limits;
        let ms = |time: Duration| time.as_millis().max(1).to_string();
        let s = |time: Duration| time.as_secs().max(1).to_string();
        let limits = LimitSession {
            idle_ms: &ms(limit),
            statement_ms: &ms(answer),
            first_probe_s: &s(heartbeat * 2),
            next_probe_s: &s(heartbeat),
            probes: "3",
            unconfirmed_ms: &ms(limit),
        };
        timeout(self.limits.answer, session.query(LimitSession::TEXT, &limits.values()))
            .await
            .map_err(lock)?
            .map_err(lock)?;
        Ok(session)
    }

    /// Gives the lock up by closing its session.
    pub(crate) fn release(&mut self) {
        self.session = None;
        self.lease = None;
    }

    /// Whether this relay has the lock and its session still answers.
    pub(crate) async fn is_alive(&self) -> bool {
        match &self.lease {
            Some(lease) => {
                lease.is_current()
                    && matches!(
                        timeout(self.limits.answer, lease.session.check_connection()).await,
                        Ok(Ok(()))
                    )
            }
            None => false,
        }
    }

    /// Ends when the lock is lost. It looks at the clock whenever it is polled: a process that was stopped goes on in the middle.
    pub(crate) async fn lost(&self) {
        let Some(lease) = &self.lease else { return };
        let mut ended = pin!(lease.ended());
        poll_fn(|context| if lease.is_current() { ended.as_mut().poll(context) } else { Poll::Ready(()) })
            .await;
    }
}

impl Lease {
    /// The lease of a lock that was asked for at `asked_at`.
    fn start(session: Session, asked_at: Instant, limits: Limits) -> Self {
        let session = Arc::new(session);
        let (sender, until) = watch::channel(Some(asked_at + limits.lease));
        let heartbeat = tokio::spawn(send_heartbeats(session.clone(), sender, limits));
        Self { session, until, _heartbeat: AbortOnDropHandle::new(heartbeat) }
    }

    fn is_current(&self) -> bool {
        self.until.borrow().is_some_and(|until| Instant::now() < until)
    }

    /// Ends when it is not renewed.
    async fn ended(&self) {
        let mut until = self.until.clone();
        loop {
            let Some(now) = *until.borrow_and_update() else { return };
            tokio::select! {
                () = sleep_until(now) => return,
                changed = until.changed() => if changed.is_err() { return },
            }
        }
    }
}

/// Renews a lease until the session does not answer.
async fn send_heartbeats(session: Arc<Session>, until: watch::Sender<Option<Instant>>, limits: Limits) {
    loop {
        sleep(limits.heartbeat).await;
        let sent_at = Instant::now();
        if !matches!(timeout(limits.answer, session.check_connection()).await, Ok(Ok(()))) {
            until.send_replace(None);
            return;
        }
        // The server counts from its answer, which is later.
        until.send_replace(Some(sent_at + limits.lease));
    }
}

fn lock(error: impl Into<Cause>) -> RelayError {
    RelayError::Lock(error.into())
}
