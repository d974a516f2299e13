//! The audit: orders, outbox and invoices compared, for an operator who must prove that nothing was lost.
//!
//! It reads both databases in pages, side by side in the order of the orders' identifiers, and so needs the same memory
//! for ten orders as for ten million. It takes no lock and no snapshot: the system goes on meanwhile. Pages are therefore
//! of different moments, and each suspicion is checked a second time before it is a finding; orders that are younger
//! than the grace time are skipped.

mod compare;
mod finding;
mod next;
mod numbers;
mod outbox;
mod pages;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

pub use finding::{Finding, Whereabouts};
use serde::Serialize;
use waybill_postgres::{Database, Error};

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
    pub next_steps: BTreeSet<&'static str>,
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

impl Report<'_> {
    pub(crate) fn add(&mut self, finding: &Finding) {
        *self.summary.findings.entry(finding.kind()).or_default() += 1;
        self.summary.next_steps.insert(finding.next_step());
        (self.sink)(finding);
    }
}

/// Audits the two databases; `sink` gets each finding as it is found.
pub async fn audit(
    orders: &Database,
    invoices: &Database,
    options: &Options,
    sink: &mut dyn FnMut(&Finding),
) -> Result<Summary, Error> {
    let mut report = Report { summary: Summary::default(), sink };
    outbox::check(orders, &mut report).await?;
    compare::compare(orders, invoices, options, &mut report).await?;
    numbers::check(invoices, &mut report).await?;
    Ok(report.summary)
}
