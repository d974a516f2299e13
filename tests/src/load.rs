//! Thousands of orders over a bounded number of connections, with a record of each that was acknowledged.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::Http;

/// How long a sender waits after a refusal before its next order: it asks for patience, so it gets some.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long a whole load may take.
const LIMIT: Duration = Duration::from_mins(5);

/// An order that was answered 201.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Acknowledged {
    /// The order's identifier.
    pub id: Uuid,
    /// Its amount in minor units; different for each order of a load.
    pub amount: i64,
}

/// A load that is being sent.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    senders: JoinSet<()>,
    start: Instant,
}

/// How a load went.
#[derive(Clone, Debug, Default)]
pub struct LoadReport {
    /// The orders that were acknowledged.
    pub acknowledged: Vec<Acknowledged>,
    /// How many got another answer, by its status.
    pub refused: BTreeMap<u16, usize>,
    /// Answers 503 that had no `Retry-After`.
    pub refused_without_retry_after: usize,
    /// Connections that broke, with the reason.
    pub broken: Vec<String>,
    /// How long it took.
    pub took: Duration,
}

#[derive(Debug)]
struct Shared {
    orders: usize,
    report: Mutex<LoadReport>,
    next: Mutex<usize>,
    /// How many are acknowledged, and how many refused.
    progress: watch::Sender<(usize, usize)>,
}

impl LoadReport {
    /// An error unless each of so many orders was acknowledged at once.
    pub fn complete(&self, orders: usize) -> Result<()> {
        let Self { acknowledged, refused, broken, .. } = self;
        ensure!(refused.is_empty() && broken.is_empty(), "{refused:?} {broken:?}");
        ensure!(acknowledged.len() == orders, "{} of {orders}", acknowledged.len());
        Ok(())
    }
}

impl Load {
    /// Starts to send `orders` orders over `connections` connections. An order that is refused is not sent again; a
    /// sender whose connection breaks ends, since it is unknown whether its order was accepted.
    pub fn start(to: &Http, orders: usize, connections: usize) -> Self {
        let shared = Arc::new(Shared {
            orders,
            report: Mutex::default(),
            next: Mutex::default(),
            progress: watch::Sender::default(),
        });
        let mut senders = JoinSet::new();
        for _ in 0..connections {
            // A client for each sender, so that each has exactly one connection.
            senders.spawn(send(Http::new(format!("http://{}", to.authority())), shared.clone()));
        }
        Self { shared, senders, start: Instant::now() }
    }

    /// Waits until at least `count` orders are acknowledged.
    pub async fn acknowledged(&self, count: usize) -> Result<()> {
        self.reached(&format!("{count} acknowledged orders"), |(acknowledged, _)| acknowledged >= count).await
    }

    /// Waits until at least `count` orders more than now are acknowledged.
    pub async fn acknowledged_more(&self, count: usize) -> Result<()> {
        let now = self.shared.progress.borrow().0;
        self.acknowledged(now + count).await
    }

    /// Waits until at least `count` orders more than now are refused.
    pub async fn refused_more(&self, count: usize) -> Result<()> {
        let now = self.shared.progress.borrow().1;
        self.reached(&format!("{count} more refused orders"), |(_, refused)| refused >= now + count).await
    }

    /// How many are refused so far.
    pub fn refused(&self) -> usize {
        self.shared.progress.borrow().1
    }

    /// Sends no further orders; those in flight are still answered.
    pub fn stop(&self) {
        *self.shared.next.lock() = self.shared.orders;
    }

    /// Waits until everything is sent, or every connection is broken.
    pub async fn finish(mut self) -> Result<LoadReport> {
        timeout(LIMIT, async { while self.senders.join_next().await.is_some() {} })
            .await
            .with_context(|| format!("the load did not end within {LIMIT:?}"))?;
        let mut report = self.shared.report();
        report.took = self.start.elapsed();
        Ok(report.clone())
    }

    async fn reached(&self, what: &str, enough: impl Fn((usize, usize)) -> bool) -> Result<()> {
        let mut progress = self.shared.progress.subscribe();
        let reached = timeout(LIMIT, progress.wait_for(|progress| enough(*progress))).await;
        match reached {
            Ok(Ok(_)) => Ok(()),
            _ => bail!("there were no {what} within {LIMIT:?}; so far: {:?}", self.shared.report()),
        }
    }
}

impl Shared {
    fn report(&self) -> parking_lot::MutexGuard<'_, LoadReport> {
        self.report.lock()
    }

    /// The number of the next order, from 1; `None` when all are sent.
    fn take(&self) -> Option<usize> {
        let mut next = self.next.lock();
        if *next >= self.orders {
            return None;
        }
        *next += 1;
        Some(*next)
    }
}

async fn send(to: Http, shared: Arc<Shared>) {
    while let Some(number) = shared.take() {
        match place(&to, i64::try_from(number).unwrap_or(i64::MAX)).await {
            Ok(Placed::Acknowledged(order)) => {
                shared.report().acknowledged.push(order);
                shared.progress.send_modify(|progress| progress.0 += 1);
            }
            Ok(Placed::Refused { status, retry_after }) => {
                {
                    let mut report = shared.report();
                    *report.refused.entry(status).or_default() += 1;
                    report.refused_without_retry_after += usize::from(status == 503 && !retry_after);
                }
                shared.progress.send_modify(|progress| progress.1 += 1);
                sleep(PATIENCE).await;
            }
            Err(error) => {
                shared.report().broken.push(format!("{error:#}"));
                return;
            }
        }
    }
}

enum Placed {
    Acknowledged(Acknowledged),
    Refused { status: u16, retry_after: bool },
}

async fn place(to: &Http, amount: i64) -> Result<Placed> {
    let answer = to.post_json("/orders", format!("{{\"amount\":{amount}}}")).await?;
    if answer.status != 201 {
        return Ok(Placed::Refused {
            status: answer.status,
            retry_after: answer.header("retry-after").is_some(),
        });
    }
    let order = answer.json()?;
    let id = order["id"].as_str().context("an order without an id")?.parse()?;
    Ok(Placed::Acknowledged(Acknowledged { id, amount }))
}
