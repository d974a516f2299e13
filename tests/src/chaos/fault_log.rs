//! The fault log: one line of JSON for each fault, written when its consequences are known.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::counts::Counts;
use super::fault::Fault;

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
