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
mod report;

pub use finding::{Finding, Whereabouts};
pub(crate) use report::Report;
pub use report::{Chain, Options, Summary};
use waybill_postgres::{Database, Error};

/// Audits the two databases; `sink` gets each finding as it is found.
pub async fn audit(
    orders: &Database,
    invoices: &Database,
    options: &Options,
    sink: &mut dyn FnMut(&Finding),
) -> Result<Summary, Error> {
    let mut report = Report::new(sink);
    outbox::check(orders, &mut report).await?;
    compare::compare(orders, invoices, options, &mut report).await?;
    numbers::check(invoices, &mut report).await?;
    Ok(report.summary)
}
