//! The relay of webhooks and its loop.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinError, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use waybill_backoff::{Backoff, Waker};
use waybill_postgres::Database;
use waybill_telemetry::{Context, Service, SpanKind, names, with_causes};

use crate::delivery::Due;
use crate::outbox::{Outbox, Outcome};
use crate::post::Poster;
use crate::upkeep::Upkeep;
use crate::{SecretsError, WebhooksConfig, WebhooksError, WebhooksReport, WebhooksStatus};

/// Statements at the same time that record attempts.
const WRITES_MOST: usize = 16;

/// The first and the longest delay while the database is unavailable.
const OUTAGE_DELAY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(30));

/// What a step did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Deliveries that were answered with 2xx.
    pub delivered: usize,
    /// Attempts that failed; those deliveries are pending or failed now.
    pub failed: usize,
}

/// The relay of webhooks.
pub struct Webhooks {
    worker: Worker,
    upkeep: Upkeep,
    config: WebhooksConfig,
    wake: Waker,
}

/// Makes attempts. Cheap to clone.
#[derive(Clone)]
struct Worker {
    outbox: Outbox,
    poster: Poster,
    service: Service,
    report: watch::Sender<WebhooksReport>,
    /// Attempts that are recorded at the same time: the database has other work.
    writing: Arc<Semaphore>,
}

impl Webhooks {
    /// The relay of the webhooks in the invoices database `database`. It does nothing until it is run or stepped. An error says
    /// that the system's certificates cannot be read.
    pub fn new(database: Database, config: WebhooksConfig, service: Service) -> anyhow::Result<Self> {
        let poster = Poster::new(config.allow_private, config.answer_limit)?;
        let worker = Worker {
            outbox: Outbox::new(database.clone(), config.secret_keys.clone()),
            poster,
            service,
            report: watch::Sender::default(),
            writing: Arc::new(Semaphore::new(WRITES_MOST)),
        };
        let upkeep = Upkeep::new(database, config.secret_keys.clone());
        Ok(Self { worker, upkeep, config, wake: Waker::default() })
    }

    /// Fails if the secret of an endpoint is encrypted with a key that the configuration does not have.
    pub async fn check_secrets(&self) -> Result<(), SecretsError> {
        self.upkeep.check_secrets().await
    }

    /// The waker of this relay. Wake it after a possible change of an invoice in the same process.
    pub fn waker(&self) -> Waker {
        self.wake.clone()
    }

    /// A handle to its status.
    pub fn status(&self) -> WebhooksStatus {
        WebhooksStatus(self.worker.report.subscribe())
    }

    /// Attempts what is due now, once, and returns when all of it is recorded. It waits for nothing else, so a test can drive it.
    pub async fn step(&self) -> Result<Step, WebhooksError> {
        let mut in_flight = JoinSet::new();
        self.claim(&mut in_flight).await?;
        let mut step = Step::default();
        while let Some(ended) = in_flight.join_next().await {
            match ended?? {
                Some(Outcome::Delivered) => step.delivered += 1,
                Some(Outcome::Pending | Outcome::Failed | Outcome::Gone) => step.failed += 1,
                None => {}
            }
        }
        Ok(step)
    }

