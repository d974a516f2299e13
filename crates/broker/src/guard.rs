//! Whether RabbitMQ keeps what it confirms. While it does not, no event is published.
//!
//! The declaration of the main queue is seen over AMQP. Policies are not: for these, the management API is asked, and before each
//! batch if the last answer is not fresh.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use waybill_broker_rules::{ConfigError, main_arguments};
use waybill_telemetry::with_causes;

use crate::config::BrokerConfig;
use crate::error::BrokerError;
use crate::inspect::{Declaration, Found, inspect};
use crate::link::Link;
use crate::loss::{Definition, Purpose, of_queue};
use crate::management::Management;
use crate::topology;

/// The time between two checks.
const INTERVAL: Duration = Duration::from_secs(3);

/// How old an answer of the management API may be when a batch is published.
const FRESH: Duration = Duration::from_secs(1);

/// Checks for causes of message loss.
pub(crate) struct Guard {
    config: Arc<BrokerConfig>,
    management: Option<Management>,
    state: Mutex<State>,
    /// How the queue was declared at the last check.
    known: tokio::sync::Mutex<Declaration>,
    asking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    by_amqp: Vec<String>,
    by_management: Vec<String>,
    since: Option<Instant>,
    asked_at: Option<Instant>,
    /// The management API does not answer: it is asked in the background only.
    is_silent: bool,
}

impl State {
    fn losses(&self) -> Vec<String> {
        let mut losses = self.by_amqp.clone();
        losses.extend(self.by_management.iter().filter(|loss| !self.by_amqp.contains(loss)).cloned());
        losses
    }
}

impl Guard {
    pub(crate) fn new(config: Arc<BrokerConfig>) -> Result<Self, ConfigError> {
        let management = Management::new(&config)?;
        let known = Declaration::new(topology::DURABLE, main_arguments(&config.queue, config.queue_type));
        Ok(Self {
            config,
            management,
            state: Mutex::default(),
            known: known.into(),
            asking: tokio::sync::Mutex::default(),
        })
    }

    /// Whether policies can be seen.
    pub(crate) fn sees_policies(&self) -> bool {
        self.management.is_some()
    }

    /// Why messages would be lost, and since when.
    pub(crate) fn losses(&self) -> Option<(Instant, String)> {
        let state = self.state.lock();
        state.since.map(|since| (since, state.losses().join("; ")))
    }

    /// The same, for a batch that is about to be published.
    pub(crate) async fn losses_now(&self) -> Option<String> {
        let is_fresh = || {
            let state = self.state.lock();
            state.is_silent || state.asked_at.is_some_and(|at| at.elapsed() < FRESH)
        };
        if self.management.is_some() && !is_fresh() {
            let _asking = self.asking.lock().await;
            if !is_fresh() {
                self.ask().await;
            }
        }
        self.losses().map(|(_, reason)| reason)
    }

    /// Checks once.
    pub(crate) async fn check(&self, link: &Link) {
        match self.look(link).await {
            Ok(losses) => self.update(|state| state.by_amqp = losses),
            // The connection is lost, or somebody changes the queue just now.
            Err(error) => tracing::debug!(error = with_causes(&error), "the queue could not be looked at"),
        }
        let _asking = self.asking.lock().await;
        self.ask().await;
    }

    /// Checks every few seconds, and never returns.
    pub(crate) async fn keep_checking(&self, link: &Link) -> String {
        loop {
            tokio::time::sleep(INTERVAL).await;
            self.check(link).await;
        }
    }

    async fn look(&self, link: &Link) -> Result<Vec<String>, BrokerError> {
        let mut known = self.known.lock().await;
        let queue = &self.config.queue;
        let losses = match inspect(link, queue, known.clone()).await? {
            Found::Declared(found) => {
                let losses = of_queue(queue, Purpose::Kept, &found.facts(), &Definition::new());
                *known = found;
                losses
            }
            Found::Missing => {
                tracing::error!(
                    queue,
                    "the queue was deleted, with what it held; it is declared again, and waybill audit lists the orders without an invoice"
                );
                *known = Declaration::new(
                    topology::DURABLE,
                    main_arguments(&self.config.queue, self.config.queue_type),
                );
                topology::declare(link, &self.config).await?;
                Vec::new()
            }
            Found::Exclusive => {
                vec![format!("queue `{queue}` is exclusive: it goes with the connection that declared it")]
            }
            Found::Unknown(words) => {
                tracing::debug!(queue, words, "how the queue was declared cannot be seen");
                Vec::new()
            }
        };
        topology::bind(link, &self.config).await?;
        Ok(losses)
    }

    async fn ask(&self) {
        let Some(management) = &self.management else { return };
        match management.losses(&self.config).await {
            Ok(losses) => {
                if std::mem::take(&mut self.state.lock().is_silent) {
                    tracing::info!("the management API of RabbitMQ answers again");
                }
                self.update(|state| {
                    state.by_management = losses;
                    state.asked_at = Some(Instant::now());
                });
            }
            // The management API takes no part in an order's delivery, so its last answer holds.
            Err(error) => {
                if !std::mem::replace(&mut self.state.lock().is_silent, true) {
                    tracing::warn!(
                        reason = with_causes(&error),
                        "the management API of RabbitMQ cannot be asked; policies are not seen meanwhile"
                    );
                }
            }
        }
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state.lock();
        let before = state.losses();
        change(&mut state);
        let after = state.losses();
        if after == before {
            return;
        }
        if after.is_empty() {
            state.since = None;
            tracing::info!("RabbitMQ keeps all messages; events are published again");
        } else {
            state.since.get_or_insert_with(Instant::now);
            tracing::error!(
                reason = after.join("; "),
                "RabbitMQ would lose messages; events wait until that is repaired"
            );
        }
    }
}
