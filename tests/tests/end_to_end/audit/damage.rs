//! Damage that no constraint would let happen, or that is only seen at the ends of things. Each is found with what follows
//! from it, and nothing else is.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use tokio_postgres::Client;
use waybill_tests::Waybill;

use super::{AS_USUAL, BY_FORCE, Report, TestEnv, databases, fill, id, migrate};

/// Two of the audit's pages and one row, so that pages end between rows.
const ROWS: i64 = 20_001;
const PAGE: i64 = 10_000;

struct Databases {
    env: TestEnv,
    orders: Client,
    invoices: Client,
}

impl Databases {
    /// Orders and invoices that agree.
    async fn new() -> Result<Self> {
        let env = TestEnv::servers().await?;
        migrate(&env).await?;
        let postgres = env.postgres()?;
        fill(postgres, ROWS).await?;
        let (orders, invoices) = (postgres.client("orders").await?, postgres.client("invoices").await?);
        invoices.batch_execute(BY_FORCE).await?;
        Ok(Self { env, orders, invoices })
    }

    async fn found(&self, expected: &[Value]) -> Result<()> {
        let report = Report::of(&self.env, 60).await?;
        ensure!(report.code == i32::from(!expected.is_empty()), "{report:?}");
        ensure!(report.findings == expected, "{report:#?}\nin place of {expected:#?}");
        Ok(())
    }
}

#[tokio::test]
async fn a_lost_last_invoice_is_known_by_its_order_and_its_counter() -> Result<()> {
    let audited = Databases::new().await?;
    audited.found(&[]).await?;
    audited.invoices.execute("DELETE FROM invoices WHERE number = $1", &[&ROWS]).await?;
    let order = |event: &str| json!({ "kind": "order_without_invoice", "order": id(ROWS), "event": event });
    let counter =
        json!({ "kind": "counter_differs", "series": "2026", "counter": ROWS, "highest": ROWS - 1 });
    audited.found(&[order("delivered"), counter.clone()]).await?;

    let event = format!(
        "INSERT INTO outbox (id, event_type, order_id, payload) VALUES ('{}', 'order.created', '{}', '{{}}')",
        id(7),
        id(ROWS)
    );
    audited.orders.batch_execute(&event).await?;
    audited.found(&[order("outbox"), counter.clone()]).await?;

    audited.orders.batch_execute("UPDATE outbox SET set_aside_at = now(), last_error = 'no good'").await?;
    let parked = json!({ "kind": "event_parked", "event": id(7), "order": id(ROWS), "error": "no good" });
    audited.found(&[parked, order("parked"), counter]).await
}

#[tokio::test]
async fn a_series_without_its_counter_is_found() -> Result<()> {
    let audited = Databases::new().await?;
    audited.invoices.batch_execute("DELETE FROM invoice_series").await?;
    let finding = json!({ "kind": "counter_differs", "series": "2026", "counter": null, "highest": ROWS });
    audited.found(&[finding]).await?;
    // What no message brings back is not looked for among the messages.
    let ended = Waybill::run(&audited.env.command(&["audit"])).await?;
    let next: Vec<&str> = ended.stdout.lines().filter(|line| line.starts_with("Next: ")).collect();
    ensure!(next.len() == 1 && !next[0].contains("dead-letters"), "{next:?}");
    ensure!(next[0].contains("#the-invoices-database-came-back-older"), "{next:?}");
    Ok(())
}

