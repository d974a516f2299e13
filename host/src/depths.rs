//! Depths of outbox and queues, and counts of documents: measured every few seconds, since only the databases and RabbitMQ know them.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;
use waybill_broker::{Broker, Health};
use waybill_postgres::Database;
use waybill_relay::{OutboxDepth, RelayStatus};

/// The time between two measurements.
const INTERVAL: Duration = Duration::from_secs(2);

/// The time that one measurement may take.
const MEASURE_LIMIT: Duration = Duration::from_secs(5);

const COUNT_DOCUMENTS: &str = include_str!("depths/count_documents.sql");

/// The last measurement. What could not be measured is missing.
#[derive(Clone, Debug, Default)]
pub struct Depths {
    pub outbox: Option<OutboxDepth>,
    /// Ready messages by queue.
    pub queues: Vec<(String, u32)>,
    pub documents: Option<Documents>,
}

/// All documents that were ever issued.
#[derive(Clone, Copy, Debug, Default)]
pub struct Documents {
    pub invoices: u64,
    pub credit_notes: u64,
}

/// Where a process measures.
#[derive(Clone, Default)]
pub struct DepthSources {
    /// The outbox of this relay.
    pub relay: Option<RelayStatus>,
    /// The queues of this broker, which has a connection for consuming.
    pub broker: Option<Broker>,
    /// The counters of this database.
    pub invoices: Option<Database>,
}

/// The last measurement, for any number of readers. Cheap to clone.
#[derive(Clone)]
pub struct DepthWatch(watch::Receiver<Depths>);

impl DepthWatch {
    pub fn now(&self) -> Depths {
        self.0.borrow().clone()
    }

    /// Waits for the next measurement.
    pub async fn changed(&mut self) {
        if self.0.changed().await.is_err() {
            // The measurements have ended. Another token ends this task.
            std::future::pending::<()>().await;
        }
    }
}

impl DepthSources {
    pub fn is_empty(&self) -> bool {
        self.relay.is_none() && self.broker.is_none() && self.invoices.is_none()
    }

    /// Measures until `stop`.
    pub fn watch(self, stop: CancellationToken) -> (DepthWatch, impl Future<Output = ()> + Send + 'static) {
        let (sender, receiver) = watch::channel(Depths::default());
        let measuring = async move {
            let mut ticks = interval(INTERVAL);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while stop.run_until_cancelled(ticks.tick()).await.is_some() {
                let Some(found) = stop.run_until_cancelled(self.measure()).await else { break };
                sender.send_replace(found);
            }
        };
        (DepthWatch(receiver), measuring)
    }

    async fn measure(&self) -> Depths {
        let (outbox, queues, documents) = tokio::join!(self.outbox(), self.queues(), self.documents());
        Depths { outbox, queues, documents }
    }

    async fn outbox(&self) -> Option<OutboxDepth> {
        timeout(MEASURE_LIMIT, self.relay.as_ref()?.read_bounded_depth()).await.ok()?.ok()
    }

    async fn queues(&self) -> Vec<(String, u32)> {
        let Some(broker) =
            self.broker.as_ref().filter(|broker| !matches!(broker.health(), Health::Down { .. }))
        else {
            return Vec::new();
        };
        let mut found = Vec::new();
        for queue in broker.config().queues() {
            if let Ok(Ok((ready, _))) = timeout(MEASURE_LIMIT, broker.depth(&queue)).await {
                found.push((queue, ready));
            }
        }
        found
    }

    async fn documents(&self) -> Option<Documents> {
        let rows =
            timeout(MEASURE_LIMIT, self.invoices.as_ref()?.rows(COUNT_DOCUMENTS, &[])).await.ok()?.ok()?;
        let row = rows.first()?;
        let count = |column| row.try_get::<_, i64>(column).ok().and_then(|count| u64::try_from(count).ok());
        Some(Documents { invoices: count(0)?, credit_notes: count(1)? })
    }
}
