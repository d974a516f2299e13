//! Numbers and dates of invoices agree, whatever the clock does while a statement waits for its turn.

use serde_json::json;
use uuid::Uuid;
use waybill::settings::ComponentName;
use waybill_postgres::Database;
use waybill_telemetry::Context;

use crate::TestEnv;
use crate::support::{config, get, number, send};

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

/// An environment whose components have that clock.
async fn env() -> TestEnv {
    let mut config = config(ComponentName::Invoices).await;
    let database = Database::connect(config.clone()).await.unwrap();
    database.query_batch(CLOCK).await.unwrap();
    config.session_settings.set("search_path", "clock, pg_catalog, public");
    TestEnv::over(database, config).await
}

async fn set_clock(env: &TestEnv, time: &str) {
    let set = format!("UPDATE clock.offset SET ahead = timestamptz '{time}' - pg_catalog.clock_timestamp()");
    env.database.query_batch(&set).await.unwrap();
}

/// Invoices or credit notes whose date is before that of the number before, or of another year than their series.
async fn misdated(env: &TestEnv) -> [i64; 2] {
    let sql = |table| {
        format!(
            "SELECT count(*) FROM (
                SELECT created_at < lag(created_at) OVER (PARTITION BY series ORDER BY number)
                    OR series <> to_char(created_at AT TIME ZONE 'UTC', 'YYYY') AS is_misdated
                FROM {table}
            ) AS dated WHERE is_misdated"
        )
    };
    [number(&env.database, &sql("invoices")).await, number(&env.database, &sql("credit_notes")).await]
}

#[tokio::test]
async fn what_waits_over_midnight_is_of_the_new_year() {
    let env = env().await;
    set_clock(&env, "2027-12-31T23:50:00Z").await;
    let canceled_before = Uuid::now_v7();
    env.becomes("order.created", Uuid::now_v7()).await;
    let credited = Uuid::now_v7();
    env.becomes("order.created", credited).await;
    env.becomes("order.canceled", canceled_before).await;

    let session = env.database.session().await.unwrap();
    session.execute("SELECT pg_advisory_lock($1)", &[&ISSUE_LOCK]).await.unwrap();
    let (issued, issued_and_credited) = (Uuid::now_v7(), canceled_before);
    let release = async {
        env.queued(1).await;
        set_clock(&env, "2028-01-01T00:00:01Z").await;
        session.execute("SELECT pg_advisory_unlock($1)", &[&ISSUE_LOCK]).await.unwrap();
    };
    tokio::join!(
        env.becomes("order.created", issued),
        env.becomes("order.created", issued_and_credited),
        env.becomes("order.canceled", credited),
        release
    );
    let of_2028 = "SELECT (SELECT count(*) FROM invoices WHERE series = '2028')
        + 10 * (SELECT count(*) FROM credit_notes WHERE series = '2028')";
    assert_eq!(number(&env.database, of_2028).await, 22);
    assert_eq!(misdated(&env).await, [0, 0]);
    assert!(env.check_electronic_invoices().await >= 15);
}

#[tokio::test]
async fn dates_of_a_series_never_go_back_with_the_clock() {
    let env = env().await;
    for time in
        ["2027-03-28T03:00:00Z", "2027-03-28T02:00:00Z", "2027-03-28T02:30:00Z", "2027-03-28T04:00:00Z"]
    {
        set_clock(&env, time).await;
        for _ in 0..2 {
            let order = Uuid::now_v7();
            env.becomes("order.created", order).await;
            env.becomes("order.canceled", order).await;
        }
        assert_eq!(misdated(&env).await, [0, 0], "{time}");
    }
    let last = "SELECT extract(hour FROM max(created_at) AT TIME ZONE 'UTC')::bigint FROM invoices";
    assert_eq!(number(&env.database, last).await, 4);
}

#[tokio::test]
async fn a_prefix_is_carried_over_each_new_year() {
    let env = env().await;
    set_clock(&env, "2026-12-31T23:00:00Z").await;
    let printed = async |table: &str| {
        let sql = format!("SELECT printed_number FROM {table} ORDER BY series DESC, number DESC LIMIT 1");
        env.database.rows(&sql, &[]).await.unwrap()[0].get::<_, String>(0)
    };
    env.becomes("order.created", Uuid::now_v7()).await;
    env.database.query_batch("UPDATE invoice_series SET prefix = 'INV-'").await.unwrap();
    let canceled = Uuid::now_v7();
    env.becomes("order.created", canceled).await;
    env.becomes("order.canceled", canceled).await;
    env.database.query_batch("UPDATE credit_note_series SET prefix = 'G'").await.unwrap();
    assert_eq!(printed("invoices").await, "INV-2026-000002");

    set_clock(&env, "2027-01-01T00:00:01Z").await;
    let canceled = Uuid::now_v7();
    env.becomes("order.created", canceled).await;
    env.becomes("order.canceled", canceled).await;
    assert_eq!(printed("invoices").await, "INV-2027-000001");
    assert_eq!(printed("credit_notes").await, "G2027-000001");
    assert!(env.check_electronic_invoices().await >= 15);
}

