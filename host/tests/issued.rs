//! What was issued stays: numbers in the form of their time, rows that no role changes, and links from each document to the one before.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use futures::future::join_all;
use http::Request;
use serde_json::{Value, json};
use support::{Answer, config, get, http, messages, number, row, send};
use uuid::Uuid;
use waybill::runtime::{HttpService, Limits, MessageService};
use waybill::settings::ComponentName;
use waybill_contracts::CALLER_HEADER;
use waybill_postgres::Database;
use waybill_telemetry::Context;

/// Documents whose link is not that of the document before and of their own columns.
const BROKEN_LINKS: &str = "
    SELECT (
        SELECT count(*) FROM (
            SELECT chain_sha256 IS DISTINCT FROM sha256(
                coalesce(lag(chain_sha256) OVER (PARTITION BY series ORDER BY number), '') || invoice_sha256(i)
            ) AS is_broken FROM invoices AS i
        ) AS links WHERE is_broken
    ) + (
        SELECT count(*) FROM (
            SELECT chain_sha256 IS DISTINCT FROM sha256(
                coalesce(lag(chain_sha256) OVER (PARTITION BY series ORDER BY number), '') || credit_note_sha256(c)
            ) AS is_broken FROM credit_notes AS c
        ) AS links WHERE is_broken
    )";

struct World {
    database: Database,
    handler: MessageService,
    http: HttpService,
}

impl World {
    async fn new() -> Self {
        let config = config(ComponentName::Invoices).await;
        let database = Database::connect(config.clone()).await.unwrap();
        // Connections of its own, so that no statement of the other waits in front of its own.
        let handler = messages(Limits::default(), Arc::new(Database::connect(config).await.unwrap()));
        let http = http("invoices", Limits::default(), Arc::new(database.clone()));
        Self { database, handler, http }
    }

    async fn event(&self, event_type: &str, order: Uuid, event: Uuid) {
        let body = json!({
            "orderId": order, "amount": 5000, "customer": { "id": "1651654165" }, "eventId": event,
            "changedAt": "2026-01-31T00:00:00.000Z", "version": 2,
        });
        self.handler.handle(event_type, body.to_string().into_bytes(), Context::new()).await.unwrap();
    }

    /// Issues an invoice, and a credit note over it, and returns their numbers and date.
    async fn issued(&self) -> (String, String, String) {
        let order = Uuid::now_v7();
        for event_type in ["order.created", "order.canceled"] {
            self.event(event_type, order, Uuid::now_v7()).await;
        }
        let listed = send(&self.http, get(&format!("/invoices?orderId={order}")), "").await.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let invoice = &listed["invoices"][0];
        assert_eq!(invoice["issueDate"], invoice["creditNote"]["issueDate"], "{invoice}");
        (text(&invoice["number"]), text(&invoice["creditNote"]["number"]), text(&invoice["issueDate"]))
    }

    async fn set(&self, settings: &Value) -> Answer {
        let request = Request::put("/series")
            .header("host", "test")
            .header("content-type", "application/json")
            .header(CALLER_HEADER, "0123456789ab");
        send(&self.http, request, &settings.to_string()).await
    }

    /// The fields that are refused, each with its rule.
    async fn faults(&self, settings: &Value) -> Vec<String> {
        let answer = self.set(settings).await;
        assert_eq!(answer.status, 422, "{settings}: {}", answer.body);
        let errors = answer.json()["errors"].take();
        let fault = |error: &Value| format!("{} {}", error["field"], error["rule"]);
        errors.as_array().unwrap().iter().map(fault).collect()
    }

    /// Waits until so many statements wait for the lock of those that issue.
    async fn queued(&self, count: i64) {
        let waiting = "SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database
            WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()";
        while number(&self.database, waiting).await < count {
            tokio::task::yield_now().await;
        }
    }

    /// Holds the lock of those that issue until `first`, and then `second`, wait for it.
    async fn one_behind_the_other(&self, first: impl Future<Output = ()>, second: impl Future<Output = ()>) {
        let session = self.database.session().await.unwrap();
        let lock = "BEGIN; SELECT pg_advisory_xact_lock(CAST(x'77622d6973737565' AS bigint))";
        session.batch_execute(lock).await.unwrap();
        let second = async {
            self.queued(1).await;
            second.await;
        };
        let release = async {
            self.queued(2).await;
            session.batch_execute("COMMIT").await.unwrap();
        };
        tokio::join!(first, second, release);
    }

    /// The printed numbers of all invoices in the order of their issue.
    async fn printed(&self) -> Value {
        row(
            &self.database,
            "SELECT json_agg(printed_number ORDER BY created_at, number) AS printed FROM invoices",
        )
        .await["printed"]
            .take()
    }