#[tokio::test]
async fn a_change_of_an_order_that_its_invoice_has_not_heard_of_is_found() -> Result<()> {
    let audited = Databases::new().await?;
    let change = |state: &str, ago: &str| {
        format!(
            "UPDATE orders SET status = '{state}', changed_at = now() - interval '{ago}' WHERE id = '{}'",
            id(7)
        )
    };
    audited.orders.batch_execute(&change("paid", "1 second")).await?;
    audited.found(&[]).await?;
    audited.orders.batch_execute(&change("paid", "1 hour")).await?;
    let finding = |ordered: &str, invoiced: &str| {
        json!({ "kind": "state_differs", "order": id(7), "invoice": id(7), "ordered": ordered,
            "invoiced": invoiced, "event": "delivered" })
    };
    audited.found(&[finding("paid", "pending")]).await?;
    let paid = format!("INSERT INTO order_states (order_id, paid_at) VALUES ('{}', now())", id(7));
    audited.invoices.batch_execute(&paid).await?;
    audited.found(&[]).await?;

    audited.orders.batch_execute(&change("canceled", "1 hour")).await?;
    audited.found(&[finding("canceled", "paid")]).await?;
    let credited = format!(
        "INSERT INTO credit_notes (id, invoice_id, series, number, prefix) VALUES ('{0}', '{0}', '2026', 2, 'CN-'); \
         INSERT INTO credit_note_series (series, last_number) VALUES ('2026', 2)",
        id(7)
    );
    audited.invoices.batch_execute(AS_USUAL).await?;
    audited.invoices.batch_execute(&credited).await?;
    audited
        .found(&[json!({ "kind": "number_gap", "series": "credit notes 2026", "first": 1, "last": 1 })])
        .await
}

#[tokio::test]
async fn a_second_invoice_or_number_is_found_also_where_a_page_ends_between() -> Result<()> {
    let audited = Databases::new().await?;
    let constraints = "ALTER TABLE invoices DROP CONSTRAINT invoices_one_per_order; \
                       ALTER TABLE invoices DROP CONSTRAINT invoices_number_once; \
                       CREATE INDEX ON invoices (order_id); CREATE INDEX ON invoices (series, number)";
    audited.invoices.batch_execute(constraints).await?;
    for number in [PAGE, 5] {
        let next = number + 1;
        audited
            .invoices
            .execute("UPDATE invoices SET number = $1 WHERE number = $2", &[&number, &next])
            .await?;
        let twice =
            json!({ "kind": "number_twice", "series": "2026", "number": number, "invoice": id(next) });
        let gap = json!({ "kind": "number_gap", "series": "2026", "first": next, "last": next });
        audited.found(&[twice, gap]).await?;
        let undo = format!("UPDATE invoices SET number = {next} WHERE id = '{}'", id(next));
        audited.invoices.batch_execute(&undo).await?;
    }

    let second = format!(
        "INSERT INTO invoices (id, order_id, series, number, customer_id, amount, currency) \
         SELECT '{}', order_id, series, {ROWS} + 1, customer_id, amount, currency FROM invoices WHERE number = {PAGE}; \
         UPDATE invoice_series SET last_number = last_number + 1",
        id(ROWS + 1)
    );
    audited.invoices.batch_execute(AS_USUAL).await?;
    audited.invoices.batch_execute(&second).await?;
    audited.found(&[json!({ "kind": "duplicate_invoice", "order": id(PAGE), "invoice": id(ROWS + 1) })]).await
}

#[tokio::test]
async fn a_person_reads_one_line_for_each_finding_and_then_the_summary() -> Result<()> {
    let audited = Databases::new().await?;
    audited.invoices.execute("DELETE FROM invoices WHERE number BETWEEN 3 AND 5", &[]).await?;
    let config = waybill_tests::WaybillConfig::command(["audit"], audited.env.folder.path());
    let ended = waybill_tests::Waybill::run(&databases(&config, &audited.env)).await?;
    ensure!(ended.status.code() == Some(1), "{}", ended.stderr);
    let lines: Vec<&str> = ended.stdout.lines().collect();
    for number in 3..=5 {
        let named = |line: &&str| line.starts_with(&format!("order {} has no invoice", id(number)));
        ensure!(lines.iter().filter(|line| named(line)).count() == 1, "{}", ended.stdout);
    }
    ensure!(lines[3] == "series 2026 lacks the numbers 3 to 5", "{}", ended.stdout);
    ensure!(
        lines[4] == format!("{ROWS} orders, {} invoices, 0 events in the outbox", ROWS - 3),
        "{}",
        lines[4]
    );
    ensure!(lines.contains(&"order_without_invoice: 3"), "{}", ended.stdout);
    Ok(())
}
