//! The service of invoices, to which the events of orders are delivered; and these orders.

use anyhow::Result;
use tokio::runtime::Runtime;
use wasmtime::component::Component;
use waybill::runtime::{Engine, MessageService};
use waybill_contracts::ORDER_CREATED;
use waybill_telemetry::Context;

use crate::case::blueprint;

/// The service of invoices, and what it runs on.
pub struct Events {
    runtime: Runtime,
    service: MessageService,
}

impl Events {
    pub fn new(engine: &Engine, component: &Component) -> Result<Self> {
        let service = MessageService::new(blueprint("invoices", engine, component)?)?;
        Ok(Self { runtime: Runtime::new()?, service })
    }

    /// Delivers the event of a new order until its invoice is stored.
    pub fn deliver(&self, event: &str) -> Result<()> {
        let handled = self.service.handle(ORDER_CREATED, event.as_bytes().to_vec(), Context::new());
        Ok(self.runtime.block_on(handled)?)
    }
}

/// The most lines that an order has.
const LINES: i64 = 200;

/// A request for an order of an amount alone.
pub const AMOUNT: &str = r#"{"amount": 5000}"#;

/// A request for an order of 200 lines at two rates.
pub fn lines() -> String {
    let line = |at: i64| {
        let rate = rate_basis_points(at);
        let (quantity, price) = (at % 7 + 1, 100 + at * 13);
        format!(
            r#"{{"sku":"sku-{at}","description":"Ink, black, {at} ml, for fountain pens","quantity":{quantity},"unitPrice":{price},"taxRateBasisPoints":{rate}}}"#
        )
    };
    format!(r#"{{"lines":[{}]}}"#, (0..LINES).map(line).collect::<Vec<_>>().join(","))
}

/// The event of an order.
///
/// The members are in the order in which the outbox has them, which is that of PostgreSQL's `jsonb`.
pub fn event(of: &str) -> String {
    let of = of.trim_start_matches('{').trim_end_matches('}');
    let amount = if of.starts_with(r#""lines""#) {
        format!(r#","amount":{}"#, amount_of_lines())
    } else {
        String::new()
    };
    format!(
        r#"{{{of}{amount},"eventId":"019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3e","orderId":"019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d","version":1,"currency":"EUR","customer":{{"id":"c-1","name":"Jo Muster","email":"jo@example.com","state":"Berlin","address":"Hof 2","country":"DE","zipCode":"10115"}},"createdAt":"2026-01-01T00:00:00.000Z","specversion":"1.0"}}"#
    )
}

fn rate_basis_points(at: i64) -> i64 {
    if at % 3 == 0 { 700 } else { 1900 }
}

/// What [`lines`] cost, with the tax on the sum of each rate.
fn amount_of_lines() -> i64 {
    let with_tax = |rate: i64| {
        let of_rate = (0..LINES).filter(|at| rate_basis_points(*at) == rate);
        let net: i64 = of_rate.map(|at| (at % 7 + 1) * (100 + at * 13)).sum();
        net + (net * rate + 5_000) / 10_000
    };
    with_tax(700) + with_tax(1900)
}
