//! What migrations make of the rows that are there.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use refinery::Target;
use serde_json::json;
use support::{http, number, post_json, send};
use waybill::databases::migrate;
use waybill::runtime::Limits;
use waybill::settings::ComponentName;
use waybill_postgres::{Database, ServerConfig};
use waybill_tests::Postgres;

const ENDPOINT: &str = r#"{"id":"019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d","url":"https://example.com/","description":"the \"secret\":\"whsec_\" one","eventTypes":["invoice.paid"],"createdAt":"2026-01-01T00:00:00.000Z","secret":"whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}"#;

/// As the version before kept them: the SHA-256 is of the path, a line break and the body.
const KEEP: &str = "INSERT INTO idempotency_keys (key, request_sha256, status, location, answer)
    SELECT kept.key, encode(sha256(convert_to(kept.path || chr(10) || kept.body, 'UTF8')), 'hex'), 201, kept.location, kept.answer
    FROM (VALUES
        ('endpoint', '/webhook-endpoints', $1::text, '/webhook-endpoints/019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d', $2::text),
        ('other', '/other', '{}', '/other/1', '{\"secret\":\"it is not ours\"}')
    ) AS kept (key, path, body, location, answer)";

/// The database of the invoices as this migration leaves it.
async fn invoices_of_version(postgres: &Postgres, version: i32) -> Database {
    let name = ComponentName::Invoices;
    let database = Database::connect(ServerConfig::new(&postgres.url(name.as_str())).unwrap()).await.unwrap();
    let until = migrate::migrations(name).set_target(Target::Version(version));
    migrate::apply(&database, name, &until).await.unwrap();
    database
}

async fn migrate(database: &Database, name: ComponentName) {
    migrate::apply(database, name, &migrate::migrations(name)).await.unwrap();
}

#[tokio::test]
async fn secrets_go_out_of_the_answers_that_were_kept_and_their_keys_still_count() {
    let postgres = Postgres::start().await.unwrap();
    let database = invoices_of_version(&postgres, 5).await;
    let body = r#"{"url":"https://example.com/"}"#;
    database.rows(KEEP, &[&body, &ENDPOINT]).await.unwrap();
    migrate(&database, ComponentName::Invoices).await;

    let kept = "SELECT count(*) FROM idempotency_keys WHERE answer LIKE '%MDEyMzQ1%'";
    assert_eq!(number(&database, kept).await, 0);
    let others = "SELECT count(*) FROM idempotency_keys WHERE answer = '{\"secret\":\"it is not ours\"}'";
    assert_eq!(number(&database, others).await, 1);

    let invoices = http("invoices", Limits::default(), Arc::new(database.clone()));
    for caller in ["0123456789ab", "ba9876543210"] {
        let again = post_json("/webhook-endpoints").header("idempotency-key", "endpoint");
        let replayed = send(&invoices, again.header("waybill-caller", caller), body).await;
        assert_eq!(replayed.headers["idempotency-replayed"], "true");
        let mut endpoint: serde_json::Value = serde_json::from_str(ENDPOINT).unwrap();
        endpoint.as_object_mut().unwrap().remove("secret");
        assert_eq!((replayed.status.as_u16(), replayed.json()), (201, endpoint));
    }
    assert_eq!(number(&database, "SELECT count(*) FROM webhook_endpoints").await, 0);
    let plain = json!({ "url": "https://example.com/other" }).to_string();
    assert_eq!(send(&invoices, post_json("/webhook-endpoints"), &plain).await.status, 201);
}

/// The version before runs beside this one while it is replaced, and does not know of callers.
#[tokio::test]
async fn a_key_that_a_caller_has_used_is_taken_for_the_version_before() {
    let postgres = Postgres::start().await.unwrap();
    for name in [ComponentName::Orders, ComponentName::Invoices] {
        let url = postgres.url(name.as_str());
        let database = Database::connect(ServerConfig::new(&url).unwrap()).await.unwrap();
        migrate(&database, name).await;
        let used =
            "INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, answer)
            VALUES ('used', '0123456789ab', false, repeat('0', 64), 201, '{}')";
        database.rows(used, &[]).await.unwrap();
        let before = "INSERT INTO idempotency_keys (key, request_sha256, status, answer)
            VALUES ($1, repeat('0', 64), 201, '{}')";
        let refused = database.rows(before, &[&"used"]).await.unwrap_err().to_string();
        assert!(refused.contains("23505") && refused.contains("idempotency_keys_pkey"), "{refused}");
        database.rows(before, &[&"free"]).await.unwrap();
        let refused = database.rows(before, &[&"free"]).await.unwrap_err().to_string();
        assert!(refused.contains("idempotency_keys_pkey"), "{refused}");
    }
}

