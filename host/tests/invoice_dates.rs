//! Numbers and dates of invoices agree, whatever the clock does while a statement waits for its turn.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use support::{config, messages, number};
use uuid::Uuid;
use waybill::runtime::{Limits, MessageService};
use waybill::settings::ComponentName;
use waybill_postgres::Database;
use waybill_telemetry::Context;
use waybill_tests::eventually;

/// A clock that the test sets, found before PostgreSQL's own.
const CLOCK: &str = "
    CREATE SCHEMA clock;
    CREATE TABLE clock.offset (ahead interval NOT NULL);
    INSERT INTO clock.offset VALUES ('0');
    CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
    BEGIN RETURN pg_catalog.clock_timestamp() + (SELECT ahead FROM clock.offset); END $$;
    CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
    BEGIN RETURN pg_catalog.now() + (SELECT ahead FROM clock.offset); END $$;
";

/// The lock that issuing statements take first: the bytes of `wb-issue`.
const ISSUE_LOCK: i64 = i64::from_be_bytes(*b"wb-issue");

struct TestEnv {
    database: Database,
    handler: MessageService,
}

impl TestEnv {
    async fn new() -> Self {
        let mut config = config(ComponentName::Invoices).await;
        let database = Database::connect(config.clone()).await.unwrap();
        database.query_batch(CLOCK).await.unwrap();
        config.session_settings.set("search_path", "clock, pg_catalog, public");
        let handler = messages(Limits::default(), Arc::new(Database::connect(config).await.unwrap()));
        Self { database, handler }
    }

    async fn set_clock(&self, time: &str) {
        let set =
            format!("UPDATE clock.offset SET ahead = timestamptz '{time}' - pg_catalog.clock_timestamp()");
        self.database.query_batch(&set).await.unwrap();
    }

    async fn event(&self, event_type: &str, order: Uuid) {
        let body = json!({
            "orderId": order, "amount": 5000, "customer": { "id": "1651654165" },
            "changedAt": "2027-12-31T00:00:00.000Z", "version": 2,
        });
        self.handler.handle(event_type, body.to_string().into_bytes(), Context::new()).await.unwrap();
    }

    /// Invoices or credit notes whose date is before that of the number before, or of another year than their series.
    async fn misdated(&self, table: &str) -> i64 {
        let sql = format!(
            "SELECT count(*) FROM (
                SELECT created_at < lag(created_at) OVER (PARTITION BY series ORDER BY number)
                    OR series <> to_char(created_at AT TIME ZONE 'UTC', 'YYYY') AS is_misdated
                FROM {table}
            ) AS dated WHERE is_misdated"
        );
        number(&self.database, &sql).await
    }
}

#[tokio::test]
async fn what_waits_over_midnight_is_of_the_new_year() {
    let env = TestEnv::new().await;
    env.set_clock("2027-12-31T23:50:00Z").await;
    let canceled_before = Uuid::now_v7();
    env.event("order.created", Uuid::now_v7()).await;
    let credited = Uuid::now_v7();
    env.event("order.created", credited).await;
    env.event("order.canceled", canceled_before).await;

    let session = env.database.session().await.unwrap();
    session.execute("SELECT pg_advisory_lock($1)", &[&ISSUE_LOCK]).await.unwrap();
    let (issued, issued_and_credited) = (Uuid::now_v7(), canceled_before);
    let release = async {
        let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        let waiting = eventually("the statements to wait", Duration::from_secs(20), async || {
            Ok((number(&env.database, waits).await > 0).then_some(()))
        });
        waiting.await.unwrap();
        env.set_clock("2028-01-01T00:00:01Z").await;
        session.execute("SELECT pg_advisory_unlock($1)", &[&ISSUE_LOCK]).await.unwrap();
    };
    tokio::join!(
        env.event("order.created", issued),
        env.event("order.created", issued_and_credited),
        env.event("order.canceled", credited),
        release
    );
    let of_2028 = "SELECT (SELECT count(*) FROM invoices WHERE series = '2028')
        + 10 * (SELECT count(*) FROM credit_notes WHERE series = '2028')";
    assert_eq!(number(&env.database, of_2028).await, 22);
    assert_eq!((env.misdated("invoices").await, env.misdated("credit_notes").await), (0, 0));
}

#[tokio::test]
async fn dates_of_a_series_never_go_back_with_the_clock() {
    let env = TestEnv::new().await;
    for time in
        ["2027-03-28T03:00:00Z", "2027-03-28T02:00:00Z", "2027-03-28T02:30:00Z", "2027-03-28T04:00:00Z"]
    {
        env.set_clock(time).await;
        for _ in 0..2 {
            let order = Uuid::now_v7();
            env.event("order.created", order).await;
            env.event("order.canceled", order).await;
        }
        assert_eq!((env.misdated("invoices").await, env.misdated("credit_notes").await), (0, 0), "{time}");
    }
    let last = "SELECT extract(hour FROM max(created_at) AT TIME ZONE 'UTC')::bigint FROM invoices";
    assert_eq!(number(&env.database, last).await, 4);
}

#[tokio::test]
async fn a_prefix_is_carried_over_each_new_year() {
    let env = TestEnv::new().await;
    env.set_clock("2026-12-31T23:00:00Z").await;
    let printed = async |table: &str| {
        let sql = format!("SELECT printed_number FROM {table} ORDER BY series DESC, number DESC LIMIT 1");
        env.database.rows(&sql, &[]).await.unwrap()[0].get::<_, String>(0)
    };
    env.event("order.created", Uuid::now_v7()).await;
    env.database.query_batch("UPDATE invoice_series SET prefix = 'INV-'").await.unwrap();
    let canceled = Uuid::now_v7();
    env.event("order.created", canceled).await;
    env.event("order.canceled", canceled).await;
    env.database.query_batch("UPDATE credit_note_series SET prefix = 'G'").await.unwrap();
    assert_eq!(printed("invoices").await, "INV-2026-000002");

    env.set_clock("2027-01-01T00:00:01Z").await;
    let canceled = Uuid::now_v7();
    env.event("order.created", canceled).await;
    env.event("order.canceled", canceled).await;
    assert_eq!(printed("invoices").await, "INV-2027-000001");
    assert_eq!(printed("credit_notes").await, "G2027-000001");
}
