//! From an order to its invoice, at a fixed rate. The time begins when the order was due to be sent and ends when its invoice is
//! committed, which PostgreSQL records by the clock of the same machine (`track_commit_timestamp`).

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use uuid::Uuid;
use waybill_tests::{Postgres, Rabbit, Waybill, WaybillConfig, eventually};

use crate::load::{self, Placed, Times};
use crate::report::Report;
use crate::servers;

/// How long the last invoices may take.
const LIMIT: Duration = Duration::from_mins(2);

/// Orders in a second.
const RATES: [u32; 2] = [200, 1_000];

/// The time that is not measured at the beginning, in which connections are opened and statements prepared.
const WARM_UP: Duration = Duration::from_secs(1);

/// Measures both ways of an event at all rates, alternating.
pub async fn measure(rounds: usize, seconds: u32) -> Result<Report> {
    let mut postgres = servers::postgres().await?;
    postgres.client("postgres").await?.batch_execute("ALTER SYSTEM SET track_commit_timestamp = on").await?;
    postgres.stop().await?;
    postgres.restart().await?;
    let broker = Rabbit::virtual_host().await.context("RabbitMQ is not installed")?;
    let folder = tempfile::tempdir()?;
    let mut report = Report::new(
        "Order to invoice",
        "from the moment at which the order was due to the commit of its invoice",
    );
    for round in 1..=rounds {
        for rate in RATES {
            for (way, url) in [("in process", None), ("RabbitMQ", Some(broker.as_str()))] {
                let times = contend(&postgres, url, &folder, rate, seconds).await.context(way)?;
                let name = format!("{way}, {rate}/s");
                println!("round {round}, {name}: {times}");
                report.add(&name, &times.named(""));
            }
        }
    }
    Ok(report)
}

async fn contend(
    postgres: &Postgres,
    broker: Option<&str>,
    folder: &TempDir,
    rate: u32,
    seconds: u32,
) -> Result<Times> {
    let invoices = postgres.client("invoices").await?;
    invoices.batch_execute("VACUUM ANALYZE").await?;
    postgres.client("orders").await?.batch_execute("VACUUM ANALYZE").await?;
    let mut config = WaybillConfig::up(folder.path()).databases(postgres).variable("RUST_LOG", "warn");
    if let Some(url) = broker {
        config = config.variable("BROKER_URL", url);
    }
    let waybill = Waybill::start(&config).await?;
    let base = format!("http://{}", waybill.orders.authority());
    // RabbitMQ may still be linked to when the services answer already.
    eventually("it is well", LIMIT, async || {
        Ok((waybill.orders.get("/health").await?.status == 200).then_some(()))
    })
    .await?;
    let placed = load::open(&base, rate, seconds + u32::try_from(WARM_UP.as_secs())?).await?;
    let count = "SELECT count(*) FROM order_states WHERE order_id = ANY ($1) AND invoice_id IS NOT NULL";
    let ids: Vec<Uuid> = placed.iter().map(|order| order.id).collect();
    eventually("the last invoice", LIMIT, async || {
        let done: i64 = invoices.query_one(count, &[&ids]).await?.try_get(0)?;
        Ok((usize::try_from(done)? >= ids.len()).then_some(()))
    })
    .await?;
    let committed = "SELECT order_id, pg_xact_commit_timestamp(xmin) FROM invoices WHERE order_id = ANY ($1)";
    let committed = invoices.query(committed, &[&ids]).await?;
    let committed: HashMap<Uuid, SystemTime> =
        committed.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_>>()?;
    waybill.stop().await?;
    let begun = placed.iter().map(|order| order.due).min().context("no order")? + WARM_UP;
    let time = |order: &Placed| Some(committed.get(&order.id)?.duration_since(order.due).unwrap_or_default());
    let counted: Vec<_> = placed.iter().filter(|order| order.due >= begun).map(time).collect();
    Ok(Times::of(counted.into_iter().collect::<Option<Vec<_>>>().context("an order has no invoice")?))
}
