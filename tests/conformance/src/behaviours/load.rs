//! Many orders at once.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use waybill_tests::Load;

use crate::{System, Verdict};

const ORDERS: usize = 500;
const CONNECTIONS: usize = 32;

pub async fn orders_over_many_connections_are_all_invoiced(system: &System) -> Result<Verdict> {
    let report = Load::start(&system.orders, ORDERS, CONNECTIONS).finish().await?;
    report.complete(ORDERS)?;
    let mut numbers = BTreeSet::new();
    for order in &report.acknowledged {
        let invoice = system.awaited_invoice_of(&order.id.to_string()).await?;
        ensure!(invoice["amount"] == order.amount, "{invoice} for {order:?}");
        let number = invoice["number"].as_str().context("an invoice without a number")?.to_owned();
        ensure!(numbers.insert(number), "a number was given twice: {invoice}");
    }
    Ok(Verdict::Kept)
}
