//! Numbers and dates have the form of the settings of their time.

use std::sync::Arc;

use serde_json::json;
use uuid::Uuid;
use waybill::runtime::Limits;
use waybill::settings::ComponentName;
use waybill_postgres::Database;

use crate::support::{config, get, http, messages, number, send};
use crate::valid::FORMATS;
use crate::{BROKEN_LINKS, TestEnv};

#[tokio::test]
async fn numbers_have_the_form_of_the_settings_and_keep_it() {
    let env = TestEnv::new().await;
    let year = number(&env.database, "SELECT extract(year FROM now() AT TIME ZONE 'UTC')::bigint").await;
    let first = env.issued().await;
    assert_eq!((first.0, first.1), (format!("{year}-000001"), format!("CN-{year}-000001")));
    let shown = send(&env.http, get("/series"), "").await.json();
    assert_eq!((&shown["timeZone"], &shown["creditNotePrefix"]), (&json!("UTC"), &json!("CN-")));

    let settings = json!({
        "timeZone": "UTC", "invoiceFormat": "{prefix}{year:2}/{number:4}", "invoicePrefix": "RE ", "invoiceNumbering": "yearly",
        "invoiceStartNumber": 1001, "creditNoteFormat": "{year}.{number}{prefix}", "creditNotePrefix": "G",
        "creditNoteNumbering": "yearly", "creditNoteStartNumber": 1,
    });
    assert_eq!(env.set(&settings).await.status, 422, "a prefix does not end with a space");
    let mut settings = settings;
    settings["invoicePrefix"] = "RE-".into();
    let set = env.set(&settings).await;
    assert_eq!((set.status.as_u16(), set.json()), (200, settings.clone()));
    assert_eq!(send(&env.http, get("/series"), "").await.json(), settings);
    let (invoice, note, _) = env.issued().await;
    assert_eq!((invoice, note), (format!("RE-{}/1001", year % 100), format!("{year}.2G")));
    assert_eq!(env.issued().await.0, format!("RE-{}/1002", year % 100));

    // Setting it again changes nothing and adds no row to the history.
    env.set(&settings).await;
    let history =
        "SELECT count(*) FROM series_settings_history WHERE settings ->> 'api_key' = '0123456789ab'";
    assert_eq!(number(&env.database, history).await, 1);
    let count = "SELECT sum(last_number - skipped)::bigint FROM invoice_series";
    assert_eq!(number(&env.database, count).await, 3, "those that were skipped are not counted");

    let listed = send(&env.http, get("/invoices"), "").await.json();
    let numbers: Vec<_> = (0..3).map(|at| listed["invoices"][at]["number"].as_str().unwrap()).collect();
    assert_eq!(numbers[2], format!("{year}-000001"), "{numbers:?}");
    assert_eq!(number(&env.database, BROKEN_LINKS).await, 0);
    assert_eq!(env.check_electronic_invoices().await, 6 * FORMATS.len());
}

#[tokio::test]
async fn continuous_numbers_begin_above_yearly_ones() {
    let env = TestEnv::new().await;
    for _ in 0..3 {
        env.issued().await;
    }
    let mixed = json!({ "invoiceNumbering": "continuous", "creditNoteFormat": "{number}" });
    let refused = env.faults(&mixed).await;
    assert!(
        refused.len() == 1 && refused[0].contains("creditNoteFormat\" \"must have {year}"),
        "{refused:?}"
    );
    let continuous =
        json!({ "invoiceNumbering": "continuous", "invoiceStartNumber": 3, "timeZone": "Mars/Olympus" });
    let refused = env.faults(&continuous).await;
    assert!(
        refused.len() == 2 && refused[0].contains("timeZone") && refused[1].contains("must be 4 or more"),
        "{refused:?}"
    );
    assert_eq!(
        env.set(&json!({ "invoiceNumbering": "continuous", "invoiceStartNumber": 4 })).await.status,
        200
    );
    let last = "SELECT last_number FROM invoice_series WHERE series = 'continuous'";
    for expected in [4, 5] {
        env.issued().await;
        assert_eq!(number(&env.database, last).await, expected);
    }
    let back = json!({ "invoiceFormat": "{year}/{number:6}" });
    let refused = env.faults(&back).await;
    assert!(refused[0].contains("must be 6 or more"), "{refused:?}");
    assert_eq!(number(&env.database, BROKEN_LINKS).await, 0);
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
    let env = TestEnv {
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
        assert_eq!(env.set(&json!({ "timeZone": zone })).await.status, 200, "{zone}");
        let (invoice, _, issue_date) = env.issued().await;
        assert_eq!((invoice.as_str(), issue_date.as_str()), (number, date), "{zone}");
    }
    let listed = send(&env.http, get("/invoices"), "").await.json();
    let due = |at: usize| listed["invoices"][at]["dueDate"].clone();
    assert_eq!((due(2), due(0)), (json!("2027-01-31"), json!("2027-01-30")));
}