    /// Runs what has to be refused, as this role, and returns the SQLSTATE.
    async fn refused(&self, role: &str, sql: &str) -> String {
        let session = self.database.session().await.unwrap();
        let tried = session.batch_execute(&format!("BEGIN; SET LOCAL ROLE {role}; {sql}")).await;
        session.batch_execute("ROLLBACK").await.unwrap();
        tried.expect_err(sql).code().unwrap().code().to_owned()
    }
}

#[tokio::test]
async fn nobody_changes_or_removes_what_was_issued() {
    let world = World::new().await;
    world.issued().await;
    let role = format!("service_{}", Uuid::now_v7().simple());
    let grant = format!("CREATE ROLE {role}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}");
    world.database.query_batch(&grant).await.unwrap();
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
            assert_eq!(world.refused(role, sql).await, "23001", "{role}: {sql}");
        }
    }
    assert_eq!(world.refused(&role, "SET session_replication_role = replica").await, "42501");
    world.database.query_batch(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
    // A number beyond those that were given is skipped, as after a backup that was older.
    world.database.query_batch("UPDATE invoice_series SET last_number = 100").await.unwrap();
    assert!(world.issued().await.0.ends_with("-000101"));
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
    let world = World::new().await;
    let orders: Vec<_> = (0..60).map(|_| Uuid::now_v7()).collect();
    let issued = orders.iter().flat_map(|order| {
        ["order.created", "order.canceled"].map(|event| world.event(event, *order, Uuid::now_v7()))
    });
    let before = (0..60).map(|_| world.database.rows(ISSUE_AS_BEFORE, &[]));
    let (before, _) = tokio::join!(join_all(before), join_all(issued));
    for issued in before {
        issued.unwrap();
    }
    let counted = "SELECT max(number) * 1000000 + count(DISTINCT printed_number) * 1000 + count(issued_on) FROM invoices";
    assert_eq!(number(&world.database, counted).await, 120_120_120);
    assert_eq!(number(&world.database, "SELECT count(chain_sha256) FROM credit_notes").await, 60);
    assert_eq!(number(&world.database, BROKEN_LINKS).await, 0);
}

#[tokio::test]
async fn what_becomes_of_an_order_is_recorded_once_with_its_event() {
    let world = World::new().await;
    let (order, [created, paid, canceled]) = (Uuid::now_v7(), [1, 2, 3].map(Uuid::from_u128));
    for (event_type, event) in
        [("order.created", created), ("order.paid", paid), ("order.canceled", canceled)]
    {
        world.event(event_type, order, event).await;
        world.event(event_type, order, Uuid::now_v7()).await;
    }
    assert_eq!(row(&world.database, "SELECT event_id FROM invoices").await, json!({ "event_id": created }));
    for (event, id) in [("paid", paid), ("canceled", canceled)] {
        let recorded = format!(
            "SELECT order_id, event_id, api_key, happened_at AT TIME ZONE 'UTC' AS happened_at,
                recorded_at > now() - interval '1 minute' AS is_now
            FROM order_state_events WHERE event = '{event}'"
        );
        assert_eq!(
            row(&world.database, &recorded).await,
            json!({ "order_id": order, "event_id": id, "api_key": null, "happened_at": "2026-01-31T00:00:00", "is_now": true })
        );
    }
}

#[tokio::test]
async fn numbers_have_the_form_of_the_settings_and_keep_it() {
    let world = World::new().await;
    let year = number(&world.database, "SELECT extract(year FROM now() AT TIME ZONE 'UTC')::bigint").await;
    let first = world.issued().await;
    assert_eq!((first.0, first.1), (format!("{year}-000001"), format!("CN-{year}-000001")));
    let shown = send(&world.http, get("/series"), "").await.json();
    assert_eq!((&shown["timeZone"], &shown["creditNotePrefix"]), (&json!("UTC"), &json!("CN-")));

    let settings = json!({
        "timeZone": "UTC", "invoiceFormat": "{prefix}{year:2}/{number:4}", "invoicePrefix": "RE ", "invoiceNumbering": "yearly",
        "invoiceStartNumber": 1001, "creditNoteFormat": "{year}.{number}{prefix}", "creditNotePrefix": "G",
        "creditNoteNumbering": "yearly", "creditNoteStartNumber": 1,
    });
    assert_eq!(world.set(&settings).await.status, 422, "a prefix does not end with a space");
    let mut settings = settings;
    settings["invoicePrefix"] = "RE-".into();
    let set = world.set(&settings).await;
    assert_eq!((set.status.as_u16(), set.json()), (200, settings.clone()));
    assert_eq!(send(&world.http, get("/series"), "").await.json(), settings);
    let (invoice, note, _) = world.issued().await;
    assert_eq!((invoice, note), (format!("RE-{}/1001", year % 100), format!("{year}.2G")));
    assert_eq!(world.issued().await.0, format!("RE-{}/1002", year % 100));

    // Set again it changes nothing, and is no change of the history.
    world.set(&settings).await;
    let history =
        "SELECT count(*) FROM series_settings_history WHERE settings ->> 'api_key' = '0123456789ab'";
    assert_eq!(number(&world.database, history).await, 1);
    let count = "SELECT sum(last_number - skipped)::bigint FROM invoice_series";
    assert_eq!(number(&world.database, count).await, 3, "those that were skipped are not counted");

    let listed = send(&world.http, get("/invoices"), "").await.json();
    let numbers: Vec<_> = (0..3).map(|at| listed["invoices"][at]["number"].as_str().unwrap()).collect();
    assert_eq!(numbers[2], format!("{year}-000001"), "{numbers:?}");
    assert_eq!(number(&world.database, BROKEN_LINKS).await, 0);
}

