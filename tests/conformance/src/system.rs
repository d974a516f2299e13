use std::any::Any;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;
use waybill_tests::{Http, OtlpSink, Postgres, SinkSpan, eventually};

/// What senders of events present to the systems that are started here.
pub const EVENTS_TOKEN: &str = "0123456789abcdef-._~+/conformance==";

/// How long an order may take to its invoice, and a span to its collector, on a machine that is busy with other things.
pub const LIMIT: Duration = Duration::from_secs(30);

/// Waybill on some host, and what can be seen of it.
#[derive(Debug)]
pub struct System {
    /// Where orders are served.
    pub orders: Http,
    /// Where invoices are served and events are taken.
    pub invoices: Http,
    /// The gateway before both, if there is one.
    pub gateway: Option<Http>,
    /// What senders of events present.
    pub events_token: Option<String>,
    /// Its databases, if they can be looked into.
    pub databases: Option<Databases>,
    /// Its traces, if they can be looked at.
    pub traces: Option<Traces>,
    /// Whether this suite started it. Then events may name orders that do not exist, and an audit afterwards may fail.
    pub is_ours: bool,
    /// What it consists of, which ends when this is dropped.
    pub running: Vec<Box<dyn Running>>,
}

/// A process or a server.
pub trait Running: Any + Send + Sync + std::fmt::Debug {}

impl<T: Any + Send + Sync + std::fmt::Debug> Running for T {}

/// What came of checking a behaviour.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// The system has it.
    Kept,
    /// It could not be looked at, for this reason.
    NotChecked(&'static str),
}

/// The URLs of the databases.
#[derive(Clone, Debug)]
pub struct Databases {
    /// The orders database.
    pub orders: String,
    /// The invoices database.
    pub invoices: String,
}

impl Databases {
    /// Those of a server.
    pub fn of(postgres: &Postgres) -> Self {
        Self { orders: postgres.url("orders"), invoices: postgres.url("invoices") }
    }
}

/// A collector of the system's traces, and how its spans are known.
#[derive(Debug)]
pub struct Traces {
    pub sink: OtlpSink,
    /// Whether a span is of the order being written.
    pub is_order: fn(&SinkSpan) -> bool,
    /// Whether a span is of the invoice being written.
    pub is_invoice: fn(&SinkSpan) -> bool,
}

impl System {
    /// Every address at which orders are served.
    pub fn orders_entries(&self) -> impl Iterator<Item = &Http> {
        [Some(&self.orders), self.gateway.as_ref()].into_iter().flatten()
    }

    /// Every address at which invoices are served.
    pub fn invoices_entries(&self) -> impl Iterator<Item = &Http> {
        [Some(&self.invoices), self.gateway.as_ref()].into_iter().flatten()
    }

    /// Places an order that has to be taken, and returns it.
    pub async fn place(&self, order: &str) -> Result<Value> {
        let answer = self.orders.post_json("/orders", order.to_owned()).await?;
        answer.expect(201)?;
        answer.json()
    }

    /// The invoices of an order. There is never more than one.
    pub async fn invoice_of(&self, order_id: &str) -> Result<Option<Value>> {
        let answer = self.invoices.get(&format!("/invoices?orderId={order_id}")).await?;
        answer.expect(200)?;
        let list = answer.json()?["invoices"].take();
        let list = list.as_array().context("no list of invoices")?;
        ensure!(list.len() <= 1, "more than one invoice of an order: {list:?}");
        Ok(list.first().cloned())
    }

    /// The invoice of an order, waited for.
    pub async fn awaited_invoice_of(&self, order_id: &str) -> Result<Value> {
        eventually("the order's invoice", LIMIT, async || self.invoice_of(order_id).await).await
    }

    /// An order for which an event may be delivered. On a system that this suite did not start, the order exists, so that an audit stays clean.
    pub async fn order_for_events(&self, amount: i64, currency: &str) -> Result<Uuid> {
        if self.is_ours {
            return Ok(Uuid::now_v7());
        }
        let order = self.place(&format!(r#"{{"amount":{amount},"currency":"{currency}"}}"#)).await?;
        order["id"].as_str().context("an order without an id")?.parse().context("the order's id")
    }

    /// The newest order or invoice of a list, by which a behaviour sees that nothing was added.
    pub async fn newest(&self, of: &Http, list: &str) -> Result<Option<Value>> {
        let answer = of.get(&format!("/{list}?limit=1")).await?;
        answer.expect(200)?;
        Ok(answer.json()?[list].get(0).cloned())
    }
}

/// A client of a database.
pub async fn client(url: &str) -> Result<Client> {
    let (client, connection) =
        tokio_postgres::connect(url, NoTls).await.context("a database of the system")?;
    // It ends with the client, whose next call reports a broken one.
    tokio::spawn(connection);
    Ok(client)
}
