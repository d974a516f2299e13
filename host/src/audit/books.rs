//! Orders and invoices, side by side.

use std::collections::HashMap;

use tokio_postgres::Row;
use uuid::Uuid;
use waybill_postgres::{Database, Error};

use super::pages::{PAGE, Pages, column};
use super::{Finding, Options, Report, Whereabouts};

const ORDERS: &str = include_str!("sql/page_orders.sql");
const INVOICES: &str = include_str!("sql/page_invoices.sql");
const FIND_ORDERS: &str = include_str!("sql/find_orders.sql");
const FIND_INVOICES: &str = include_str!("sql/find_invoices.sql");
const FIND_EVENTS: &str = include_str!("sql/find_events.sql");

/// How many suspicions are looked at once more together. Each time all of the outbox is read, which after an outage has
/// as many events as there are suspicions: with a few of them, an audit of a backlog would take hours.
const SUSPICIONS: usize = 10_000;

/// The events that change an order's state.
const CHANGES: &[&str] = &["order.paid", "order.canceled"];

struct Order {
    id: Uuid,
    amount: String,
    young: bool,
    /// `pending`, `paid` or `canceled`.
    state: String,
    changed_lately: bool,
}

struct Invoice {
    order: Uuid,
    id: Uuid,
    amount: String,
    /// The state of the order that it tells of.
    state: String,
}

/// What looked wrong, until it is looked at once more.
#[derive(Default)]
struct Suspicions {
    /// Orders without an invoice.
    orders: Vec<Order>,
    /// Invoices without an order.
    invoices: Vec<Invoice>,
    /// Orders whose invoice tells of another state.
    states: Vec<Uuid>,
}

/// Compares all orders with all invoices.
pub(super) async fn compare(
    orders: &Database,
    invoices: &Database,
    options: &Options,
    report: &mut Report<'_>,
) -> Result<(), Error> {
    let grace_s = options.grace.as_secs_f64();
    let mut left = Pages::new(
        Uuid::nil(),
        |order: &Order| order.id,
        async |after| {
            let rows = orders.rows(ORDERS, &[&after, &PAGE, &grace_s]).await?;
            rows.iter()
                .map(|row| {
                    Ok(Order {
                        id: column(row, 0)?,
                        amount: column(row, 1)?,
                        young: column(row, 2)?,
                        state: column(row, 3)?,
                        changed_lately: column(row, 4)?,
                    })
                })
                .collect()
        },
    );
    let first = (Uuid::nil(), Uuid::nil());
    let mut right = Pages::new(
        first,
        |invoice: &Invoice| (invoice.order, invoice.id),
        async |after: (Uuid, Uuid)| {
            let rows = invoices.rows(INVOICES, &[&after.0, &after.1, &PAGE]).await?;
            rows.iter().map(invoice).collect()
        },
    );
    let mut suspicions = Suspicions::default();
    // The order of the last invoice that had one: a further invoice of it is a duplicate.
    let mut last_matched = None;
    loop {
        let order_id = left.peek().await?.map(|order| order.id);
        let invoice_order = right.peek().await?.map(|invoice| invoice.order);
        match (order_id, invoice_order) {
            (None, None) => break,
            (Some(order), Some(of)) if order == of => {
                let (Some(order), Some(invoice)) = (left.next().await?, right.next().await?) else { break };
                report.summary.orders += 1;
                report.summary.invoices += 1;
                compare_amounts(order.id, &order.amount, &invoice, report);
                if !order.changed_lately && order.state != invoice.state {
                    suspicions.states.push(order.id);
                }
                last_matched = Some(order.id);
            }
            (order, Some(of)) if order.is_none_or(|order| of < order) => {
                let Some(invoice) = right.next().await? else { break };
                report.summary.invoices += 1;
                if last_matched == Some(of) {
                    report.add(&Finding::DuplicateInvoice { order: of, invoice: invoice.id });
                } else {
                    suspicions.invoices.push(invoice);
                }
            }
            _ => {
                let Some(order) = left.next().await? else { break };
                report.summary.orders += 1;
                if order.young {
                    report.summary.young += 1;
                } else {
                    suspicions.orders.push(order);
                }
            }
        }
        suspicions.look_again(SUSPICIONS, orders, invoices, report).await?;
    }
    suspicions.look_again(1, orders, invoices, report).await
}