#[tokio::test]
async fn numbers_that_never_begin_anew_begin_above_those_that_did() {
    let world = World::new().await;
    for _ in 0..3 {
        world.issued().await;
    }
    let faults = |answer: &Answer| {
        assert_eq!(answer.status, 422, "{}", answer.body);
        let errors = answer.json()["errors"].take();
        errors
            .as_array()
            .unwrap()
            .iter()
            .map(|error| format!("{} {}", error["field"], error["rule"]))
            .collect::<Vec<_>>()
    };
    let refused = faults(
        &world.set(&json!({ "invoiceNumbering": "continuous", "creditNoteFormat": "{number}" })).await,
    );
    assert!(
        refused.len() == 1 && refused[0].contains("creditNoteFormat\" \"must have {year}"),
        "{refused:?}"
    );
    let continuous =
        json!({ "invoiceNumbering": "continuous", "invoiceStartNumber": 3, "timeZone": "Mars/Olympus" });
    let refused = faults(&world.set(&continuous).await);
    assert!(
        refused.len() == 2 && refused[0].contains("timeZone") && refused[1].contains("must be 4 or more"),
        "{refused:?}"
    );
    assert_eq!(
        world.set(&json!({ "invoiceNumbering": "continuous", "invoiceStartNumber": 4 })).await.status,
        200
    );
    let last = "SELECT last_number FROM invoice_series WHERE series = 'continuous'";
    for expected in [4, 5] {
        world.issued().await;
        assert_eq!(number(&world.database, last).await, expected);
    }
    let back = json!({ "invoiceFormat": "{year}/{number:6}" });
    let refused = faults(&world.set(&back).await);
    assert!(refused[0].contains("must be 6 or more"), "{refused:?}");
    assert_eq!(number(&world.database, BROKEN_LINKS).await, 0);
}

#[tokio::test]
async fn a_document_has_the_date_of_its_time_zone() {
    let mut config = config(ComponentName::Invoices).await;
    let database = Database::connect(config.clone()).await.unwrap();
    let clock = "CREATE SCHEMA clock; CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz
        LANGUAGE sql VOLATILE AS $$ SELECT '2026-12-31T10:30:00Z'::timestamptz $$";
    database.query_batch(clock).await.unwrap();
    config.session_settings.set("search_path", "clock, pg_catalog, public");
    let sql = Arc::new(Database::connect(config).await.unwrap());
    let world = World {
        database,
        handler: messages(Limits::default(), sql.clone()),
        http: http("invoices", Limits::default(), sql),
    };
    // Half past midnight of the next year at Kiritimati, and the evening of the 30th at Niue, where the date does not go back behind the
    // last one of its series.
    for (zone, number, date) in [
        ("UTC", "2026-000001", "2026-12-31"),
        ("Pacific/Kiritimati", "2027-000001", "2027-01-01"),
        ("Pacific/Niue", "2026-000002", "2026-12-31"),
        ("Europe/Berlin", "2026-000003", "2026-12-31"),
    ] {
        assert_eq!(world.set(&json!({ "timeZone": zone })).await.status, 200, "{zone}");
        let (invoice, _, issue_date) = world.issued().await;
        assert_eq!((invoice.as_str(), issue_date.as_str()), (number, date), "{zone}");
    }
    let listed = send(&world.http, get("/invoices"), "").await.json();
    let due = |at: usize| listed["invoices"][at]["dueDate"].clone();
    assert_eq!((due(2), due(0)), (json!("2027-01-31"), json!("2027-01-30")));
}

