//! What gapless numbers cost: the statement that issues an invoice, and the same with a number from a sequence, which leaves gaps
//! and lets all go at the same time.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail, ensure};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use waybill_contracts::DEFAULT_SELLER_ID;
use waybill_contracts::sql::SqlValue;
use waybill_postgres::{Database, Execution, ServerConfig};
use waybill_service::sql::{Statement as _, Value, statement};
use waybill_tests::{Postgres, eventually};

use crate::report::Report;
use crate::servers;

/// How long its connections may take to be made, and how many there are.
const LIMIT: Duration = Duration::from_secs(10);
const CONNECTIONS: usize = 8;

statement!(IssueInvoice, "../../components/invoices/src/sql/issue_invoice.sql", execution: SerializedGroupCommit);

/// What stands around the step that takes a number, and that step as it would be with gaps.
const BEFORE: &str = "taken AS (\n";
const AFTER: &str = "\n), issued AS (";
const DRAWN: &str = "\
    SELECT 'drawn' AS series, nextval('drawn') AS last_number, 'drawn-' AS prefix, moment.now AS last_issued_at, moment.now::date AS last_issued_on
    FROM moment";

/// The lock that gapless numbers need, and a statement in its place that locks nothing.
const LOCK: &str = "SELECT pg_advisory_xact_lock(CAST(x'77622d6973737565' AS bigint))";
const NO_LOCK: &str = "SELECT";

/// Invoices that are issued at the same time: what a consumer of `waybill` does.
const CONCURRENCY: usize = 16;

/// Measures both, alternating.
pub async fn measure(rounds: usize, seconds: u32) -> Result<Report> {
    let postgres = servers::postgres().await?;
    let client = postgres.client("invoices").await?;
    client.batch_execute("CREATE SEQUENCE drawn").await?;
    let drawn = with_gaps(IssueInvoice::TEXT)?;
    let mut report = Report::new("Gapless numbers", "invoices, 16 at a time").against("with gaps");
    for round in 1..=rounds {
        for (name, statement) in [("with gaps", drawn.as_str()), ("gapless", IssueInvoice::TEXT)] {
            client.batch_execute("VACUUM ANALYZE").await?;
            let rate = issue(&postgres, statement, seconds).await?;
            println!("round {round}, {name}: {rate:.0} invoices/s");
            report.add(name, &[("invoices per s".to_owned(), rate)]);
        }
    }
    Ok(report)
}

/// The statement with the number of a sequence, and without the lock that gapless numbers need.
fn with_gaps(statement: &str) -> Result<String> {
    let changed = || anyhow!("the statement has changed; change this with it");
    let (before, rest) = statement.split_once(BEFORE).ok_or_else(changed)?;
    let (_, after) = rest.split_once(AFTER).ok_or_else(changed)?;
    ensure!(before.contains(LOCK), changed());
    Ok(format!("{}{BEFORE}{DRAWN}{AFTER}{after}", before.replacen(LOCK, NO_LOCK, 1)))
}

async fn issue(postgres: &Postgres, statement: &str, seconds: u32) -> Result<f64> {
    let database = Database::connect(ServerConfig::new(&postgres.url("invoices"))?).await?;
    eventually("all connections", LIMIT, async || {
        let load = database.load();
        Ok((load.connections >= CONNECTIONS).then_some(()))
    })
    .await?;
    let stop = CancellationToken::new();
    let mut workers = JoinSet::new();
    for _ in 0..CONCURRENCY {
        let (database, statement, stop) = (database.clone(), statement.to_owned(), stop.clone());
        workers.spawn(async move {
            let mut issued = 0_u64;
            while !stop.is_cancelled() {
                let rows = database
                    .query(&statement, Execution::of(&statement), &parameters()?)
                    .await
                    .map_err(|error| anyhow!("{error:?}"))?;
                let issued_one = rows[0].entries().next().transpose()?;
                ensure!(
                    issued_one.is_some_and(|(_, value)| value == SqlValue::Int4(1)),
                    "an invoice was not issued"
                );
                issued += 1;
            }
            Ok(issued)
        });
    }
    let begun = Instant::now();
    sleep(Duration::from_secs(seconds.into())).await;
    stop.cancel();
    let mut issued = 0;
    while let Some(ended) = workers.join_next().await {
        issued += ended??;
    }
    let rate = issued as f64 / begun.elapsed().as_secs_f64();
    database.close().await;
    Ok(rate)
}

fn parameters() -> Result<Vec<SqlValue>> {
    let id = Uuid::now_v7;
    let invoice = IssueInvoice {
        invoice_id: id(),
        order_id: id(),
        customer_id: "1651654165",
        amount: 5000,
        currency: "EUR",
        customer: "{}",
        lines: "[]",
        document: "{}",
        seller_id: DEFAULT_SELLER_ID,
        seller: None,
        event_id: Some(id()),
        credit_note_id: id(),
        issued_id: id(),
        paid_id: id(),
        credited_id: id(),
    };
    invoice.parameters().into_iter().map(carried).collect()
}

/// A parameter as the pool takes it.
fn carried(value: Value) -> Result<SqlValue> {
    Ok(match value {
        Value::Null => SqlValue::Null,
        Value::Int8(number) => SqlValue::Int8(number),
        Value::Text(text) => SqlValue::Text(text),
        Value::Uuid(uuid) => SqlValue::Uuid(uuid),
        other => bail!("the statement has a parameter that this does not know: {other:?}"),
    })
}