    /// Delivers until `stop` is cancelled. Requests in flight then get `drain_limit`; what is not recorded by then is
    /// posted again after its lease.
    pub async fn run(self, stop: CancellationToken) {
        let mut in_flight = JoinSet::new();
        let (mut poll, mut outage) = (self.config.poll_least, Backoff::new(OUTAGE_DELAY.0, OUTAGE_DELAY.1));
        while !stop.is_cancelled() {
            let wait = match self.claim(&mut in_flight).await {
                Ok(claimed) => {
                    self.enter_normal();
                    outage.reset();
                    let is_idle = claimed == 0 && in_flight.is_empty();
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
                Some(ended) = in_flight.join_next() => log_failure(ended),
            }
            // Those that ended together cause one look at the outbox, and not one each.
            while let Some(ended) = in_flight.try_join_next() {
                log_failure(ended);
            }
        }
        let drained = async {
            while let Some(ended) = in_flight.join_next().await {
                log_failure(ended);
            }
        };
        if timeout(self.config.drain_limit, drained).await.is_err() {
            tracing::warn!("some webhooks were not answered in time and will be posted again");
        }
    }

    /// Leases what is due, up to the limit of requests, and begins to post it.
    async fn claim(
        &self,
        in_flight: &mut JoinSet<Result<Option<Outcome>, WebhooksError>>,
    ) -> Result<usize, WebhooksError> {
        self.upkeep.run_if_due().await?;
        let free =
            self.config.requests_most.saturating_sub(u32::try_from(in_flight.len()).unwrap_or(u32::MAX));
        if free == 0 {
            return Ok(0);
        }
        let due = self.worker.outbox.claim_due(free, self.config.requests_per_endpoint).await?;
        let claimed = due.len();
        for due in due {
            let worker = self.worker.clone();
            in_flight.spawn(async move { worker.attempt(&due).await });
        }
        Ok(claimed)
    }

    fn enter_outage(&self, error: &WebhooksError) {
        let reason = with_causes(error);
        // One line for each outage, however many attempts it has.
        if self.worker.report.borrow().waiting.is_none() {
            tracing::warn!(reason, "webhooks wait; nothing is lost");
        }
        self.worker.report.send_modify(|report| report.waiting = Some(reason));
    }

    fn enter_normal(&self) {
        let had_outage = self.worker.report.send_if_modified(|report| report.waiting.take().is_some());
        if had_outage {
            tracing::info!("webhooks are delivered again");
        }
    }
}

impl Worker {
    /// Makes one attempt and records it. Without the key of the endpoint's secret there is none (`None`), and none is counted: the receiver is
    /// not to blame. The delivery is due again when its lease ends.
    async fn attempt(&self, due: &Due) -> Result<Option<Outcome>, WebhooksError> {
        let id = due.event_id.to_string();
        let Some(secrets) = &due.secrets else {
            tracing::warn!(
                event = id,
                endpoint = %due.endpoint_id,
                "a webhook waits: its endpoint's secret is encrypted with a key that WAYBILL_SECRETS_KEY does not have"
            );
            return Ok(None);
        };
        let attributes = names::sending("webhook", &due.event_type, &id);
        let span =
            self.service.span(names::send(&due.event_type), SpanKind::Producer, &Context::new(), attributes);
        let attempt = self.poster.post(due, secrets).await;
        if let Some(status) = attempt.status {
            span.set_attribute(names::http_status(status.as_u16()));
        }
        if let Some(error) = &attempt.error {
            span.set_error(error);
            tracing::info!(event = id, endpoint = %due.endpoint_id, error, "a webhook was not delivered");
        }
        let outcome = {
            // The semaphore is never closed.
            let _permit = self.writing.acquire().await;
            self.outbox.record(due, &attempt).await?
        };
        self.report.send_modify(|report| match outcome {
            Outcome::Delivered => report.delivered += 1,
            Outcome::Pending => report.failed += 1,
            Outcome::Failed | Outcome::Gone => {
                report.failed += 1;
                report.failed_deliveries += 1;
            }
        });
        if outcome == Outcome::Gone {
            tracing::warn!(endpoint = %due.endpoint_id, "a receiver answered 410 Gone: its endpoint is disabled until it is enabled by the API");
        }
        if outcome == Outcome::Failed {
            tracing::warn!(event = id, endpoint = %due.endpoint_id, "a webhook has failed for good; it can be redelivered by the API");
        }
        Ok(Some(outcome))
    }
}

/// Logs the failure of an attempt that has ended.
fn log_failure(ended: Result<Result<Option<Outcome>, WebhooksError>, JoinError>) {
    match ended {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => {
            tracing::warn!(
                error = with_causes(&error),
                "an attempt could not be recorded; the webhook is posted again"
            );
        }
        Err(error) => tracing::error!(%error, "an attempt to post a webhook broke off"),
    }
}
