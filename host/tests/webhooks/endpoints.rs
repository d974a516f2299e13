//! Endpoints: which are taken, how many, and what is shown of them.

use std::sync::Arc;

use http::{Request, StatusCode};
use serde_json::json;
use uuid::Uuid;
use waybill::runtime::Limits;
use waybill::settings::ComponentName;
use waybill_webhooks::Step;

use crate::support::{database, get, http, number, post_json, send};
use crate::{TestEnv, relay};

#[tokio::test]
async fn a_private_address_is_refused_when_it_is_named_and_when_it_is_posted_to() {
    let env = TestEnv::new().await;
    let endpoint = env.endpoint(&["invoice.issued"]).await;
    env.event("order.created", Uuid::now_v7()).await;
    let cautious = relay(&env.database, false);
    assert_eq!(cautious.step().await.unwrap(), Step { delivered: 0, failed: 1 });
    let id = endpoint["id"].as_str().unwrap();
    let listed = send(&env.invoices, get(&format!("/webhook-endpoints/{id}/deliveries")), "").await.json();
    let event = listed["deliveries"][0]["eventId"].as_str().unwrap();
    let shown = send(&env.invoices, get(&format!("/webhook-endpoints/{id}/deliveries/{event}")), "").await;
    assert!(shown.body.contains("not allowed here"), "{}", shown.body);
    assert_eq!(env.hooks.received().len(), 0);

    let cautious = database(ComponentName::Invoices).await;
    let invoices = http("invoices", Limits::default(), Arc::new(cautious.clone()));
    for url in [env.hooks.url("/"), "https://10.0.0.1/".to_owned(), "https://localhost/".to_owned()] {
        let refused =
            send(&invoices, post_json("/webhook-endpoints"), &json!({ "url": url }).to_string()).await;
        assert_eq!(
            (refused.status, &refused.json()["errors"][0]["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("url"))
        );
    }
    let allowed = json!({ "url": "https://example.com/hooks" }).to_string();
    assert_eq!(send(&invoices, post_json("/webhook-endpoints"), &allowed).await.status, 201);
    assert_eq!(number(&cautious, "SELECT count(*) FROM webhook_endpoints").await, 1);
}

#[tokio::test]
async fn an_endpoint_that_is_sent_again_is_made_once_and_there_are_a_hundred_at_most() {
    let env = TestEnv::new().await;
    let body = json!({ "url": env.hooks.url("/") }).to_string();
    let mut answers = Vec::new();
    for _ in 0..2 {
        let request = post_json("/webhook-endpoints").header("idempotency-key", "mine");
        answers.push(send(&env.invoices, request, &body).await);
    }
    let [mut first, second] = [answers[0].json(), answers[1].json()];
    assert_eq!((answers[0].status, answers[1].status), (StatusCode::CREATED, StatusCode::CREATED));
    assert!(first.as_object_mut().unwrap().remove("secret").is_some());
    assert_eq!((&first, &answers[1].headers["idempotency-replayed"]), (&second, &"true".parse().unwrap()));
    let filled = "INSERT INTO webhook_endpoints (id, url, description, event_types, secret)
        SELECT gen_random_uuid(), 'https://example.com', '', '{invoice.paid}', 'whsec_' || repeat('A', 44)
        FROM generate_series(2, 100)";
    env.database.query_batch(filled).await.unwrap();
    let refused = send(&env.invoices, post_json("/webhook-endpoints"), &body).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    let page = send(&env.invoices, get("/webhook-endpoints?limit=100"), "").await.json();
    assert_eq!(page["webhookEndpoints"].as_array().unwrap().len(), 100);
    assert!(!page.to_string().contains("whsec_"), "secrets are shown once");
}

#[tokio::test]
async fn a_secret_is_shown_once_and_no_kept_answer_has_it() {
    let env = TestEnv::new().await;
    let body = json!({ "url": env.hooks.url("/") }).to_string();
    let again = || post_json("/webhook-endpoints").header("idempotency-key", "mine");
    let first = send(&env.invoices, again(), &body).await;
    let path = first.headers["location"].to_str().unwrap().to_owned();
    assert!(first.json()["secret"].as_str().unwrap().starts_with("whsec_"), "{}", first.body);
    let gone = send(&env.invoices, Request::delete(&path).header("host", "test"), "").await;
    assert_eq!(gone.status, 204);
    let replayed = send(&env.invoices, again(), &body).await;
    assert_eq!(
        (replayed.status, replayed.headers["location"].to_str().unwrap()),
        (StatusCode::CREATED, &*path)
    );
    assert!(!replayed.body.contains("whsec_"), "{}", replayed.body);
    let kept = "SELECT count(*) FROM idempotency_keys WHERE answer LIKE '%secret%' OR answer LIKE '%whsec_%'";
    assert_eq!(number(&env.database, kept).await, 0);
}
