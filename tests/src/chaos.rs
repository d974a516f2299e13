//! The whole system under faults: every role in processes of its own, a steady load, and one fault after the other.
//!
//! [`run`] is the experiment. Each fault has its share of the orders: they are placed while it begins, lasts and heals,
//! and then everything has to come to rest: all orders acknowledged, outbox and queues empty, an invoice for each order.
//! Only then are orders and invoices compared and the fault is written to the fault log. The same seed draws the same faults.

mod counts;
mod customers;
mod fault;
mod fault_log;
mod system;

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
pub use counts::Counts;
use customers::Customers;
pub use fault::Fault;
pub use fault_log::{Entry, FaultLog};
use futures::FutureExt as _;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use system::System;

use crate::eventually;

/// How long the system may take to come to rest after a fault, on a machine that is busy. The retry ladder's third step
/// is a minute.
const REST_LIMIT: Duration = Duration::from_mins(4);

/// How long a fault lasts.
const FAULT_TIME_MS: std::ops::Range<u64> = 200..3_000;

/// The experiment's settings.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Orders to be acknowledged.
    pub orders: usize,
    /// Faults to be injected.
    pub faults: usize,
    /// What the faults and their lengths are drawn from.
    pub seed: u64,
    /// The most orders that are placed in a second.
    pub orders_per_second: u32,
    /// Where the fault log is written.
    pub ledger: PathBuf,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Faults that were injected.
    pub faults: usize,
    /// Orders that were acknowledged.
    pub acknowledged: usize,
    /// Orders and invoices at the end.
    pub counts: Counts,
    /// Whether the audit found nothing either.
    pub audit: String,
    /// The slowest recovery, and after which fault.
    pub slowest: (Duration, Fault),
}

/// Runs the experiment; an error ends it at the fault after which something was off. `None` if the servers that it
/// needs are not installed. `progress` gets the number of the fault, the acknowledged orders, and the fault.
pub async fn run(plan: &Plan, mut progress: impl FnMut(usize, usize, Fault)) -> Result<Option<Outcome>> {
    let Some(mut system) = System::start().await? else { return Ok(None) };
    // The node's fixture fails by panicking. The logs are wanted then as well.
    let outcome = AssertUnwindSafe(inject_all(plan, &mut system, &mut progress)).catch_unwind().await;
    let outcome = outcome.unwrap_or_else(|_| bail!("a fixture failed; what it said stands above"));
    if outcome.is_err() {
        eprintln!("the logs of all processes are kept in {}", system.keep_logs().display());
    }
    outcome.map(Some)
}

async fn inject_all(
    plan: &Plan,
    system: &mut System,
    progress: &mut impl FnMut(usize, usize, Fault),
) -> Result<Outcome> {
    let mut random = StdRng::seed_from_u64(plan.seed);
    let mut fault_log = FaultLog::create(&plan.ledger)?;
    let customers = Customers::start(system.orders_address(), plan.orders_per_second);
    let mut slowest = (Duration::ZERO, Fault::ALL[0]);
    let drawn = Fault::draw(plan.faults, &mut random);
    for (index, fault) in drawn.iter().copied().enumerate() {
        let length = Duration::from_millis(random.random_range(FAULT_TIME_MS));
        progress(index + 1, customers.acknowledged(), fault);
        let (before, target) = (plan.orders * index / plan.faults, plan.orders * (index + 1) / plan.faults);
        // A quarter of its orders is placed before the fault begins.
        customers.place_until(before + (target - before) / 4).await?;
        if fault.needs_rest() {
            rest(system, &customers).await?;
        } else {
            customers.aim_at(target);
        }
        let begun = Instant::now();
        fault.inject(system, length).await?;
        let lasted = begun.elapsed();
        let healed = Instant::now();
        customers.place_until(target).await?;
        let counts = rest(system, &customers).await?;
        let recovered = healed.elapsed();
        slowest = slowest.max((recovered, fault));
        fault_log.add(&Entry::new(index + 1, fault, lasted, recovered, customers.acknowledged(), &counts))?;
        ensure!(counts.is_sound(), "after fault {} ({fault:?}): {counts:?}", index + 1);
    }
    let acknowledged = customers.acknowledged();
    system.queues_are_empty().await?;
    let counts = system.count(&customers.all()).await?;
    ensure!(counts.is_sound(), "at the end: {counts:?}");
    let audit = system.audit().await?;
    Ok(Outcome { faults: drawn.len(), acknowledged, counts, audit, slowest })
}

/// Waits until nothing is on its way any more, and counts.
async fn rest(system: &System, customers: &Customers) -> Result<Counts> {
    customers.quiet().await?;
    let (mut peer, mut last) = (None, None);
    eventually("everything comes to rest", REST_LIMIT, async || {
        if let Some(what) = system.under_way(&mut peer).await? {
            bail!(what);
        }
        let counts = system.count(&customers.recent()).await?;
        // An order whose customer has timed out can still arrive between two statements of a count. What is really wrong is
        // wrong at the next look as well.
        let certain = counts.is_sound() || last.as_ref() == Some(&counts);
        last = Some(counts.clone());
        Ok(certain.then_some(counts))
    })
    .await
}
