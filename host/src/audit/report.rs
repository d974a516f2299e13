//! What an audit reports.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::finding::Finding;

#[derive(Clone, Debug)]
pub struct Options {
    /// Orders younger than this need not have an invoice yet.
    pub grace: Duration,
}

/// What was checked, and how many findings there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pub orders: u64,
    /// Orders without an invoice that are younger than the grace time.
    pub young: u64,
    pub invoices: u64,
    /// Pending events in the outbox.
    pub outbox_pending: u64,
    /// The last document of each series.
    pub chains: Vec<Chain>,
    /// Findings by kind.
    pub findings: BTreeMap<&'static str, u64>,
    /// What to do next about them.
    #[serde(skip)]
    pub next_steps: BTreeSet<String>,
}

/// The last document of a series. Its hash includes those of all before it, so that it proves, kept elsewhere, that none was changed later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Chain {
    pub series: String,
    pub last_number: i64,
    /// In hexadecimal.
    pub sha256: String,
}

impl Summary {
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Where findings go as they are found.
pub(crate) struct Report<'a> {
    pub(crate) summary: Summary,
    sink: &'a mut dyn FnMut(&Finding),
}

impl<'a> Report<'a> {
    pub(crate) fn new(sink: &'a mut dyn FnMut(&Finding)) -> Self {
        Self { summary: Summary::default(), sink }
    }

    pub(crate) fn add(&mut self, finding: &Finding) {
        *self.summary.findings.entry(finding.kind()).or_default() += 1;
        self.summary.next_steps.insert(finding.next_step());
        (self.sink)(finding);
    }
}