#[tokio::test]
async fn a_series_knows_the_date_of_its_last_number_and_the_version_before_goes_on_taking_numbers() {
    let postgres = Postgres::start().await.unwrap();
    let database = invoices_of_version(&postgres, 6).await;
    let before = "
        INSERT INTO invoice_series (series, last_number) VALUES ('2026', 2), ('2027', 0);
        INSERT INTO invoices (id, order_id, series, number, customer_id, amount, currency, created_at)
        SELECT gen_random_uuid(), gen_random_uuid(), '2026', number, 'c', 1, 'EUR', '2026-01-01T00:00:00Z'::timestamptz + number * interval '1 day'
        FROM generate_series(1, 2) AS number;
        INSERT INTO credit_note_series (series, last_number) VALUES ('2026', 1);
        INSERT INTO credit_notes (id, invoice_id, series, number, prefix, created_at)
        SELECT gen_random_uuid(), id, '2026', 1, 'CN-', '2026-02-01T00:00:00Z' FROM invoices WHERE number = 1;
        INSERT INTO webhook_endpoints (id, url, description, event_types, secret)
        VALUES (gen_random_uuid(), 'https://example.com', '', '{invoice.paid}', 'whsec_' || repeat('A', 44))";
    database.query_batch(before).await.unwrap();
    migrate(&database, ComponentName::Invoices).await;
    let dated = "SELECT count(*) FROM invoice_series AS i, credit_note_series AS c
        WHERE i.series = '2026' AND i.last_issued_at = '2026-01-03T00:00:00Z' AND c.last_issued_at = '2026-02-01T00:00:00Z'";
    assert_eq!(number(&database, dated).await, 1);
    let enabled =
        "SELECT count(*) FROM webhook_endpoints WHERE disabled_at IS NULL AND secret LIKE 'whsec_%'";
    assert_eq!(number(&database, enabled).await, 1);
    // As the version before takes a number.
    let taken = "INSERT INTO invoice_series AS s (series, last_number) VALUES ('2026', 1)
        ON CONFLICT ON CONSTRAINT invoice_series_pkey DO UPDATE SET last_number = s.last_number + 1 RETURNING last_number";
    assert_eq!(number(&database, taken).await, 3);
    for (secret, is_taken) in [
        (format!("sealed:0123abcd:{}==", "A".repeat(90)), true),
        (format!("sealed:0123abcd{}", "A".repeat(90)), false),
        ("geheim".to_owned(), false),
    ] {
        let stored = database.rows("UPDATE webhook_endpoints SET secret = $1", &[&secret]).await;
        assert_eq!(stored.is_ok(), is_taken, "{secret}");
    }
}

