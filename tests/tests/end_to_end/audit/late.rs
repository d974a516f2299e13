//! The system goes on while it is audited.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::json;
use waybill_tests::{Postgres, eventually};

use super::{Report, TestEnv, id, migrate};

const LIMIT: Duration = Duration::from_secs(30);

/// The audit is held by locks between its statements, and what it has not seen yet comes meanwhile. That is not a finding; a
/// wrong amount is, though neither page had both the order and its invoice.
#[tokio::test]
async fn rows_written_between_two_pages_are_checked_again() -> Result<()> {
    let env = TestEnv::servers().await?;
    migrate(&env).await?;
    let postgres = env.postgres()?;
    let (orders, other_orders) = (postgres.client("orders").await?, postgres.client("orders").await?);
    let (invoices, other_invoices) = (postgres.client("invoices").await?, postgres.client("invoices").await?);
    invoices.batch_execute("INSERT INTO invoice_series (series, last_number) VALUES ('2026', 5)").await?;
    invoices.batch_execute(&invoice(11, 1, 100)).await?;
    for number in 11..=13 {
        orders.batch_execute(&order(number)).await?;
    }

    invoices.batch_execute("BEGIN; LOCK TABLE invoices").await?;
    let audited = async {
        let report = Report::of(&env, 60).await?;
        let expected = [13, 5].map(|number| {
            json!({
                "kind": "amount_differs",
                "order": id(number),
                "invoice": id(number),
                "ordered": "100 EUR",
                "invoiced": "101 EUR",
            })
        });
        ensure!(report.code == 1 && report.findings == expected, "{report:#?}");
        Ok(())
    };
    let meanwhile = async {
        // It has read the orders. Two more come before them, as identifiers may that do not grow with time, with their
        // invoices.
        waits(postgres, "invoices").await?;
        orders.batch_execute("BEGIN; LOCK TABLE outbox").await?;
        other_orders.batch_execute(&[order(4), order(5)].join(";")).await?;
        invoices
            .batch_execute(&[invoice(4, 2, 100), invoice(5, 3, 101), "COMMIT".to_owned()].join(";"))
            .await?;
        // It has read the invoices, and asks for the events of the orders without one. They get theirs.
        waits(postgres, "orders").await?;
        other_invoices.batch_execute(&[invoice(12, 4, 100), invoice(13, 5, 101)].join(";")).await?;
        orders.batch_execute("COMMIT").await?;
        Ok::<_, anyhow::Error>(())
    };
    tokio::try_join!(audited, meanwhile)?;
    Ok(())
}

/// Waits until a session waits for a lock in this database.
async fn waits(postgres: &Postgres, database: &str) -> Result<()> {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    eventually("the audit to wait for a lock", LIMIT, async || {
        Ok((postgres.number(database, sql).await? == 1).then_some(()))
    })
    .await
}

/// An order of 1.00 € that is old enough to be judged.
fn order(number: i64) -> String {
    format!(
        "INSERT INTO orders (id, customer_id, amount, created_at) \
         VALUES ('{}', '1651654165', 100, now() - interval '1 day')",
        id(number)
    )
}

/// An invoice with the identifier of its order.
fn invoice(order: i64, number: i64, amount: i64) -> String {
    format!(
        "INSERT INTO invoices (id, order_id, series, number, customer_id, amount, currency) \
         VALUES ('{0}', '{0}', '2026', {number}, '1651654165', {amount}, 'EUR')",
        id(order)
    )
}