#[tokio::test]
async fn a_start_number_is_checked_until_the_first_document_has_it() {
    let world = World::new().await;
    for _ in 0..3 {
        world.issued().await;
    }
    let continuous = json!({
        "invoiceNumbering": "continuous", "invoiceStartNumber": 4, "creditNoteNumbering": "continuous", "creditNoteStartNumber": 4,
    });
    assert_eq!(world.set(&continuous).await.status, 200);
    let without = json!({ "timeZone": "Europe/Berlin", "invoiceNumbering": "continuous", "creditNoteNumbering": "continuous" });
    let faults = world.faults(&without).await;
    assert!(
        faults.len() == 2 && faults.iter().all(|fault| fault.contains("must be 4 or more")),
        "{faults:?}"
    );
    let (invoice, note, _) = world.issued().await;
    assert!(invoice.ends_with("-000004") && note.ends_with("-000004"), "{invoice} {note}");
    assert_eq!(world.set(&without).await.status, 200, "the series goes on");
    assert!(world.issued().await.0.ends_with("-000005"));

    let mistyped = json!({ "invoiceNumbering": "continuous", "invoiceStartNumber": 999_999_999_999_i64, "creditNoteNumbering": "continuous" });
    let faults = world.faults(&mistyped).await;
    assert!(faults.len() == 1 && faults[0].contains("must be 1000005 or less"), "{faults:?}");
}

#[tokio::test]
async fn an_invoice_that_waits_behind_new_settings_has_them() {
    let world = World::new().await;
    for _ in 0..3 {
        world.event("order.created", Uuid::now_v7(), Uuid::now_v7()).await;
    }
    let set = async {
        let settings = json!({ "invoiceNumbering": "continuous", "invoiceStartNumber": 4, "invoiceFormat": "{number:4}" });
        let answer = world.set(&settings).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    world.one_behind_the_other(set, world.event("order.created", Uuid::now_v7(), Uuid::now_v7())).await;
    world.event("order.created", Uuid::now_v7(), Uuid::now_v7()).await;
    let printed = world.printed().await;
    assert_eq!((&printed[3], &printed[4]), (&json!("0004"), &json!("0005")), "{printed}");
}

#[tokio::test]
async fn settings_that_wait_behind_the_first_invoice_of_a_series_hold_for_the_next() {
    let world = World::new().await;
    let set = async {
        let answer = world.set(&json!({ "invoicePrefix": "INV-" })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    world.one_behind_the_other(world.event("order.created", Uuid::now_v7(), Uuid::now_v7()), set).await;
    world.event("order.created", Uuid::now_v7(), Uuid::now_v7()).await;
    let printed = world.printed().await;
    let year = printed[0].as_str().unwrap().split('-').next().unwrap();
    assert_eq!(printed, json!([format!("{year}-000001"), format!("INV-{year}-000002")]));
}

#[tokio::test]
async fn settings_that_could_print_a_number_twice_are_refused() {
    let world = World::new().await;
    for (settings, field) in [
        (json!({ "creditNotePrefix": "" }), "creditNotePrefix"),
        (json!({ "creditNotePrefix": "", "creditNoteFormat": "{year}-{number:4}" }), "creditNotePrefix"),
        (json!({ "invoiceFormat": "{year}{number:6}" }), "invoiceFormat"),
        (json!({ "invoiceFormat": "{year}-1{number}" }), "invoiceFormat"),
        (json!({ "invoiceFormat": "{number}{year}" }), "invoiceFormat"),
        (json!({ "invoiceFormat": "{number}0/{year:2}" }), "invoiceFormat"),
        (json!({ "invoiceFormat": "{year}/{prefix}{number}", "invoicePrefix": "R2" }), "invoiceFormat"),
        (json!({ "invoiceFormat": "{year}{prefix}{number}" }), "invoiceFormat"),
    ] {
        let faults = world.faults(&settings).await;
        assert!(faults.len() == 1 && faults[0].contains(field), "{settings}: {faults:?}");
    }
    let beside = json!({ "invoiceFormat": "{year}{prefix}{number}", "invoicePrefix": "-R" });
    assert_eq!(world.set(&beside).await.status, 200);
}

#[tokio::test]
async fn a_prefix_that_was_set_by_sql_may_stay() {
    let world = World::new().await;
    world.issued().await;
    world.database.query_batch("UPDATE invoice_series SET prefix = 'R\u{c9}-'").await.unwrap();
    let mut shown = send(&world.http, get("/series"), "").await.json();
    assert_eq!(shown["invoicePrefix"], "R\u{c9}-");
    assert_eq!(world.set(&shown).await.status, 200);
    shown["invoicePrefix"] = "\u{c9}-".into();
    assert!(world.faults(&shown).await[0].contains("invoicePrefix"));
}