#[tokio::test]
async fn documents_from_before_they_were_linked_keep_their_numbers_and_are_hashed() {
    let postgres = Postgres::start().await.unwrap();
    let database = invoices_of_version(&postgres, 11).await;
    let before = "
        INSERT INTO invoice_series (series, prefix, last_number, last_issued_at) VALUES ('2026', 'INV-', 250, '2026-12-31T23:00:00Z');
        INSERT INTO invoices (id, order_id, series, number, prefix, customer_id, amount, currency, created_at)
        SELECT gen_random_uuid(), gen_random_uuid(), '2026', number, 'INV-', 'c', 1, 'EUR', '2026-12-31T23:00:00Z'
        FROM generate_series(1, 250) AS number;
        INSERT INTO credit_note_series (series, last_number) VALUES ('2026', 1);
        INSERT INTO credit_notes (id, invoice_id, series, number, prefix, created_at)
        SELECT gen_random_uuid(), id, '2026', 1, 'CN-', '2026-12-31T23:00:00Z' FROM invoices WHERE number = 1";
    database.query_batch(before).await.unwrap();
    migrate(&database, ComponentName::Invoices).await;
    let hashed = "SELECT count(*) * 1000 + max(last_number) FROM hashed_documents WHERE kind = 'invoice'";
    assert_eq!(number(&database, hashed).await, 3250);
    let same = "SELECT count(*) FROM hashed_documents AS h WHERE h.kind = 'invoice' AND h.sha256 = (
        SELECT sha256(string_agg(invoice_sha256(i), ''::bytea ORDER BY i.number)) FROM invoices AS i
        WHERE i.series = h.series AND i.number BETWEEN h.first_number AND h.last_number)";
    assert_eq!(number(&database, same).await, 3);
    assert_eq!(
        number(&database, "SELECT count(*) FROM hashed_documents WHERE kind = 'credit note'").await,
        1
    );

    // A number that is printed on a document from before is not printed again.
    let again = "INSERT INTO invoices (id, order_id, series, number, prefix, printed_number, customer_id, amount, currency, created_at)
        VALUES (gen_random_uuid(), gen_random_uuid(), 'continuous', 251, 'INV-', 'INV-2026-000250', 'c', 1, 'EUR', now())";
    let refused = database.rows(again, &[]).await.unwrap_err().to_string();
    assert!(refused.contains("invoices_printed_number_once"), "{refused}");

    let invoices = http("invoices", Limits::default(), Arc::new(database.clone()));
    let listed = send(&invoices, support::get("/invoices"), "").await.json();
    let invoice = &listed["invoices"][0];
    assert!(invoice["number"].as_str().unwrap().starts_with("INV-2026-000"), "{invoice}");
    assert_eq!((&invoice["issueDate"], &invoice["dueDate"]), (&json!("2026-12-31"), &json!("2027-01-30")));
    let shown = send(&invoices, support::get("/series"), "").await.json();
    assert_eq!((&shown["invoicePrefix"], &shown["creditNotePrefix"]), (&json!("INV-"), &json!("CN-")));
}

#[tokio::test]
async fn a_role_without_privileges_on_new_tables_goes_on_issuing_as_the_version_before() {
    let postgres = Postgres::start().await.unwrap();
    let database = invoices_of_version(&postgres, 11).await;
    let before = "CREATE ROLE services; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO services;
        INSERT INTO seller (name) SELECT 'A' WHERE NOT EXISTS (SELECT FROM seller);
        INSERT INTO order_states (order_id, paid_at) VALUES (gen_random_uuid(), '2026-01-01T00:00:00Z')";
    database.query_batch(before).await.unwrap();
    migrate(&database, ComponentName::Invoices).await;
    database.query_batch("UPDATE series_settings SET invoice_prefix = 'INV-'").await.unwrap();
    let session = database.session().await.unwrap();
    // As the version before issues, records a payment, and is set by SQL.
    let as_before = "SET ROLE services;
        INSERT INTO invoice_series AS s (series, last_number, last_issued_at) VALUES ('2026', 1, now());
        INSERT INTO invoices (id, order_id, series, number, prefix, customer_id, amount, currency, customer, lines, created_at)
        SELECT gen_random_uuid(), gen_random_uuid(), s.series, s.last_number, s.prefix, 'c', 1, 'EUR', '{}', '[]', s.last_issued_at
        FROM invoice_series AS s;
        INSERT INTO order_states AS s (order_id, paid_at) VALUES ('00000000-0000-0000-0000-000000000001', '2026-02-01T00:00:00Z')
        ON CONFLICT ON CONSTRAINT order_states_pkey DO UPDATE SET paid_at = excluded.paid_at WHERE s.paid_at IS NULL;
        UPDATE order_states SET canceled_at = '2026-03-01T00:00:00Z' WHERE order_id = '00000000-0000-0000-0000-000000000001';
        UPDATE seller SET name = name;
        UPDATE invoice_series SET prefix = 'A-'";
    session.batch_execute(as_before).await.unwrap();
    let changed = session.batch_execute("UPDATE order_states SET paid_at = NULL").await.unwrap_err();
    assert_eq!(changed.code().unwrap().code(), "23001");
    session.batch_execute("RESET ROLE").await.unwrap();
    assert_eq!(
        support::row(&database, "SELECT printed_number FROM invoices").await,
        json!({ "printed_number": "INV-2026-000001" })
    );
    assert_eq!(
        support::row(&database, "SELECT invoice_prefix FROM series_settings").await,
        json!({ "invoice_prefix": "A-" })
    );
    let events = "SELECT json_agg(event || coalesce(' ' || (recorded_at > happened_at), ' before') ORDER BY happened_at) AS events
        FROM order_state_events";
    assert_eq!(
        support::row(&database, events).await,
        json!({ "events": ["paid before", "paid true", "canceled true"] })
    );
}

