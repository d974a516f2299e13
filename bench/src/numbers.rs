//! What gapless numbers cost: the statement that issues an invoice, and the same with a number from a sequence, which leaves gaps
//! and lets all go at the same time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::task::JoinSet;
use tokio::time::sleep;
use uuid::Uuid;
use waybill_tests::{Postgres, Process, WaybillConfig};

use crate::report::Report;

const GAPLESS: &str = include_str!("../../components/invoices/src/sql/issue_invoice.sql");

/// The number as it is taken, and as it would be with gaps.
const TAKEN: &str = "\
    INSERT INTO invoice_series AS s (series, last_number)
    SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY'), 1
    FROM state
    ON CONFLICT ON CONSTRAINT invoice_series_pkey DO UPDATE SET last_number = s.last_number + 1
    RETURNING series, last_number, prefix
";
const DRAWN: &str = "\
    SELECT 'drawn' AS series, nextval('drawn')::integer AS last_number, '' AS prefix
    FROM state
";

/// Invoices that are issued at the same time, on connections of their own: what `waybill` has.
const CONNECTIONS: usize = 8;

/// Measures both, alternating.
pub async fn measure(rounds: usize, seconds: u32) -> Result<Report> {
    let mut postgres = Postgres::start().await?.context("PostgreSQL is not installed")?;
    postgres.keep_quiet();
    let folder = tempfile::tempdir()?;
    let migrate = WaybillConfig::command(["migrate"], folder.path()).databases(&postgres);
    let migrated = Process::run(&migrate).await?;
    ensure!(migrated.status.success(), "{}", migrated.stderr);
    let client = postgres.client("invoices").await?;
    client.batch_execute("CREATE SEQUENCE drawn").await?;
    let drawn = GAPLESS.replacen(TAKEN, DRAWN, 1);
    ensure!(drawn != GAPLESS, "the statement has changed; change this with it");
    let mut report =
        Report::new("Gapless numbers", "invoices, each a statement and a transaction of its own")
            .against("with gaps");
    for round in 1..=rounds {
        for (name, statement) in [("gapless", GAPLESS), ("with gaps", drawn.as_str())] {
            client.batch_execute("VACUUM ANALYZE").await?;
            let rate = issue(&postgres, statement, seconds).await?;
            println!("round {round}, {name}: {rate:.0} invoices/s");
            report.add(name, &[("invoices per s".to_owned(), rate)]);
        }
    }
    Ok(report)
}

async fn issue(postgres: &Postgres, statement: &str, seconds: u32) -> Result<f64> {
    let (issued, stop) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicBool::new(false)));
    let mut workers = JoinSet::new();
    for _ in 0..CONNECTIONS {
        let client = postgres.client("invoices").await?;
        let prepared = client.prepare(statement).await?;
        let (issued, stop) = (issued.clone(), stop.clone());
        workers.spawn(async move {
            while !stop.load(Ordering::Relaxed) {
                let ids: [Uuid; 6] = std::array::from_fn(|_| Uuid::now_v7());
                let [invoice, order, credit_note, first, second, third] = &ids;
                let row = client
                    .query_one(
                        &prepared,
                        &[
                            invoice,
                            order,
                            &"1651654165",
                            &5000_i64,
                            &"EUR",
                            &"{}",
                            &"[]",
                            credit_note,
                            first,
                            second,
                            third,
                        ],
                    )
                    .await?;
                ensure!(row.try_get::<_, i32>(0)? == 1, "an invoice was not issued");
                issued.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        });
    }
    let begun = Instant::now();
    sleep(Duration::from_secs(seconds.into())).await;
    let rate = issued.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64();
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = workers.join_next().await {
        ended??;
    }
    Ok(rate)
}
