//! A database that comes back from a backup.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use waybill_tests::{Ledger, Postgres};

use super::{Report, TestEnv};

/// What `docs/backup.md` says to run then.
const WRITE_EVENTS_AGAIN: &str = "../docs/sql/write_events_again.sql";

#[tokio::test]
async fn an_invoices_database_that_came_back_older_is_brought_up_from_the_orders() -> Result<()> {
    let env = TestEnv::servers().await?;
    let postgres = env.postgres()?;
    let waybill = env.up().await?;
    let line = json!({"sku": "ink-1", "description": "Ink", "quantity": 3, "unitPrice": 1000, "taxRateBasisPoints": 1900});
    // The default customer, with all that a customer may have.
    let members = json!({
        "address": "2 Rue", "addressLine2": "Floor 2", "city": "Lyon", "state": "ARA", "vatId": "FR40303265045", "companyId": "303265045", "companyIdScheme": "0002",
        "contact": "Al", "phone": "+33 1", "electronicAddress": { "scheme": "0009", "id": "30326504500011" },
        "buyerReference": "r-1", "paymentDays": 7, "paymentTerms": "net",
        "cashDiscounts": [{ "days": 14, "rateBasisPoints": 200 }], "invoiceProfile": "en16931",
    });
    waybill.orders.patch_json("/customers/1651654165", members.to_string()).await?.expect(200)?;
    let mut orders = Vec::new();
    for body in [json!({"lines": [line]}), json!({"amount": 700}), json!({"amount": 800, "currency": "USD"})]
    {
        let order = waybill.orders.create("/orders", body.to_string()).await?;
        orders.push(order["id"].as_str().context("no id")?.to_owned());
    }
    for (order, step) in [(&orders[0], "pay"), (&orders[1], "cancel")] {
        waybill.orders.post_json(&format!("/orders/{order}/{step}"), "").await?.expect(200)?;
    }
    Ledger::settled(&waybill).await?;
    let before = waybill.invoices.invoice_of(&orders[0]).await?;
    for (member, value) in members.as_object().into_iter().flatten() {
        ensure!(before["customer"][member] == *value, "{member}: {before}");
    }
    waybill.stop().await?;

    // As empty as the oldest backup.
    let invoices = postgres.client("invoices").await?;
    invoices
        .batch_execute(
            "SET session_replication_role = replica; \
             TRUNCATE invoices, order_states, order_state_events, invoice_series, credit_notes, credit_note_series CASCADE",
        )
        .await?;
    let lost = Report::of(&env, 0).await?;
    ensure!(lost.code == 1 && lost.findings.len() == orders.len(), "{lost:?}");

    let written = write_events_again(postgres, "2020-01-01").await?;
    ensure!(written == (3, 2), "{written:?}");
    // Twice, since the script is idempotent.
    write_events_again(postgres, "2020-01-01").await?;
    ensure!(write_events_again(postgres, "2999-01-01").await? == (0, 0), "it is for those since then");
    let waybill = env.up().await?;
    Ledger::settled(&waybill).await?;
    let after = waybill.invoices.invoice_of(&orders[0]).await?;
    for member in ["customer", "lines", "taxes", "amount", "currency", "status"] {
        ensure!(after[member] == before[member], "{member}: {after} is not as {before}");
    }
    waybill.stop().await?;
    let found = Report::of(&env, 0).await?;
    ensure!(found.code == 0 && found.summary["invoices"] == orders.len(), "{found:?}");
    Ok(())
}

/// Runs the script as `psql -v since=…` would, and returns how many orders and changes it wrote.
async fn write_events_again(postgres: &Postgres, since: &str) -> Result<(i64, i64)> {
    let script = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(WRITE_EVENTS_AGAIN))?;
    let row = postgres
        .client("orders")
        .await?
        .query_one(&script.replace(":'since'", &format!("'{since}'")), &[])
        .await?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}
