//! Webhooks, from the statement of the invoices component that writes them to a receiver over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod clock;
mod endings;
mod endpoints;
mod secrets;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;

use http::{Request, StatusCode};
use serde_json::{Value, json};
use standardwebhooks::Webhook;
use support::{Answer, config, get, http, messages, number, post_json, send};
use uuid::Uuid;
use waybill::runtime::{HttpService, Limits, MessageService};
use waybill::settings::ComponentName;
use waybill_postgres::Database;
use waybill_telemetry::{Context, Service};
use waybill_tests::{Hook, Hooks};
use waybill_webhooks::{Step, Webhooks, WebhooksConfig};

const ALLOW_PRIVATE: &str = "waybill.webhooks_allow_private";

/// The invoices service over a database of its own, its webhook delivery, and a receiver.
struct TestEnv {
    database: Database,
    invoices: HttpService,
    messages: MessageService,
    webhooks: Webhooks,
    hooks: Hooks,
}

impl TestEnv {
    async fn new() -> Self {
        let mut config = config(ComponentName::Invoices).await;
        config.session_settings.set(ALLOW_PRIVATE, "on");
        let database = Database::connect(config).await.unwrap();
        let invoices = http("invoices", Limits::default(), Arc::new(database.clone()));
        let messages = messages(Limits::default(), Arc::new(database.clone()));
        let webhooks = relay(&database, true);
        Self { database, invoices, messages, webhooks, hooks: Hooks::start().await.unwrap() }
    }

