//! Orders and invoices, side by side in the order of the orders' identifiers.

use std::collections::HashMap;

use tokio_postgres::Row;
use uuid::Uuid;
use waybill_postgres::{Database, Error};
use waybill_statement_macro::bound;

use super::pages::{PAGE, Pages, column};
use super::{Finding, Options, Report, Whereabouts};

bound!(PageOrders, "audit/sql/page_orders.sql");
bound!(PageInvoices, "audit/sql/page_invoices.sql");
bound!(FindEvents, "audit/sql/find_events.sql");
const FIND_ORDERS: &str = include_str!("sql/find_orders.sql");
const FIND_INVOICES: &str = include_str!("sql/find_invoices.sql");

/// Suspicions that are checked again together. Each time the whole outbox is read, which after an outage has as many events
/// as there are suspicions: in small batches, an audit of a backlog would take hours.
const SUSPICIONS: usize = 10_000;

/// The events that change an order's state.
const CHANGES: &[&str] = &["order.paid", "order.canceled"];

/// What an order and its invoice have in common.
struct Terms {
    /// Minor units and currency.
    amount: String,
    /// The identifier of the seller.
    seller: String,
}

struct Order {
    id: Uuid,
    terms: Terms,
    young: bool,
    /// `pending`, `paid` or `canceled`.
    state: String,
    changed_lately: bool,
}

struct Invoice {
    order: Uuid,
    id: Uuid,
    terms: Terms,
    /// The state of its order, as it has it.
    state: String,
}

/// What looked wrong, until it is checked again.
#[derive(Default)]
struct Suspicions {
    /// Orders without an invoice.
    orders: Vec<Order>,
    /// Invoices without an order.
    invoices: Vec<Invoice>,
    /// Orders whose invoice has another state.
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
            let page = PageOrders { after, most: PAGE, grace_s };
            let rows = orders.rows(PageOrders::TEXT, &page.values()).await?;
            rows.iter().map(order).collect()
        },
    );
    let first = (Uuid::nil(), Uuid::nil());
    let mut right = Pages::new(
        first,
        |invoice: &Invoice| (invoice.order, invoice.id),
        async |after: (Uuid, Uuid)| {
            let page = PageInvoices { order_id: after.0, invoice_id: after.1, most: PAGE };
            let rows = invoices.rows(PageInvoices::TEXT, &page.values()).await?;
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
                last_matched = Some(order.id);
                compare_terms(order.id, &order.terms, &invoice, report);
                suspicions.compare_states(&order, &invoice);
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
                suspicions.add_without_invoice(order, report);
            }
        }
        suspicions.check_again(SUSPICIONS, orders, invoices, report).await?;
    }
    suspicions.check_again(1, orders, invoices, report).await
}

fn compare_terms(order: Uuid, ordered: &Terms, invoice: &Invoice, report: &mut Report<'_>) {
    let (invoice, invoiced) = (invoice.id, &invoice.terms);
    if ordered.amount != invoiced.amount {
        let (ordered, invoiced) = (ordered.amount.clone(), invoiced.amount.clone());
        report.add(&Finding::AmountDiffers { order, invoice, ordered, invoiced });
    }
    if ordered.seller != invoiced.seller {
        let (ordered, invoiced) = (ordered.seller.clone(), invoiced.seller.clone());
        report.add(&Finding::SellerDiffers { order, invoice, ordered, invoiced });
    }
}

impl Suspicions {
    fn compare_states(&mut self, order: &Order, invoice: &Invoice) {
        if !order.changed_lately && order.state != invoice.state {
            self.states.push(order.id);
        }
    }

    fn add_without_invoice(&mut self, order: Order, report: &mut Report<'_>) {
        if order.young {
            report.summary.young += 1;
        } else {
            self.orders.push(order);
        }
    }

    /// Checks suspicions again once there are `many` of a kind. What exists by now was only late, and is compared.
    async fn check_again(
        &mut self,
        many: usize,
        orders: &Database,
        invoices: &Database,
        report: &mut Report<'_>,
    ) -> Result<(), Error> {
        if self.orders.len() >= many {
            let suspects = std::mem::take(&mut self.orders);
            let ids: Vec<Uuid> = suspects.iter().map(|order| order.id).collect();
            // First the events, then the invoices: if an event is delivered in between, its invoice is found.
            let events = events(orders, &ids, &["order.created"]).await?;
            let late = invoices_of(invoices, &ids).await?;
            for order in suspects {
                if let Some(invoice) = late.get(&order.id) {
                    compare_terms(order.id, &order.terms, invoice, report);
                } else {
                    let event = events.get(&order.id).copied().unwrap_or(Whereabouts::Delivered);
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
                    compare_terms(invoice.order, ordered, &invoice, report);
                } else {
                    let (order, invoice) = (invoice.order, invoice.id);
                    report.add(&Finding::InvoiceWithoutOrder { invoice, order });
                }
            }
        }
        if self.states.len() >= many {
            let ids = std::mem::take(&mut self.states);
            // In this order for the same reason. An order that changes in between is not a finding, since its event is in the outbox.
            let late = found(orders, &ids).await?;
            let events = events(orders, &ids, CHANGES).await?;
            for (order, invoice) in invoices_of(invoices, &ids).await? {
                let Some((_, state)) = late.get(&order) else { continue };
                let event = events.get(&order).copied().unwrap_or(Whereabouts::Delivered);
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

/// The invoices of these orders, by their orders.
async fn invoices_of(database: &Database, orders: &[Uuid]) -> Result<HashMap<Uuid, Invoice>, Error> {
    let rows = database.rows(FIND_INVOICES, &[&orders]).await?;
    rows.iter().map(|row| invoice(row).map(|invoice| (invoice.order, invoice))).collect()
}

/// The terms and states of those orders that exist.
async fn found(database: &Database, orders: &[Uuid]) -> Result<HashMap<Uuid, (Terms, String)>, Error> {
    let rows = database.rows(FIND_ORDERS, &[&orders]).await?;
    rows.iter().map(|row| Ok((column(row, 0)?, (terms(row, 1, 3)?, column(row, 2)?)))).collect()
}

/// Those events of these orders and types that are in the outbox.
async fn events(
    database: &Database,
    orders: &[Uuid],
    types: &[&str],
) -> Result<HashMap<Uuid, Whereabouts>, Error> {
    let rows = database.rows(FindEvents::TEXT, &FindEvents { orders, types }.values()).await?;
    rows.iter()
        .map(|row| {
            let parked: bool = column(row, 1)?;
            let place = if parked { Whereabouts::Parked } else { Whereabouts::Outbox };
            Ok((column(row, 0)?, place))
        })
        .collect()
}

fn terms(row: &Row, amount: usize, seller: usize) -> Result<Terms, Error> {
    Ok(Terms { amount: column(row, amount)?, seller: column(row, seller)? })
}

fn order(row: &Row) -> Result<Order, Error> {
    Ok(Order {
        id: column(row, 0)?,
        terms: terms(row, 1, 5)?,
        young: column(row, 2)?,
        state: column(row, 3)?,
        changed_lately: column(row, 4)?,
    })
}

fn invoice(row: &Row) -> Result<Invoice, Error> {
    Ok(Invoice {
        order: column(row, 0)?,
        id: column(row, 1)?,
        terms: terms(row, 2, 4)?,
        state: column(row, 3)?,
    })
}
