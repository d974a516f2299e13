//! What an order costs, from the request to its invoice, beside a thousand, a million and ten million that are there already.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use waybill_tests::{Postgres, Waybill, WaybillConfig, eventually};

use crate::load::{self, Request};
use crate::process::{cpu_time, cpu_time_of_all};
use crate::report::{self, Report};
use crate::servers;

/// How long the last invoices may take.
const LIMIT: Duration = Duration::from_mins(2);

/// Numbers of stored orders, each with its invoice.
const SIZES: [(u32, &str); 3] =
    [(1_000, "1 thousand rows"), (1_000_000, "1 million rows"), (10_000_000, "10 million rows")];

/// The identifier number n of a kind. Like the program's own it begins with a time, here one second later for each n.
macro_rules! identifier {
    ($kind:literal) => {
        concat!(
            "(lpad(to_hex(1700000000000 + n * 1000), 12, '0') || '7' || substr(md5(n::text), 1, 3) || '",
            $kind,
            "' || substr(md5(n::text), 4, 15))::uuid"
        )
    };
}

const ORDERS: &str = concat!(
    "INSERT INTO orders (id, customer_id, amount, currency, status, version, created_at) SELECT ",
    identifier!("8"),
    ", '1651654165', 5000, 'EUR', 'pending', 1, to_timestamp(1700000000 + n) \
     FROM generate_series($1::bigint, $2::bigint) AS n"
);
const INVOICES: &str = concat!(
    "INSERT INTO invoices (id, order_id, series, number, customer_id, amount, currency, created_at, seller) SELECT ",
    identifier!("9"),
    ", ",
    identifier!("8"),
    ", 'before', n, '1651654165', 5000, 'EUR', to_timestamp(1700000000 + n), '{}' \
     FROM generate_series($1::bigint, $2::bigint) AS n"
);
const STATES: &str = "INSERT INTO order_states (order_id, invoice_id) \
    SELECT order_id, id FROM invoices WHERE series = 'before' AND number BETWEEN $1::bigint AND $2::bigint";

/// Measures one size after the other, since there is room for one database.
pub async fn measure(rounds: usize, seconds: u32) -> Result<Report> {
    let postgres = servers::postgres().await?;
    let folder = tempfile::tempdir()?;
    let about = "from the request to the invoice, in one process; 32 connections, as fast as they go";
    let mut report = Report::new("Growth", about).against(SIZES[0].1);
    // The first start has created whatever it creates, and the first files of the write-ahead log exist.
    cost(&postgres, folder.path(), seconds).await?;
    let mut there = 0;
    for (size, name) in SIZES {
        let begun = Instant::now();
        fill(&postgres, there, size).await?;
        there = size;
        println!("{name}, filled in {:.0} s", begun.elapsed().as_secs_f64());
        for round in 1..=rounds {
            let found = cost(&postgres, folder.path(), seconds).await?;
            println!("round {round}, {name}: {}", report::line(&found));
            report.add(name, &found);
        }
    }
    Ok(report)
}

/// Fills the tables from one size to the next.
async fn fill(postgres: &Postgres, from: u32, to: u32) -> Result<()> {
    let (first, last) = (i64::from(from) + 1, i64::from(to));
    let orders = postgres.client("orders").await?;
    orders.execute(ORDERS, &[&first, &last]).await?;
    let invoices = postgres.client("invoices").await?;
    invoices.execute(INVOICES, &[&first, &last]).await?;
    invoices.execute(STATES, &[&first, &last]).await?;
    for client in [&orders, &invoices] {
        client.batch_execute("VACUUM ANALYZE").await?;
        client.batch_execute("CHECKPOINT").await?;
    }
    Ok(())
}

async fn cost(postgres: &Postgres, folder: &Path, seconds: u32) -> Result<Vec<(String, f64)>> {
    let config = WaybillConfig::up(folder).databases(postgres).variable("RUST_LOG", "warn");
    let waybill = Waybill::start(&config).await?;
    let base = format!("http://{}", waybill.orders.authority());
    let invoices = postgres.client("invoices").await?;
    // In the tables of that size, what is read first is read from the disk.
    load::closed(&base, &Request::Place, seconds.min(2), folder).await?;
    eventually("the outbox to be empty", LIMIT, async || {
        Ok((postgres.number("orders", "SELECT count(*) FROM outbox").await? == 0).then_some(()))
    })
    .await?;
    let count = "SELECT sum(last_number)::bigint FROM invoice_series";
    let before: i64 = invoices.query_one(count, &[]).await?.try_get(0)?;
    let (service, database) = (waybill.id()?, postgres.id()?);
    let used = || anyhow::Ok((cpu_time(service)?, cpu_time_of_all(database)?));
    let (service_before, database_before) = used()?;
    let begun = Instant::now();
    let placed = load::closed(&base, &Request::Place, seconds, folder).await?;
    let placed = i64::try_from(placed.requests)?;
    eventually("the last invoice", LIMIT, async || {
        let now: i64 = invoices.query_one(count, &[]).await?.try_get(0)?;
        Ok((now - before >= placed).then_some(()))
    })
    .await?;
    let elapsed = begun.elapsed();
    let (service_after, database_after) = used()?;
    waybill.stop().await?;
    let size =
        postgres.number("postgres", "SELECT sum(pg_database_size(oid))::bigint FROM pg_database").await?;
    let each = |time: Duration| time.as_secs_f64() * 1000.0 / placed as f64;
    let (service, database) = (
        each(service_after.saturating_sub(service_before)),
        each(database_after.saturating_sub(database_before)),
    );
    Ok(vec![
        ("CPU ms".to_owned(), service + database),
        ("of that the service's".to_owned(), service),
        ("invoiced per s".to_owned(), placed as f64 / elapsed.as_secs_f64()),
        ("databases MiB".to_owned(), size as f64 / f64::from(1 << 20)),
    ])
}