#[tokio::test]
async fn the_version_before_sellers_goes_on_with_the_default_one_whatever_others_there_are() {
    let postgres = Postgres::start().await.unwrap();
    let database = invoices_of_version(&postgres, 14).await;
    let before = "CREATE ROLE services; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO services;
        ALTER TABLE seller DROP CONSTRAINT seller_iban_shape;
        UPDATE seller SET iban = 'DE00';
        ALTER TABLE seller ADD CONSTRAINT seller_iban_shape CHECK (iban IS NULL OR has_iban_check_digits(iban)) NOT VALID;
        INSERT INTO invoice_series (series, last_number, last_issued_at) VALUES ('2026', 1, now());
        INSERT INTO invoices (id, order_id, series, number, customer_id, amount, currency)
        VALUES (gen_random_uuid(), gen_random_uuid(), '2026', 1, 'c', 1, 'EUR')";
    database.query_batch(before).await.unwrap();
    // A row that an operator set by SQL before there were rules stops no migration.
    migrate(&database, ComponentName::Invoices).await;
    let same = "SELECT count(*) FROM invoices AS i JOIN sellers_to_keep AS k ON k.seller::text = i.seller::text AND k.id = 'default'
        JOIN seller_to_keep AS b ON b.seller::text = i.seller::text";
    assert_eq!(number(&database, same).await, 1, "an invoice of before is the default seller's");
    let other = "INSERT INTO seller (id, name, address, city, zip_code, country, email)
        VALUES ('paper', 'Paper', '1 Street', 'New York', '10118', 'US', 'a@example.com')";
    database.query_batch(other).await.unwrap();

    let session = database.session().await.unwrap();
    // As the version before sets the seller and its series, reads them, and issues.
    let as_before = "SET ROLE services;
        INSERT INTO seller (name, address, city, zip_code, country, email) VALUES ('Ink', '1 Street', 'New York', '10118', 'US', 'a@example.com')
        ON CONFLICT ON CONSTRAINT seller_pkey DO UPDATE SET name = excluded.name, country = excluded.country, vat_id = NULL, iban = NULL
        RETURNING only_row;
        SELECT 1 / (seller_now() ->> 'name' = 'Ink')::integer;
        SELECT 1 / ((SELECT k.seller FROM seller_to_keep AS k) ->> 'name' = 'Ink')::integer;
        SELECT 1 / done.is_zone_known::integer FROM set_series(ROW(
            true, 'Europe/Berlin', '{prefix}{year}-{number:6}', 'INV-', true, 1, '{prefix}{year}-{number:6}', 'CN-', true, 1,
            clock_timestamp(), NULL
        )::series_settings) AS done;
        SELECT 1 / ((series_settings_now()).invoice_prefix = 'INV-')::integer;
        UPDATE invoice_series SET last_number = 2;
        INSERT INTO invoices (id, order_id, series, number, prefix, customer_id, amount, currency, seller)
        SELECT gen_random_uuid(), gen_random_uuid(), s.series, s.last_number, s.prefix, 'c', 1, 'EUR', (SELECT k.seller FROM seller_to_keep AS k)
        FROM invoice_series AS s;
        RESET ROLE";
    session.batch_execute(as_before).await.unwrap();
    let printed = "SELECT count(*) FROM invoices WHERE printed_number = 'INV-2026-000002' AND seller ->> 'name' = 'Ink'";
    assert_eq!(number(&database, printed).await, 1);
    let invoices = http("invoices", Limits::default(), Arc::new(database.clone()));
    let paper = send(&invoices, support::get("/sellers/paper/series"), "").await.json();
    assert_eq!((&paper["timeZone"], &paper["invoicePrefix"]), (&json!("UTC"), &json!("")), "of its own");
    let listed = send(&invoices, support::get("/invoices"), "").await.json();
    assert_eq!(
        (&listed["invoices"][0]["sellerId"], &listed["invoices"][1]["sellerId"]),
        (&json!("default"), &json!("default"))
    );
}