#[tokio::test]
async fn a_start_number_is_checked_until_the_first_document_has_it() {
    let env = TestEnv::new().await;
    for _ in 0..3 {
        env.issued().await;
    }
    let continuous = json!({
        "invoiceNumbering": "continuous", "invoiceStartNumber": 4, "creditNoteNumbering": "continuous", "creditNoteStartNumber": 4,
    });
    assert_eq!(env.set(&continuous).await.status, 200);
    let without = json!({ "timeZone": "Europe/Berlin", "invoiceNumbering": "continuous", "creditNoteNumbering": "continuous" });
    let faults = env.faults(&without).await;
    assert!(
        faults.len() == 2 && faults.iter().all(|fault| fault.contains("must be 4 or more")),
        "{faults:?}"
    );
    let (invoice, note, _) = env.issued().await;
    assert!(invoice.ends_with("-000004") && note.ends_with("-000004"), "{invoice} {note}");
    assert_eq!(env.set(&without).await.status, 200, "the series goes on");
    assert!(env.issued().await.0.ends_with("-000005"));

    let mistyped = json!({ "invoiceNumbering": "continuous", "invoiceStartNumber": 999_999_999_999_i64, "creditNoteNumbering": "continuous" });
    let faults = env.faults(&mistyped).await;
    assert!(faults.len() == 1 && faults[0].contains("must be 1000005 or less"), "{faults:?}");
}

#[tokio::test]
async fn an_invoice_that_waits_behind_new_settings_has_them() {
    let env = TestEnv::new().await;
    for _ in 0..3 {
        env.becomes("order.created", Uuid::now_v7()).await;
    }
    let set = async {
        let settings = json!({ "invoiceNumbering": "continuous", "invoiceStartNumber": 4, "invoiceFormat": "{number:4}" });
        let answer = env.set(&settings).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    env.one_behind_the_other(set, env.becomes("order.created", Uuid::now_v7())).await;
    env.becomes("order.created", Uuid::now_v7()).await;
    let printed = env.printed().await;
    assert_eq!((&printed[3], &printed[4]), (&json!("0004"), &json!("0005")), "{printed}");
}

#[tokio::test]
async fn settings_that_wait_behind_the_first_invoice_of_a_series_hold_for_the_next() {
    let env = TestEnv::new().await;
    let set = async {
        let answer = env.set(&json!({ "invoicePrefix": "INV-" })).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    env.one_behind_the_other(env.becomes("order.created", Uuid::now_v7()), set).await;
    env.becomes("order.created", Uuid::now_v7()).await;
    let printed = env.printed().await;
    let year = printed[0].as_str().unwrap().split('-').next().unwrap();
    assert_eq!(printed, json!([format!("{year}-000001"), format!("INV-{year}-000002")]));
}

#[tokio::test]
async fn settings_that_could_print_a_number_twice_are_refused() {
    let env = TestEnv::new().await;
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
        let faults = env.faults(&settings).await;
        assert!(faults.len() == 1 && faults[0].contains(field), "{settings}: {faults:?}");
    }
    let beside = json!({ "invoiceFormat": "{year}{prefix}{number}", "invoicePrefix": "-R" });
    assert_eq!(env.set(&beside).await.status, 200);
}

#[tokio::test]
async fn a_prefix_that_was_set_by_sql_may_stay() {
    let env = TestEnv::new().await;
    env.issued().await;
    env.database.query_batch("UPDATE invoice_series SET prefix = 'R\u{c9}-'").await.unwrap();
    let mut shown = send(&env.http, get("/series"), "").await.json();
    assert_eq!(shown["invoicePrefix"], "R\u{c9}-");
    assert_eq!(env.set(&shown).await.status, 200);
    shown["invoicePrefix"] = "\u{c9}-".into();
    assert!(env.faults(&shown).await[0].contains("invoicePrefix"));
}
