//! A connection that is up or being re-established.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use waybill_backoff::Backoff;
use waybill_telemetry::with_causes;

use crate::config::BrokerConfig;
use crate::connect::{ConnectError, connect};
use crate::counts::Counter;
use crate::error::BrokerError;
use crate::guard::Guard;
use crate::link::Link;
use crate::topology;

const FIRST_DELAY: Duration = Duration::from_millis(100);

/// The state of the link to RabbitMQ.
#[derive(Clone, Debug)]
pub enum Health {
    /// Connected, and RabbitMQ takes messages.
    Connected,
    /// Connected, but RabbitMQ takes no messages until it has memory or disk again.
    Blocked {
        /// Since when.
        since: Instant,
        /// RabbitMQ's words.
        reason: String,
    },
    /// Connected, but RabbitMQ would lose messages that it confirms. Events wait until that is repaired.
    Lossy {
        /// Since when.
        since: Instant,
        /// What loses them.
        reason: String,
    },
    /// Connected, but a consumer takes no messages.
    NotConsuming {
        /// Since when.
        since: Instant,
        /// Why.
        reason: String,
    },
    /// Not connected; attempts go on.
    Down {
        /// Since when.
        since: Instant,
        /// Why the last attempt failed, or how the connection was lost.
        reason: String,
    },
}

impl Health {
    /// Whether messages go through.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Connected)
    }
}

impl fmt::Display for Health {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => formatter.write_str("connected to RabbitMQ"),
            Self::Blocked { since, reason } => {
                write!(formatter, "blocked by RabbitMQ for {} s: {reason}", since.elapsed().as_secs())
            }
            Self::Lossy { since, reason } => write!(
                formatter,
                "RabbitMQ would lose messages, so events have been waiting for {} s: {reason}",
                since.elapsed().as_secs()
            ),
            Self::NotConsuming { since, reason } => {
                write!(
                    formatter,
                    "no message has been taken from RabbitMQ for {} s: {reason}",
                    since.elapsed().as_secs()
                )
            }
            Self::Down { since, reason } => {
                write!(formatter, "not connected to RabbitMQ for {} s: {reason}", since.elapsed().as_secs())
            }
        }
    }
}

#[derive(Clone)]
enum State {
    Up(Arc<Link>),
    Down { since: Instant, reason: String },
}

/// Keeps one connection up: opens it, declares the topology, watches it, and opens the next one when it is lost.
pub(crate) struct Reconnector {
    config: Arc<BrokerConfig>,
    pub(crate) counts: Arc<Counter>,
    state: watch::Receiver<State>,
    stop: CancellationToken,
    task: Mutex<Option<JoinHandle<()>>>,
    last_declared: tokio::sync::Mutex<Option<Instant>>,
}

impl Reconnector {
    /// Starts connecting in the background.
    ///
    /// A guard is asked before the connection counts as there, and from then on.
    pub(crate) fn start(
        config: Arc<BrokerConfig>,
        role: &'static str,
        counts: Arc<Counter>,
        guard: Option<Arc<Guard>>,
    ) -> Arc<Self> {
        let (sender, state) =
            watch::channel(State::Down { since: Instant::now(), reason: "not connected yet".to_owned() });
        let stop = CancellationToken::new();
        let task = tokio::spawn(reconnect(config.clone(), role, sender, stop.clone(), counts.clone(), guard));
        Arc::new(Self {
            config,
            counts,
            state,
            stop,
            task: Mutex::new(Some(task)),
            last_declared: tokio::sync::Mutex::default(),
        })
    }

    pub(crate) fn health(&self) -> Health {
        match &*self.state.borrow() {
            State::Down { since, reason } => Health::Down { since: *since, reason: reason.clone() },
            State::Up(link) => match link.blocked() {
                None => Health::Connected,
                Some((since, reason)) => Health::Blocked { since, reason },
            },
        }
    }

    /// The connection, if there is one now.
    pub(crate) fn link(&self) -> Result<Arc<Link>, BrokerError> {
        match &*self.state.borrow() {
            State::Up(link) if !link.is_lost() => Ok(link.clone()),
            State::Up(_) => Err(BrokerError::Unavailable("the connection was just lost".to_owned())),
            State::Down { reason, .. } => Err(BrokerError::Unavailable(reason.clone())),
        }
    }