fn compare_amounts(order: Uuid, ordered: &str, invoice: &Invoice, report: &mut Report<'_>) {
    if ordered != invoice.amount {
        report.add(&Finding::AmountDiffers {
            order,
            invoice: invoice.id,
            ordered: ordered.to_owned(),
            invoiced: invoice.amount.clone(),
        });
    }
}

impl Suspicions {
    /// Looks once more at what looked wrong, as soon as there are as many of a kind: what is there now was only late, and
    /// its amount is compared now.
    async fn look_again(
        &mut self,
        many: usize,
        orders: &Database,
        invoices: &Database,
        report: &mut Report<'_>,
    ) -> Result<(), Error> {
        if self.orders.len() >= many {
            let suspects = std::mem::take(&mut self.orders);
            let ids: Vec<Uuid> = suspects.iter().map(|order| order.id).collect();
            // First the events, then the invoices: an event that is on its way in between makes its invoice be found.
            let events = events(orders, &ids, &["order.created"]).await?;
            let late = invoices_of(invoices, &ids).await?;
            for order in suspects {
                if let Some(invoice) = late.get(&order.id) {
                    compare_amounts(order.id, &order.amount, invoice, report);
                } else {
                    let event = events.get(&order.id).copied().unwrap_or(Whereabouts::HandedOver);
                    report.add(&Finding::OrderWithoutInvoice { order: order.id, event });
                }
            }
        }
        if self.invoices.len() >= many {
            let suspects = std::mem::take(&mut self.invoices);
            let ids: Vec<Uuid> = suspects.iter().map(|invoice| invoice.order).collect();
            let late = found(orders, &ids).await?;
            for invoice in suspects {
                if let Some((ordered, _)) = late.get(&invoice.order) {
                    compare_amounts(invoice.order, ordered, &invoice, report);
                } else {
                    let (order, invoice) = (invoice.order, invoice.id);
                    report.add(&Finding::InvoiceWithoutOrder { invoice, order });
                }
            }
        }
        if self.states.len() >= many {
            let ids = std::mem::take(&mut self.states);
            // In this order for the same reason; an order that changes in between is no finding, since its event is there.
            let late = found(orders, &ids).await?;
            let events = events(orders, &ids, CHANGES).await?;
            for (order, invoice) in invoices_of(invoices, &ids).await? {
                let Some((_, state)) = late.get(&order) else { continue };
                let event = events.get(&order).copied().unwrap_or(Whereabouts::HandedOver);
                if *state != invoice.state {
                    report.add(&Finding::StateDiffers {
                        order,
                        invoice: invoice.id,
                        ordered: state.clone(),
                        invoiced: invoice.state,
                        event,
                    });
                }
            }
        }
        Ok(())
    }
}

/// The invoices of these orders, as far as there are any, by their orders.
async fn invoices_of(database: &Database, orders: &[Uuid]) -> Result<HashMap<Uuid, Invoice>, Error> {
    let rows = database.rows(FIND_INVOICES, &[&orders]).await?;
    rows.iter().map(|row| invoice(row).map(|invoice| (invoice.order, invoice))).collect()
}

/// What these orders are over and their states, as far as they exist.
async fn found(database: &Database, orders: &[Uuid]) -> Result<HashMap<Uuid, (String, String)>, Error> {
    let rows = database.rows(FIND_ORDERS, &[&orders]).await?;
    rows.iter().map(|row| Ok((column(row, 0)?, (column(row, 1)?, column(row, 2)?)))).collect()
}

/// Where the events of these types of these orders are, as far as they are in the outbox.
async fn events(
    database: &Database,
    orders: &[Uuid],
    types: &[&str],
) -> Result<HashMap<Uuid, Whereabouts>, Error> {
    let rows = database.rows(FIND_EVENTS, &[&orders, &types]).await?;
    rows.iter()
        .map(|row| {
            let set_aside: bool = column(row, 1)?;
            let place = if set_aside { Whereabouts::SetAside } else { Whereabouts::Outbox };
            Ok((column(row, 0)?, place))
        })
        .collect()
}

fn invoice(row: &Row) -> Result<Invoice, Error> {
    Ok(Invoice {
        order: column(row, 0)?,
        id: column(row, 1)?,
        amount: column(row, 2)?,
        state: column(row, 3)?,
    })
}
