//! What was issued stays, and what becomes of an order is recorded.

use futures::future::join_all;
use serde_json::json;
use uuid::Uuid;

use crate::support::{number, row};
use crate::valid::FORMATS;
use crate::{BROKEN_LINKS, TestEnv};

#[tokio::test]
async fn issued_documents_cannot_be_changed_or_removed() {
    let env = TestEnv::new().await;
    env.issued().await;
    let role = format!("service_{}", Uuid::now_v7().simple());
    let grant = format!("CREATE ROLE {role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}");
    env.database.query_batch(&grant).await.unwrap();
    for role in [role.as_str(), "CURRENT_USER"] {
        let role = if role == "CURRENT_USER" { "NONE" } else { role };
        for sql in [
            "UPDATE invoices SET amount = 1",
            "UPDATE invoices SET number = 7",
            "UPDATE invoices SET customer = '{}', lines = '[]', seller = '{}'",
            "UPDATE invoices SET printed_number = 'x'",
            "UPDATE invoices SET chain_sha256 = NULL",
            "DELETE FROM invoices",
            "TRUNCATE invoices",
            "UPDATE credit_notes SET prefix = ''",
            "DELETE FROM credit_notes",
            "TRUNCATE credit_notes",
            "UPDATE order_state_events SET api_key = 'x'",
            "DELETE FROM order_state_events",
            "UPDATE order_states SET canceled_at = NULL",
            "UPDATE order_states SET canceled_at = now()",
            "UPDATE hashed_documents SET sha256 = ''",
            "DELETE FROM series_settings_history",
            "DELETE FROM series_settings",
            "UPDATE invoice_series SET last_number = last_number - 1",
            "UPDATE invoice_series SET series = '1999'",
            "DELETE FROM invoice_series",
            "TRUNCATE invoice_series",
            "UPDATE credit_note_series SET last_number = 0",
            "DELETE FROM credit_note_series",
        ] {
            assert_eq!(env.refused(role, sql).await, "23001", "{role}: {sql}");
        }
    }
    assert_eq!(env.refused(&role, "SET session_replication_role = replica").await, "42501");
    env.database.query_batch(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
    // A number beyond those that were given is skipped, as after a backup that was older.
    env.database.query_batch("UPDATE invoice_series SET last_number = 100").await.unwrap();
    assert!(env.issued().await.0.ends_with("-000101"));
}

/// As the version before writes an invoice: it names none of the new columns.
const ISSUE_AS_BEFORE: &str = "
    WITH issue_lock AS MATERIALIZED (
        SELECT pg_advisory_xact_lock(CAST(x'77622d6973737565' AS bigint))
    ), moment AS MATERIALIZED (
        SELECT clock_timestamp() AS now FROM issue_lock
    ), taken AS (
        INSERT INTO invoice_series AS s (series, last_number, last_issued_at)
        SELECT to_char(moment.now AT TIME ZONE 'UTC', 'YYYY'), 1, moment.now FROM moment
        ON CONFLICT ON CONSTRAINT invoice_series_pkey DO UPDATE
        SET last_number = s.last_number + 1, last_issued_at = greatest(s.last_issued_at, excluded.last_issued_at)
        RETURNING series, last_number, prefix, last_issued_at
    )
    INSERT INTO invoices (id, order_id, series, number, prefix, customer_id, amount, currency, customer, lines, created_at)
    SELECT gen_random_uuid(), gen_random_uuid(), taken.series, taken.last_number, taken.prefix, 'c', 1, 'EUR', '{}', '[]',
        taken.last_issued_at
    FROM taken";

#[tokio::test]
async fn documents_are_linked_in_the_order_of_their_numbers_whichever_version_issues_them() {
    let env = TestEnv::new().await;
    let orders: Vec<_> = (0..60).map(|_| Uuid::now_v7()).collect();
    let issued = orders
        .iter()
        .flat_map(|order| ["order.created", "order.canceled"].map(|event| env.becomes(event, *order)));
    let before = (0..60).map(|_| env.database.rows(ISSUE_AS_BEFORE, &[]));
    let (before, _) = tokio::join!(join_all(before), join_all(issued));
    for issued in before {
        issued.unwrap();
    }
    let counted = "SELECT max(number) * 1000000 + count(DISTINCT printed_number) * 1000 + count(issued_on) FROM invoices";
    assert_eq!(number(&env.database, counted).await, 120_120_120);
    assert_eq!(number(&env.database, "SELECT count(chain_sha256) FROM credit_notes").await, 60);
    assert_eq!(number(&env.database, BROKEN_LINKS).await, 0);
    assert_eq!(env.check_electronic_invoices().await, 40 * FORMATS.len());
}

#[tokio::test]
async fn what_becomes_of_an_order_is_recorded_once_with_its_event() {
    let env = TestEnv::new().await;
    let (order, [created, paid, canceled]) = (Uuid::now_v7(), [1, 2, 3].map(Uuid::from_u128));
    for (event_type, event) in
        [("order.created", created), ("order.paid", paid), ("order.canceled", canceled)]
    {
        env.event(event_type, order, event).await;
        env.becomes(event_type, order).await;
    }
    assert_eq!(row(&env.database, "SELECT event_id FROM invoices").await, json!({ "event_id": created }));
    for (event, id) in [("paid", paid), ("canceled", canceled)] {
        let recorded = format!(
            "SELECT order_id, event_id, api_key, happened_at AT TIME ZONE 'UTC' AS happened_at,
                recorded_at > now() - interval '1 minute' AS is_now
            FROM order_state_events WHERE event = '{event}'"
        );
        assert_eq!(
            row(&env.database, &recorded).await,
            json!({ "order_id": order, "event_id": id, "api_key": "0123456789ab", "happened_at": "2026-01-31T00:00:00", "is_now": true })
        );
    }
}
