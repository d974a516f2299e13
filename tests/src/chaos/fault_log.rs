//! The fault log: one line of JSON for each fault, written when its consequences are known.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::Fault;

/// Orders and invoices, counted while nothing is in flight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Orders in the database: those that were acknowledged, and those whose answer was lost.
    pub orders: i64,
    pub invoices: i64,
    /// Events that were not delivered yet.
    pub outbox: i64,
    /// Acknowledged orders that are not in the database, or with another amount.
    pub lost_orders: i64,
    /// Whether the orders that have invoices are the orders that there are, with the same amounts.
    pub sets_agree: bool,
    /// Invoices beyond the first of an order.
    pub duplicates: i64,
    /// Numbers that were left out of their series.
    pub gaps: i64,
    /// Messages that became dead letters.
    pub dead_letters: u32,
}

impl Counts {
    /// Whether nothing was lost, doubled or left out.
    pub fn is_sound(&self) -> bool {
        self.lost_orders == 0
            && self.orders == self.invoices
            && self.sets_agree
            && self.duplicates == 0
            && self.gaps == 0
            && self.dead_letters == 0
    }
}

/// One fault and its consequences.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    fault: usize,
    kind: Fault,
    at_unix_s: u64,
    lasted_ms: u128,
    recovered_after_ms: u128,
    acknowledged: usize,
    #[serde(flatten)]
    counts: Counts,
}

impl Entry {
    pub(super) fn new(
        fault: usize,
        kind: Fault,
        lasted: Duration,
        recovered: Duration,
        acknowledged: usize,
        counts: &Counts,
    ) -> Self {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let begun = now.saturating_sub(lasted + recovered);
        Self {
            fault,
            kind,
            at_unix_s: begun.as_secs(),
            lasted_ms: lasted.as_millis(),
            recovered_after_ms: recovered.as_millis(),
            acknowledged,
            counts: counts.clone(),
        }
    }
}

#[derive(Debug)]
pub struct FaultLog(File);

impl FaultLog {
    /// Begins a new one.
    pub fn create(path: &Path) -> Result<Self> {
        Ok(Self(File::create(path).with_context(|| format!("{} cannot be written", path.display()))?))
    }

    /// Adds a line, which is in the file when this returns.
    pub fn add(&mut self, entry: &Entry) -> Result<()> {
        writeln!(self.0, "{}", serde_json::to_string(entry)?)?;
        Ok(self.0.flush()?)
    }
}
