//! What somebody changed who could: the audit names each document that is not as it was issued.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio_postgres::Client;
use waybill_tests::{Ledger, Waybill};

use super::{AS_USUAL, BY_FORCE, Report, TestEnv, databases};

/// Orders, each with an invoice; the first two are canceled.
const ORDERS: usize = 12;

async fn issue(env: &TestEnv) -> Result<()> {
    let waybill = env.up().await?;
    for number in 0..ORDERS {
        let line = json!({ "sku": "ink-1", "description": "Ink", "quantity": 1, "unitPrice": 1000 + number, "taxRateBasisPoints": 1900 });
        let order = waybill.orders.create("/orders", json!({ "lines": [line] }).to_string()).await?;
        if number < 2 {
            let path = format!("/orders/{}/cancel", order["id"].as_str().context("no id")?);
            waybill.orders.post_json(&path, "").await?.expect(200)?;
        }
    }
    Ledger::settled(&waybill).await?;
    waybill.stop().await?;
    Ok(())
}

async fn by_force(client: &Client, sql: &str) -> Result<()> {
    Ok(client.batch_execute(&format!("{BY_FORCE}; {sql}; {AS_USUAL}")).await?)
}

/// The findings by their kinds and numbers.
fn found(report: &Report) -> Vec<(&str, i64)> {
    let of = |finding: &'_ Value| finding["number"].as_i64().or(finding["first"].as_i64()).unwrap_or(0);
    report
        .findings
        .iter()
        .map(|finding| (finding["kind"].as_str().unwrap_or_default(), of(finding)))
        .collect()
}

#[tokio::test]
async fn each_document_that_was_changed_is_named_and_the_audit_is_clean_when_it_is_put_back() -> Result<()> {
    let env = TestEnv::servers().await?;
    issue(&env).await?;
    let invoices = env.postgres()?.client("invoices").await?;
    let clean = Report::of(&env, 0).await?;
    ensure!(clean.code == 0 && clean.findings.is_empty(), "{clean:?}");
    ensure!(clean.summary["chains"].as_array().is_some_and(|chains| chains.len() == 2), "{clean:?}");
    invoices.batch_execute("CREATE TABLE kept AS SELECT * FROM invoices; CREATE TABLE kept_notes AS SELECT * FROM credit_notes").await?;

    let differs = "document_differs";
    for (change, expected) in [
        ("UPDATE invoices SET customer = '{\"name\": \"Another\"}' WHERE number = 3", vec![(differs, 3)]),
        ("UPDATE invoices SET customer_id = 'another' WHERE number = 3", vec![(differs, 3)]),
        (
            "UPDATE invoices SET lines = replace(lines::text, '1900', '0')::json WHERE number = 4",
            vec![(differs, 4)],
        ),
        (
            "UPDATE invoices SET lines = replace(lines::text, ',', ', ')::json WHERE number = 4",
            vec![(differs, 4)],
        ),
        (
            "UPDATE invoices SET seller = replace(seller::text, 'Example', 'Other')::json WHERE number = 5",
            vec![(differs, 5)],
        ),
        ("UPDATE invoices SET document = '{}' WHERE number = 5", vec![(differs, 5)]),
        (
            "UPDATE invoices SET created_at = created_at - interval '1 microsecond' WHERE number = 6",
            vec![(differs, 6)],
        ),
        ("UPDATE invoices SET issued_on = issued_on - 1 WHERE number = 6", vec![(differs, 6)]),
        ("UPDATE invoices SET printed_number = 'X' || printed_number WHERE number = 12", vec![(differs, 12)]),
        ("UPDATE invoices SET event_id = NULL WHERE number = 1", vec![(differs, 1)]),
        ("UPDATE invoices SET chain_sha256 = NULL WHERE number = 7", vec![(differs, 7), (differs, 8)]),
        ("UPDATE invoices SET chain_sha256 = sha256('') WHERE number = 12", vec![(differs, 12)]),
        (
            "UPDATE invoices SET amount = amount, customer_id = 'x', \
             chain_sha256 = (SELECT chain_sha256 FROM invoices WHERE number = 8) WHERE number = 9",
            vec![(differs, 9), (differs, 10)],
        ),
        (
            "UPDATE invoices SET number = 99 WHERE number = 10; UPDATE invoices SET number = 10 WHERE number = 11; \
             UPDATE invoices SET number = 11 WHERE number = 99",
            vec![(differs, 10), (differs, 11), (differs, 12)],
        ),
        ("UPDATE credit_notes SET created_at = now() WHERE number = 1", vec![(differs, 1)]),
        (
            "UPDATE credit_notes SET invoice_id = gen_random_uuid() WHERE number = 2",
            vec![("state_differs", 0), (differs, 2)],
        ),
        (
            "DELETE FROM invoices WHERE number = 12",
            vec![("order_without_invoice", 0), ("counter_differs", 0)],
        ),
        ("DELETE FROM invoices WHERE number = 2", vec![("order_without_invoice", 0), ("number_gap", 2)]),
        // With the index that refuses it taken away, as somebody could who owns the table.
        (
            "DROP INDEX invoices_printed_number_once; UPDATE invoices SET printed_number = \
             (SELECT printed_number FROM invoices WHERE number = 11) WHERE number = 12",
            vec![(differs, 12), ("printed_twice", 0)],
        ),
    ] {
        by_force(&invoices, change).await?;
        let report = Report::of(&env, 0).await?;
        ensure!(report.code == 1 && found(&report) == expected, "{change}: {report:#?}");
        let put_back = "DELETE FROM invoices; INSERT INTO invoices SELECT * FROM kept; \
                        DELETE FROM credit_notes; INSERT INTO credit_notes SELECT * FROM kept_notes";
        by_force(&invoices, put_back).await?;
        let report = Report::of(&env, 0).await?;
        ensure!(report.code == 0, "{change}: {report:?}");
    }

    by_force(&invoices, "UPDATE invoices SET customer_id = 'another' WHERE number IN (5, 8)").await?;
    let config = waybill_tests::WaybillConfig::command(["audit"], env.folder.path());
    let ended = Waybill::run(&databases(&config, &env)).await?;
    let first = ended.stdout.lines().next().unwrap_or_default();
    ensure!(ended.status.code() == Some(1), "{}", ended.stderr);
    ensure!(
        first.contains("-000005 (") && first.contains("is not as it was issued; put it back"),
        "{}",
        ended.stdout
    );
    ensure!(ended.stdout.contains("ends with the number 12, hash "), "{}", ended.stdout);
    Ok(())
}