/// Time zones whose days are never the same.
const FIRST_ZONE: &str = "Pacific/Kiritimati";
const LAST_ZONE: &str = "Etc/GMT+12";

async fn set_time_zone(env: &TestEnv, zone: &str) {
    let mut settings = send(&env.http, get("/series"), "").await.json();
    settings["timeZone"] = zone.into();
    assert_eq!(env.set(&settings).await.status, 200);
}

/// What the database says of a moment.
async fn text(env: &TestEnv, sql: &str) -> String {
    env.database.rows(sql, &[]).await.unwrap()[0].get(0)
}

#[tokio::test]
async fn an_invoice_is_paid_on_the_business_day_that_its_series_had_then() {
    let env = TestEnv::new().await;
    for [then, later] in [[FIRST_ZONE, LAST_ZONE], [LAST_ZONE, FIRST_ZONE], ["UTC", FIRST_ZONE]] {
        set_time_zone(&env, then).await;
        let order = Uuid::now_v7();
        env.becomes("order.created", order).await;
        let now = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";
        let paid_at = text(&env, now).await;
        let date =
            text(&env, &format!("SELECT ('{paid_at}'::timestamptz AT TIME ZONE '{then}')::date::text")).await;
        let paid = json!({ "orderId": order, "version": 2, "changedAt": paid_at }).to_string();
        env.handler.handle("order.paid", paid.into_bytes(), Context::new()).await.unwrap();
        for zone in [then, later] {
            set_time_zone(&env, zone).await;
            let listed = send(&env.http, get(&format!("/invoices?orderId={order}")), "").await.json();
            let listed = &listed["invoices"][0];
            let path = format!("/invoices/{}", listed["id"].as_str().unwrap());
            let shown = send(&env.http, get(&path), "").await.json();
            assert_eq!((&shown["paymentDate"], &shown), (&json!(date), listed), "{then}, then {zone}");
            assert_eq!(shown["paidAt"], json!(paid_at), "{then}, then {zone}");
            let page = send(&env.http, get(&path).header("accept", "text/html"), "").await.body;
            let shown = format!("<dt>Paid</dt><dd><time datetime=\"{date}\">");
            assert!(page.contains(&shown), "{then}, then {zone}: {page}");
        }
    }
    // What was paid before there were settings is of the first ones.
    let first = text(&env, "SELECT business_day('2020-06-30T23:00:00Z', '2026')::text").await;
    assert_eq!(first, "2020-06-30");
    // Where PostgreSQL does not know the zone of then any more, the zone of now counts.
    for zone in [FIRST_ZONE, LAST_ZONE] {
        set_time_zone(&env, zone).await;
        let unknown = "INSERT INTO series_settings_history (settings)
            SELECT to_jsonb(s) - 'only_row' || '{\"time_zone\": \"Old/Name\"}' || jsonb_build_object('set_at', clock_timestamp())
            FROM series_settings AS s RETURNING settings ->> 'time_zone'";
        assert_eq!(text(&env, unknown).await, "Old/Name");
        let days =
            format!("SELECT (business_day(now(), '2026') = (now() AT TIME ZONE '{zone}')::date)::text");
        assert_eq!(text(&env, &days).await, "true", "{zone}");
    }
}

#[tokio::test]
async fn a_credit_note_is_not_dated_before_its_invoice() {
    let env = env().await;
    // The invoice of an order that was canceled before, after one of a later day.
    set_clock(&env, "2027-06-15T11:30:00Z").await;
    set_time_zone(&env, FIRST_ZONE).await;
    env.becomes("order.created", Uuid::now_v7()).await;
    set_time_zone(&env, LAST_ZONE).await;
    let canceled = Uuid::now_v7();
    for event_type in ["order.canceled", "order.created"] {
        env.becomes(event_type, canceled).await;
    }
    // The same in the year that has begun for the invoice only, so that the credit note is of that year's series.
    set_clock(&env, "2027-12-31T11:30:00Z").await;
    set_time_zone(&env, FIRST_ZONE).await;
    let canceled = Uuid::now_v7();
    env.becomes("order.created", canceled).await;
    set_time_zone(&env, LAST_ZONE).await;
    env.becomes("order.canceled", canceled).await;
    let dates = "SELECT string_agg(concat_ws(' ', i.issued_on, c.issued_on, c.printed_number), ', ' ORDER BY c.series)
        FROM credit_notes AS c JOIN invoices AS i ON i.id = c.invoice_id";
    assert_eq!(
        text(&env, dates).await,
        "2027-06-16 2027-06-16 CN-2027-000001, 2028-01-01 2028-01-01 CN-2028-000001"
    );
}