    /// The connection, as soon as there is one within the limit.
    pub(crate) async fn link_within(&self, limit: Duration) -> Result<Arc<Link>, BrokerError> {
        // Whether it timed out or the task has ended: the state says why there is no connection.
        let _ = tokio::time::timeout(limit, self.connected()).await;
        self.link()
    }

    /// Waits for a connection; returns also after [`close`](Self::close).
    pub(crate) async fn connected(&self) {
        let mut state = self.state.clone();
        let _ = state.wait_for(|state| matches!(state, State::Up(link) if !link.is_lost())).await;
    }

    /// Whether the connection was closed for good.
    pub(crate) fn is_closed(&self) -> bool {
        self.stop.is_cancelled() || self.state.has_changed().is_err()
    }

    /// Declares the topology again on a living connection, because a part of it seems to be missing; at most
    /// once per second.
    pub(crate) async fn declare_again(&self, link: &Link) {
        let mut last = self.last_declared.lock().await;
        if last.is_some_and(|last| last.elapsed() < Duration::from_secs(1)) {
            return;
        }
        if let Err(error) = topology::declare(link, &self.config).await {
            tracing::warn!(error = with_causes(&error), "exchange and queues could not be declared again");
        }
        *last = Some(Instant::now());
    }

    /// Closes the connection for good.
    pub(crate) async fn close(&self) {
        self.stop.cancel();
        let task = self.task.lock().take();
        if let Some(task) = task {
            // It ends by itself within the limits of `Link::close`; a panic in it has been reported already.
            let _ = task.await;
        }
    }
}

impl Drop for Reconnector {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn reconnect(
    config: Arc<BrokerConfig>,
    role: &'static str,
    state: watch::Sender<State>,
    stop: CancellationToken,
    counts: Arc<Counter>,
    guard: Option<Arc<Guard>>,
) {
    let mut backoff = Backoff::new(FIRST_DELAY, config.max_reconnect_delay);
    loop {
        let opened = stop.run_until_cancelled(open(&config, role)).await;
        let reason = match opened {
            None => break,
            Some(Err(error)) => with_causes(&error),
            Some(Ok(link)) => {
                tracing::info!(role, server = %config.url, "connected to RabbitMQ");
                counts.connect();
                let opened_at = Instant::now();
                let used = async {
                    if let Some(guard) = &guard {
                        guard.check(&link).await;
                    }
                    state.send_replace(State::Up(link.clone()));
                    match &guard {
                        Some(guard) => guard.keep_checking(&link).await,
                        None => std::future::pending().await,
                    }
                };
                let watched = async {
                    tokio::select! {
                        reason = link.watch() => reason,
                        reason = used => reason,
                    }
                };
                let Some(reason) = stop.run_until_cancelled(watched).await else {
                    link.close().await;
                    break;
                };
                link.cut();
                // A server that takes connections and drops them at once must not cause a tight loop.
                if opened_at.elapsed() > config.max_reconnect_delay {
                    backoff.reset();
                }
                reason
            }
        };
        let pause = backoff.next_delay();
        tracing::warn!(role, server = %config.url, reason, ?pause, "no connection to RabbitMQ; trying again");
        set_down(&state, reason);
        if stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_none() {
            break;
        }
    }
    set_down(&state, "closed by us".to_owned());
}

/// Down since the first failure: a failed attempt to come back changes the reason only.
fn set_down(state: &watch::Sender<State>, reason: String) {
    state.send_modify(|state| {
        let since = match state {
            State::Down { since, .. } => *since,
            State::Up(_) => Instant::now(),
        };
        *state = State::Down { since, reason };
    });
}

async fn open(config: &BrokerConfig, role: &str) -> Result<Arc<Link>, ConnectError> {
    let (connection, cutter) = connect(config, role).await?;
    let link = Arc::new(Link::new(connection, cutter, config.request_timeout));
    topology::declare(&link, config).await?;
    Ok(link)
}