#[tokio::test]
async fn documents_from_before_they_were_linked_are_known_by_their_hundred() -> Result<()> {
    let env = TestEnv::servers().await?;
    super::migrate(&env).await?;
    super::fill(env.postgres()?, 250).await?;
    let invoices = env.postgres()?.client("invoices").await?;
    // As the migration leaves those that it finds.
    let earlier = "UPDATE invoices SET chain_sha256 = NULL, printed_number = NULL, issued_on = NULL; \
        INSERT INTO hashed_documents (kind, series, first_number, last_number, sha256) \
        SELECT 'invoice', i.series, min(i.number), max(i.number), sha256(string_agg(invoice_sha256(i), ''::bytea ORDER BY i.number)) \
        FROM invoices AS i GROUP BY i.series, (i.number - 1) / 100";
    by_force(&invoices, earlier).await?;
    let report = Report::of(&env, 60).await?;
    ensure!(report.code == 0, "{report:?}");
    let all = "SELECT encode(sha256(string_agg(sha256, ''::bytea ORDER BY first_number)), 'hex') FROM hashed_documents";
    let all: String = invoices.query_one(all, &[]).await?.get(0);
    let chain = json!([{ "series": "2026", "lastNumber": 250, "sha256": all }]);
    ensure!(report.summary["chains"] == chain, "{report:?}");
    by_force(&invoices, "UPDATE invoices SET customer = '{}'::json, customer_id = 'x' WHERE number = 150")
        .await?;
    let report = Report::of(&env, 60).await?;
    let expected = json!({ "kind": "documents_differ", "series": "2026", "first": 101, "last": 200 });
    ensure!(report.findings == [expected], "{report:?}");
    Ok(())
}
