//! What gapless numbers cost: the statement that issues an invoice, and the same with a number from a sequence, which leaves gaps
//! and lets all go at the same time.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use waybill_contracts::sql::SqlValue;
use waybill_postgres::{Database, Execution, ServerConfig};
use waybill_service::sql::{Statement as _, statement};
use waybill_tests::{Postgres, eventually};

use crate::report::Report;
use crate::servers;

/// How long its connections may take to be made, and how many there are.
const LIMIT: Duration = Duration::from_secs(10);
const CONNECTIONS: usize = 8;

statement!(IssueInvoice, "../../components/invoices/src/sql/issue_invoice.sql", execution: SerializedGroupCommit);

/// The number as it is taken, and as it would be with gaps.
const TAKEN: &str = "\
    INSERT INTO invoice_series AS s (series, prefix, last_number, skipped, last_issued_at, last_issued_on)
    SELECT
        CASE WHEN moment.invoice_is_yearly THEN to_char(moment.now AT TIME ZONE moment.time_zone, 'YYYY') ELSE 'continuous' END,
        moment.invoice_prefix,
        moment.invoice_start_number,
        moment.invoice_start_number - 1,
        moment.now,
        (moment.now AT TIME ZONE moment.time_zone)::date
    FROM moment
    ON CONFLICT ON CONSTRAINT invoice_series_pkey DO UPDATE
    SET
        last_number = greatest(s.last_number + 1, excluded.last_number),
        skipped = s.skipped + greatest(excluded.last_number - s.last_number - 1, 0),
        last_issued_at = greatest(s.last_issued_at, excluded.last_issued_at),
        last_issued_on = greatest(s.last_issued_on, excluded.last_issued_on)
    RETURNING series, last_number, prefix, last_issued_at, last_issued_on
";
const DRAWN: &str = "\
    SELECT 'drawn' AS series, nextval('drawn') AS last_number, 'drawn-' AS prefix, moment.now AS last_issued_at, moment.now::date AS last_issued_on
    FROM moment
";

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
    let mut drawn = IssueInvoice::TEXT.to_owned();
    for (taken, with_gaps) in [(TAKEN, DRAWN), (LOCK, NO_LOCK)] {
        ensure!(drawn.contains(taken), "the statement has changed; change this with it");
        drawn = drawn.replacen(taken, with_gaps, 1);
    }
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
                    .query(&statement, Execution::of(&statement), &parameters())
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

fn parameters() -> Vec<SqlValue> {
    let uuid = || SqlValue::Uuid(Uuid::now_v7().to_string());
    let text = |text: &str| SqlValue::Text(text.to_owned());
    let (customer, amount) = (text("1651654165"), SqlValue::Int8(5000));
    let (invoice, order, event, credit_note) = (uuid(), uuid(), uuid(), uuid());
    let events = [uuid(), uuid(), uuid()];
    let before = [invoice, order, customer, amount, text("EUR"), text("{}"), text("[]"), event, credit_note];
    before.into_iter().chain(events).collect()
}