    /// An endpoint for these types of events, as it was made.
    async fn endpoint(&self, event_types: &[&str]) -> Value {
        let body = json!({ "url": self.hooks.url("/hooks"), "eventTypes": event_types }).to_string();
        let made = send(&self.invoices, post_json("/webhook-endpoints"), &body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.json()
    }

    async fn event(&self, event_type: &str, order: Uuid) {
        let body = json!({
            "orderId": order, "amount": 5000, "customer": { "id": "1651654165" }, "changedAt": "2026-01-31T00:00:00.000Z",
            "version": 2,
        });
        self.messages.handle(event_type, body.to_string().into_bytes(), Context::new()).await.unwrap();
    }

    async fn step(&self) -> (usize, usize) {
        let Step { delivered, failed } = self.webhooks.step().await.unwrap();
        (delivered, failed)
    }

    /// Lets the waits of all deliveries be over.
    async fn wait_is_over(&self) {
        self.database.query_batch("UPDATE webhook_deliveries SET next_attempt_at = now()").await.unwrap();
    }

    async fn post(&self, path: &str) -> Answer {
        send(&self.invoices, Request::post(path).header("host", "test"), "").await
    }

    async fn delivery(&self, endpoint: &Value, hook: &Hook) -> Value {
        let (endpoint, event) = (endpoint["id"].as_str().unwrap(), hook.header("webhook-id"));
        let shown = get(&format!("/webhook-endpoints/{endpoint}/deliveries/{event}"));
        send(&self.invoices, shown, "").await.json()
    }
}

fn relay(database: &Database, allow_private: bool) -> Webhooks {
    let config = WebhooksConfig { allow_private, ..WebhooksConfig::default() };
    Webhooks::new(database.clone(), config, Service::off()).unwrap()
}

fn types_of(hooks: &Hooks) -> Vec<String> {
    let mut types: Vec<String> = hooks
        .received()
        .iter()
        .map(|hook| hook.json().unwrap()["type"].as_str().unwrap().to_owned())
        .collect();
    types.sort();
    types
}

#[tokio::test]
async fn each_event_of_an_invoice_is_delivered_once_and_signed() {
    let env = TestEnv::new().await;
    let endpoint = env.endpoint(&["invoice.issued", "invoice.paid", "invoice.credited"]).await;
    let order = Uuid::now_v7();
    for event in
        ["order.created", "order.created", "order.paid", "order.paid", "order.canceled", "order.canceled"]
    {
        env.event(event, order).await;
    }
    assert_eq!(env.step().await, (3, 0));
    assert_eq!(env.step().await, (0, 0), "what was delivered is not delivered again");
    assert_eq!(types_of(&env.hooks), ["invoice.credited", "invoice.issued", "invoice.paid"]);

    let key = Webhook::new(endpoint["secret"].as_str().unwrap()).unwrap();
    for hook in env.hooks.received() {
        key.verify(&hook.body, &hook.headers).unwrap();
        let mut forged = hook.body.to_vec();
        forged[10] ^= 1;
        assert!(key.verify(&forged, &hook.headers).is_err());
        let event = hook.json().unwrap();
        assert_eq!(event["data"]["orderId"], order.to_string());
        assert_eq!(event["data"]["amount"], 5000);
        assert_eq!(event["data"]["paidAt"].is_string(), event["type"] == "invoice.paid", "{event}");
        assert_eq!(event["data"]["creditNote"].is_string(), event["type"] == "invoice.credited", "{event}");
        let delivery = env.delivery(&endpoint, &hook).await;
        assert_eq!(
            (&delivery["status"], &delivery["attempts"]),
            (&json!("delivered"), &json!(1)),
            "{delivery}"
        );
        assert_eq!(delivery["attemptLog"][0]["statusCode"], 204, "{delivery}");
    }
}

#[tokio::test]
async fn deliveries_are_the_same_in_whatever_order_the_events_of_an_order_come() {
    let orders = [
        ["order.created", "order.paid", "order.canceled"],
        ["order.created", "order.canceled", "order.paid"],
        ["order.paid", "order.created", "order.canceled"],
        ["order.paid", "order.canceled", "order.created"],
        ["order.canceled", "order.created", "order.paid"],
        ["order.canceled", "order.paid", "order.created"],
    ];
    let env = TestEnv::new().await;
    env.endpoint(&["invoice.issued", "invoice.paid", "invoice.credited"]).await;
    for events in orders {
        let order = Uuid::now_v7();
        for event in events {
            env.event(event, order).await;
        }
        let delivered = format!(
            "SELECT count(DISTINCT w.event_type) * 10 + count(*) FROM webhook_events AS w
             JOIN webhook_deliveries AS d ON d.event_id = w.id
             JOIN invoices AS i ON i.id = w.invoice_id WHERE i.order_id = '{order}'"
        );
        assert_eq!(number(&env.database, &delivered).await, 33, "{events:?}");
    }
}

#[tokio::test]
async fn no_delivery_is_written_without_a_subscription() {
    let env = TestEnv::new().await;
    let order = Uuid::now_v7();
    env.event("order.created", order).await;
    let endpoint = env.endpoint(&["invoice.credited"]).await;
    env.event("order.paid", order).await;
    env.event("order.canceled", order).await;
    assert_eq!(number(&env.database, "SELECT count(*) FROM webhook_events").await, 1);
    let path = format!("/webhook-endpoints/{}", endpoint["id"].as_str().unwrap());
    let gone = send(&env.invoices, Request::delete(&path).header("host", "test"), "").await;
    assert_eq!(gone.status, 204);
    assert_eq!(env.step().await, (0, 0), "a deleted endpoint gets nothing");
    for path in [path.clone(), format!("{path}/deliveries")] {
        assert_eq!(send(&env.invoices, get(&path), "").await.status, 404, "{path}");
    }
    assert_eq!(send(&env.invoices, Request::delete(&path).header("host", "test"), "").await.status, 404);
}

#[tokio::test]
async fn a_delivery_that_fails_waits_is_tried_again_and_can_be_asked_for() {
    let env = TestEnv::new().await;
    let endpoint = env.endpoint(&["invoice.issued"]).await;
    env.event("order.created", Uuid::now_v7()).await;
    // A redirect is not followed: it could lead anywhere.
    env.hooks.answer_next(StatusCode::FOUND, Some(("location", "/elsewhere")));
    env.hooks.answer_next(StatusCode::INTERNAL_SERVER_ERROR, None);
    assert_eq!(env.step().await, (0, 1));
    assert_eq!(env.step().await, (0, 0), "it waits");
    env.wait_is_over().await;
    assert_eq!(env.step().await, (0, 1));

    let first = env.hooks.received().remove(0);
    let delivery = env.delivery(&endpoint, &first).await;
    assert_eq!((&delivery["status"], &delivery["attempts"]), (&json!("pending"), &json!(2)), "{delivery}");
    assert!(delivery["nextAttemptAt"].is_string(), "{delivery}");
    let codes: Vec<_> = delivery["attemptLog"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["statusCode"].clone())
        .collect();
    assert_eq!(codes, [500, 302]);

    // The last of ten attempts.
    env.database.query_batch("UPDATE webhook_deliveries SET attempts = 9").await.unwrap();
    env.wait_is_over().await;
    env.hooks.answer_next(StatusCode::NOT_FOUND, None);
    assert_eq!(env.step().await, (0, 1));
    assert_eq!(env.delivery(&endpoint, &first).await["status"], "failed");
    env.wait_is_over().await;
    assert_eq!(env.step().await, (0, 0), "it is given up");

    let id = endpoint["id"].as_str().unwrap();
    let again = format!("/webhook-endpoints/{id}/deliveries/{}/redeliver", first.header("webhook-id"));
    for replayed in [false, true] {
        let request = Request::post(&again).header("host", "test").header("idempotency-key", "again");
        let answer = send(&env.invoices, request, "").await;
        assert_eq!(
            (answer.status, answer.headers.contains_key("idempotency-replayed")),
            (StatusCode::ACCEPTED, replayed)
        );
    }
    assert_eq!(env.step().await, (1, 0));
    let received = env.hooks.received();
    let last = received.last().unwrap();
    assert_eq!((last.header("webhook-id"), &last.body), (first.header("webhook-id"), &first.body));
    let listed =
        send(&env.invoices, get(&format!("/webhook-endpoints/{id}/deliveries?status=delivered")), "").await;
    assert_eq!(listed.json()["deliveries"][0]["eventId"], first.header("webhook-id"), "{}", listed.body);
    let unknown = format!("/webhook-endpoints/{id}/deliveries/{}/redeliver", Uuid::now_v7());
    assert_eq!(send(&env.invoices, Request::post(unknown).header("host", "test"), "").await.status, 404);
}

#[tokio::test]
async fn a_leased_delivery_is_not_claimed_until_its_lease_ends() {
    let env = TestEnv::new().await;
    env.endpoint(&["invoice.issued"]).await;
    env.event("order.created", Uuid::now_v7()).await;
    // As it is left behind by a process that was killed in the middle of an attempt.
    let lease = |until| format!("UPDATE webhook_deliveries SET leased_until = now() + interval '{until}'");
    env.database.query_batch(&lease("1 minute")).await.unwrap();
    assert_eq!(env.step().await, (0, 0));
    env.database.query_batch(&lease("0")).await.unwrap();
    assert_eq!(env.step().await, (1, 0));
    assert_eq!(
        number(&env.database, "SELECT count(*) FROM webhook_deliveries WHERE leased_until IS NULL").await,
        1
    );
}

#[tokio::test]
async fn one_endpoint_has_a_few_requests_at_once_and_the_others_are_not_held_up() {
    let env = TestEnv::new().await;
    env.endpoint(&["invoice.issued"]).await;
    env.endpoint(&["invoice.issued"]).await;
    for _ in 0..10 {
        env.event("order.created", Uuid::now_v7()).await;
    }
    let mut steps = Vec::new();
    while steps.last() != Some(&(0, 0)) {
        steps.push(env.step().await);
    }
    assert_eq!(steps, [(8, 0), (8, 0), (4, 0), (0, 0)]);
}
