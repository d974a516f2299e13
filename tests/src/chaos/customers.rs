//! Those who place orders, steadily, whatever happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};

use crate::{Acknowledged, Http};

/// Customers at the same time.
const CUSTOMERS: u32 = 16;

/// How long an order's answer is waited for: longer than the service may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long a share of the orders may take, faults included.
const LIMIT: Duration = Duration::from_mins(5);

/// The most acknowledged orders that are looked for at each check; all of them are at the end.
const RECENT: usize = 2_000;

/// Those who place orders. Only a 201 counts; after anything else they go on with another order.
pub(super) struct Customers {
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

struct Shared {
    orders: Http,
    /// The amount of the last order that was tried: no two are for the same.
    last_amount: AtomicI64,
    acknowledged: Mutex<Vec<Acknowledged>>,
    count: watch::Sender<usize>,
    /// How many wait for an answer.
    waiting: watch::Sender<usize>,
    /// How many orders are wanted in all; at most a few more are placed.
    target: watch::Sender<usize>,
}

impl Customers {
    /// Starts them; they place nothing until a target is set.
    pub(super) fn start(orders: Http, orders_per_second: u32) -> Self {
        let shared = Arc::new(Shared {
            orders,
            last_amount: AtomicI64::new(0),
            acknowledged: Mutex::default(),
            count: watch::Sender::new(0),
            waiting: watch::Sender::new(0),
            target: watch::Sender::new(0),
        });
        let pause = Duration::from_secs(1) * CUSTOMERS / orders_per_second.max(1);
        let mut tasks = JoinSet::new();
        for _ in 0..CUSTOMERS {
            tasks.spawn(place_orders(shared.clone(), pause));
        }
        Self { shared, _tasks: tasks }
    }

    /// Lets them place orders until so many are acknowledged.
    pub(super) fn aim_at(&self, target: usize) {
        self.shared.target.send_replace(target);
    }

    /// Waits until so many are acknowledged.
    pub(super) async fn place_until(&self, target: usize) -> Result<()> {
        self.aim_at(target);
        let mut count = self.shared.count.subscribe();
        let reached = timeout(LIMIT, count.wait_for(|count| *count >= target)).await;
        reached.with_context(|| format!("only {} of {target} orders were taken", self.acknowledged()))??;
        Ok(())
    }

    /// Waits until no customer waits for an answer, after as many orders were acknowledged as were wanted.
    pub(super) async fn quiet(&self) -> Result<()> {
        let mut waiting = self.shared.waiting.subscribe();
        let quiet = timeout(PATIENCE * 2, waiting.wait_for(|waiting| *waiting == 0)).await;
        quiet.context("a customer waits for an answer longer than it should")??;
        Ok(())
    }

    /// How many are acknowledged.
    pub(super) fn acknowledged(&self) -> usize {
        *self.shared.count.borrow()
    }

    /// The last of the acknowledged orders.
    pub(super) fn recent(&self) -> Vec<Acknowledged> {
        let all = self.shared.acknowledged.lock();
        all[all.len().saturating_sub(RECENT)..].to_vec()
    }

    /// All acknowledged orders.
    pub(super) fn all(&self) -> Vec<Acknowledged> {
        self.shared.acknowledged.lock().clone()
    }
}

async fn place_orders(shared: Arc<Shared>, pause: Duration) {
    let mut pace = interval(pause);
    let (mut count, mut target) = (shared.count.subscribe(), shared.target.subscribe());
    loop {
        pace.tick().await;
        while *count.borrow_and_update() >= *target.borrow_and_update() {
            let _ = tokio::select! {
                changed = target.changed() => changed,
                changed = count.changed() => changed,
            };
        }
        let amount = shared.last_amount.fetch_add(1, Ordering::Relaxed) + 1;
        let order = format!("{{\"amount\":{amount}}}");
        shared.waiting.send_modify(|waiting| *waiting += 1);
        let placed = timeout(PATIENCE, shared.orders.post_json("/orders", order)).await;
        shared.waiting.send_modify(|waiting| *waiting -= 1);
        let Ok(Ok(answer)) = placed else { continue };
        if answer.status != 201 {
            continue;
        }
        let id = answer.json().ok().and_then(|order| order["id"].as_str()?.parse().ok());
        if let Some(id) = id {
            let order = Acknowledged { id, amount };
            shared.acknowledged.lock().push(order);
            shared.count.send_modify(|count| *count += 1);
        }
    }
}
