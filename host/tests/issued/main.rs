//! What was issued stays: numbers in the form of their time, rows that no role changes, and links from each document to the one before.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dates;
mod kept;
mod numbers;
mod sellers;
#[path = "../support/mod.rs"]
mod support;
mod valid;

use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};
use support::{Answer, config, get, http, messages, number, row, send};
use uuid::Uuid;
use waybill::runtime::{HttpService, Limits, MessageService};
use waybill::settings::ComponentName;
use waybill_contracts::CALLER_HEADER;
use waybill_postgres::{Database, ServerConfig};
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

struct TestEnv {
    database: Database,
    handler: MessageService,
    http: HttpService,
}

impl TestEnv {
    async fn new() -> Self {
        let config = config(ComponentName::Invoices).await;
        let database = Database::connect(config.clone()).await.unwrap();
        Self::over(database, config).await
    }

    /// Over the database that is reached by these settings.
    async fn over(database: Database, config: ServerConfig) -> Self {
        // Connections of its own, so that no statement of the other waits in front of its own.
        let handler = messages(Limits::default(), Arc::new(Database::connect(config).await.unwrap()));
        let http = http("invoices", Limits::default(), Arc::new(database.clone()));
        Self { database, handler, http }
    }

    async fn event(&self, event_type: &str, order: Uuid, event: Uuid) {
        let body = json!({
            "orderId": order, "amount": 5000, "customer": { "id": "1651654165" }, "eventId": event,
            "changedAt": "2026-01-31T00:00:00.000Z", "version": 2, "apiKeyId": "0123456789ab",
        });
        self.handler.handle(event_type, body.to_string().into_bytes(), Context::new()).await.unwrap();
    }

    async fn becomes(&self, event_type: &str, order: Uuid) {
        self.event(event_type, order, Uuid::now_v7()).await;
    }

    /// Issues an invoice, and a credit note over it, and returns their numbers and date.
    async fn issued(&self) -> (String, String, String) {
        let order = Uuid::now_v7();
        for event_type in ["order.created", "order.canceled"] {
            self.becomes(event_type, order).await;
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
