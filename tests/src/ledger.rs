//! All orders and invoices as a client sees them, and whether they agree.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use uuid::Uuid;

use crate::{Acknowledged, Http, Waybill, eventually};

/// How long deliveries may take to catch up after a failure.
const CATCH_UP_LIMIT: Duration = Duration::from_mins(2);

/// Orders and invoices at one time.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    pub orders: Vec<OrderRecord>,
    pub invoices: Vec<InvoiceRecord>,
}

/// What this project's rules say about an order.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OrderRecord {
    pub id: Uuid,
    pub amount: i64,
    /// `pending`, `paid` or `canceled`.
    pub status: String,
}

/// What this project's rules say about an invoice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InvoiceRecord {
    pub id: Uuid,
    /// The order that it is for.
    pub order_id: Uuid,
    pub amount: i64,
    /// Its number, such as `2026-000001`: what stands before the last dash is the series.
    pub number: String,
    /// `issued`, `paid` or `credited`.
    pub status: String,
}

impl OrderRecord {
    /// The status of the invoice once every event of this order has reached it.
    fn status_of_invoice(&self) -> &'static str {
        match self.status.as_str() {
            "paid" => "paid",
            "canceled" => "credited",
            _ => "issued",
        }
    }
}

impl Ledger {
    /// Reads every page of both lists.
    pub async fn read(waybill: &Waybill) -> Result<Self> {
        let orders = pages(&waybill.orders, "/orders", "orders", |order| {
            Ok(OrderRecord {
                id: identifier(order, "id")?,
                amount: amount(order)?,
                status: text(order, "status")?,
            })
        });
        let invoices = pages(&waybill.invoices, "/invoices", "invoices", |invoice| {
            Ok(InvoiceRecord {
                id: identifier(invoice, "id")?,
                order_id: identifier(invoice, "orderId")?,
                amount: amount(invoice)?,
                number: text(invoice, "number")?,
                status: text(invoice, "status")?,
            })
        });
        Ok(Self { orders: orders.await?, invoices: invoices.await? })
    }

    /// Waits until every order has an invoice, and every payment and cancellation has reached it.
    pub async fn settled(waybill: &Waybill) -> Result<Self> {
        eventually("an invoice for every order", CATCH_UP_LIMIT, async || {
            let ledger = Self::read(waybill).await?;
            let (orders, invoices) = (ledger.orders.len(), ledger.invoices.len());
            ensure!(invoices >= orders, "{orders} orders and {invoices} invoices");
            let statuses: BTreeMap<Uuid, &str> =
                ledger.invoices.iter().map(|invoice| (invoice.order_id, invoice.status.as_str())).collect();
            for order in &ledger.orders {
                let status = statuses.get(&order.id).copied();
                ensure!(status == Some(order.status_of_invoice()), "the invoice of {order:?} is {status:?}");
            }
            Ok(Some(ledger))
        })
        .await
    }

    /// Every acknowledged order exists with its amount, every order has exactly one invoice of its amount, no invoice is
    /// without its order, and the numbers of each series go from 1 without a gap.
    pub fn ensure_invoiced_once(&self, acknowledged: &[Acknowledged]) -> Result<()> {
        let orders: BTreeMap<Uuid, i64> = self.orders.iter().map(|order| (order.id, order.amount)).collect();
        ensure!(orders.len() == self.orders.len(), "an order was listed twice");
        for order in acknowledged {
            let kept = orders.get(&order.id);
            ensure!(
                kept == Some(&order.amount),
                "the acknowledged order {order:?} was lost: there is {kept:?}"
            );
        }
        let mut invoiced = BTreeSet::new();
        for invoice in &self.invoices {
            let order = orders.get(&invoice.order_id);
            ensure!(order == Some(&invoice.amount), "{invoice:?} is for an order of {order:?}");
            ensure!(invoiced.insert(invoice.order_id), "the order {} has two invoices", invoice.order_id);
        }
        for order in orders.keys() {
            ensure!(invoiced.contains(order), "the order {order} has no invoice");
        }
        self.ensure_gapless_numbers()
    }

    fn ensure_gapless_numbers(&self) -> Result<()> {
        let mut series: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for invoice in &self.invoices {
            let (name, number) = invoice.number.rsplit_once('-').unwrap_or(("", &invoice.number));
            let number =
                number.parse().with_context(|| format!("the invoice number {:?}", invoice.number))?;
            ensure!(series.entry(name).or_default().insert(number), "{} was given twice", invoice.number);
        }
        for (name, numbers) in series {
            let gapless = numbers.iter().copied().eq(1..=numbers.len());
            ensure!(gapless, "the series {name:?} of {} invoices has a gap", numbers.len());
        }
        Ok(())
    }
}

/// Follows a list from its first page to its last.
async fn pages<T>(
    service: &Http,
    path: &str,
    items: &str,
    read: impl Fn(&Value) -> Result<T>,
) -> Result<Vec<T>> {
    let mut all = Vec::new();
    let first = format!("{path}?limit=100");
    let mut page_path = first.clone();
    loop {
        let answer = service.get(&page_path).await?;
        ensure!(answer.status == 200, "GET {page_path} gave {}: {}", answer.status, answer.text());
        let page = answer.json()?;
        let list = page[items].as_array().with_context(|| format!("no list {items:?} in {page}"))?;
        for item in list {
            all.push(read(item)?);
        }
        match page["nextCursor"].as_str() {
            Some(cursor) => page_path = format!("{first}&cursor={cursor}"),
            None => return Ok(all),
        }
    }
}

fn identifier(record: &Value, field: &str) -> Result<Uuid> {
    record[field]
        .as_str()
        .and_then(|text| text.parse().ok())
        .with_context(|| format!("no {field} in {record}"))
}

fn text(record: &Value, field: &str) -> Result<String> {
    Ok(record[field].as_str().with_context(|| format!("no {field} in {record}"))?.to_owned())
}

fn amount(record: &Value) -> Result<i64> {
    record["amount"].as_i64().with_context(|| format!("no amount in {record}"))
}
