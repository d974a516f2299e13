//! The relay of webhooks and its loop.

use std::sync::Arc;

use thiserror::Error;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use waybill_postgres::Database;
use waybill_relay::{Backoff, Waker};
use waybill_telemetry::{Context, Service, SpanKind, names};

use crate::outbox::{Due, Outbox, Outcome};
use crate::post::Poster;
use crate::{WebhooksConfig, WebhooksReport, WebhooksStatus};

/// Statements at the same time that write attempts down.
const WRITES_MOST: usize = 16;

/// Why a step could not be done, usually because the database is away. Nothing is lost by it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the webhooks cannot be read or written: {0}")]
pub struct WebhooksError(pub(crate) String);

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Deliveries that were answered with 2xx.
    pub delivered: usize,
    /// Attempts that failed; those deliveries wait now, or are given up.
    pub failed: usize,
}

/// Posts what has happened to invoices.
pub struct Webhooks {
    worker: Worker,
    config: WebhooksConfig,
    wake: Waker,
}

/// What an attempt needs. Cheap to clone.
#[derive(Clone)]
struct Worker {
    outbox: Outbox,
    poster: Poster,
    service: Service,
    report: watch::Sender<WebhooksReport>,
    /// Attempts that may be written down at the same time: the database has other things to do.
    writing: Arc<Semaphore>,
}

impl Webhooks {
    /// The relay of the webhooks in the invoices database `database`. It does nothing until it is run or stepped. An error says
    /// that the system's certificates cannot be read.
    pub fn new(database: Database, config: WebhooksConfig, service: Service) -> anyhow::Result<Self> {
        let poster = Poster::new(config.allow_private, config.answer_limit)?;
        let worker = Worker {
            outbox: Outbox::new(database),
            poster,
            service,
            report: watch::Sender::default(),
            writing: Arc::new(Semaphore::new(WRITES_MOST)),
        };
        Ok(Self { worker, config, wake: Waker::default() })
    }

    /// What wakes it. Call it after something may have happened to an invoice, in the same process.
    pub fn waker(&self) -> Waker {
        self.wake.clone()
    }

    /// What it can be watched by.
    pub fn status(&self) -> WebhooksStatus {
        WebhooksStatus(self.worker.report.subscribe())
    }

    /// Attempts what is due now, once, and returns when all of it is written down. It waits for nothing else, so a test can
    /// drive it.
    pub async fn step(&self) -> Result<Step, WebhooksError> {
        let mut under_way = JoinSet::new();
        self.claim(&mut under_way).await?;
        let mut step = Step::default();
        while let Some(ended) = under_way.join_next().await {
            match ended.map_err(|error| WebhooksError(error.to_string()))?? {
                Outcome::Delivered => step.delivered += 1,
                Outcome::Waits | Outcome::GivenUp => step.failed += 1,
            }
        }
        Ok(step)
    }

    /// Delivers until `stop` is cancelled. Requests under way then get `drain_limit`; what is not written down by then is
    /// posted again, once its lease is over.
    pub async fn run(self, stop: CancellationToken) {
        let mut under_way = JoinSet::new();
        let (mut poll, mut outage) = (self.config.poll_least, Backoff::default());
        while !stop.is_cancelled() {
            let wait = match self.claim(&mut under_way).await {
                Ok(claimed) => {
                    self.enter_normal();
                    outage.reset();
                    let is_idle = claimed == 0 && under_way.is_empty();
                    let longer = poll.saturating_mul(2).min(self.config.poll_most);
                    poll = if is_idle { longer } else { self.config.poll_least };
                    poll
                }
                Err(error) => {
                    self.enter_outage(&error);
                    outage.next_delay()
                }
            };
            tokio::select! {
                () = sleep(wait) => {}
                () = self.wake.woken() => {}
                () = stop.cancelled() => {}
                Some(ended) = under_way.join_next() => note(ended),
            }
            // Those that ended together make room for one look at the outbox, and not for one each.
            while let Some(ended) = under_way.try_join_next() {
                note(ended);
            }
        }
        let drained = async {
            while let Some(ended) = under_way.join_next().await {
                note(ended);
            }
        };
        if timeout(self.config.drain_limit, drained).await.is_err() {
            tracing::warn!("some webhooks were not answered in time and will be posted again");
        }
    }

    /// Leases what is due, as far as there is room, and begins to post it.
    async fn claim(
        &self,
        under_way: &mut JoinSet<Result<Outcome, WebhooksError>>,
    ) -> Result<usize, WebhooksError> {
        let free =
            self.config.requests_most.saturating_sub(u32::try_from(under_way.len()).unwrap_or(u32::MAX));
        if free == 0 {
            return Ok(0);
        }
        let due = self.worker.outbox.claim_due(free, self.config.requests_per_endpoint).await?;
        let claimed = due.len();
        for due in due {
            let worker = self.worker.clone();
            under_way.spawn(async move { worker.attempt(&due).await });
        }
        Ok(claimed)
    }

    fn enter_outage(&self, error: &WebhooksError) {
        // One line for each outage, however many attempts it has.
        if self.worker.report.borrow().waiting.is_none() {
            tracing::warn!(%error, "webhooks wait; nothing is lost");
        }
        self.worker.report.send_modify(|report| report.waiting = Some(error.to_string()));
    }

    fn enter_normal(&self) {
        let was_away = self.worker.report.send_if_modified(|report| report.waiting.take().is_some());
        if was_away {
            tracing::info!("webhooks go on");
        }
    }
}

impl Worker {
    /// One attempt, and the noting down of what came of it.
    async fn attempt(&self, due: &Due) -> Result<Outcome, WebhooksError> {
        let id = due.event_id.to_string();
        let attributes = names::sending("webhook", &due.event_type, &id);
        let span =
            self.service.span(names::send(&due.event_type), SpanKind::Producer, &Context::new(), attributes);
        let attempt = self.poster.post(due).await;
        if let Some(status) = attempt.status {
            span.set_attribute(names::http_status(status.as_u16()));
        }
        if let Some(error) = &attempt.error {
            span.set_error(error);
            tracing::info!(event = id, endpoint = %due.endpoint_id, error, "a webhook was not delivered");
        }
        let outcome = {
            // It is never closed.
            let _turn = self.writing.acquire().await;
            self.outbox.record(due, &attempt).await?
        };
        self.report.send_modify(|report| match outcome {
            Outcome::Delivered => report.delivered += 1,
            Outcome::Waits => report.failed += 1,
            Outcome::GivenUp => {
                report.failed += 1;
                report.given_up += 1;
            }
        });
        if outcome == Outcome::GivenUp {
            tracing::warn!(event = id, endpoint = %due.endpoint_id, "a webhook is given up until somebody asks for it again");
        }
        Ok(outcome)
    }
}

/// What is left to say of an attempt that has ended.
fn note(ended: Result<Result<Outcome, WebhooksError>, JoinError>) {
    match ended {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "what came of a webhook could not be written down; it is posted again");
        }
        Err(error) => tracing::error!(%error, "an attempt to post a webhook broke off"),
    }
}
