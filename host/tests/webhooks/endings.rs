//! Receivers that want nothing more, or nothing for a while.

use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::TestEnv;
use crate::support::{get, number, send};

const WAIT: &str = "SELECT extract(epoch FROM next_attempt_at - now())::bigint FROM webhook_deliveries";

async fn shown(env: &TestEnv, endpoint: &Value) -> Value {
    let path = format!("/webhook-endpoints/{}", endpoint["id"].as_str().unwrap());
    send(&env.invoices, get(&path), "").await.json()
}

#[tokio::test]
async fn a_receiver_that_answers_410_gets_nothing_more_until_its_endpoint_is_enabled() {
    let env = TestEnv::new().await;
    let endpoint = env.endpoint(&["invoice.issued", "invoice.paid"]).await;
    let path = format!("/webhook-endpoints/{}", endpoint["id"].as_str().unwrap());
    for enabled in [&endpoint, &shown(&env, &endpoint).await] {
        assert_eq!(enabled["disabledAt"], json!(null));
    }
    for _ in 0..6 {
        env.event("order.created", Uuid::now_v7()).await;
    }
    for _ in 0..4 {
        env.hooks.answer_next(StatusCode::GONE, None);
    }
    assert_eq!(env.step().await, (0, 4), "as many as are in flight at once");
    assert_eq!(env.step().await, (0, 0), "the others are not posted");
    let failed = "SELECT count(*) FROM webhook_deliveries WHERE status = 'failed' AND ended_at IS NOT NULL";
    assert_eq!(number(&env.database, failed).await, 6);
    assert!(shown(&env, &endpoint).await["disabledAt"].is_string());
    let listed = send(&env.invoices, get("/webhook-endpoints"), "").await.json();
    assert!(listed["webhookEndpoints"][0]["disabledAt"].is_string(), "{listed}");

    // What happens meanwhile is not written for it, and nothing can be asked for.
    let order = Uuid::now_v7();
    for event in ["order.created", "order.paid", "order.canceled"] {
        env.event(event, order).await;
    }
    assert_eq!(number(&env.database, "SELECT count(*) FROM webhook_deliveries").await, 6);
    let event = env.hooks.received()[0].header("webhook-id").to_owned();
    let again = format!("{path}/deliveries/{event}/redeliver");
    let refused = env.post(&again).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);

    for _ in 0..2 {
        let enabled = env.post(&format!("{path}/enable")).await;
        assert_eq!((enabled.status, &enabled.json()["disabledAt"]), (StatusCode::OK, &Value::Null));
    }
    assert_eq!(env.post(&again).await.status, StatusCode::ACCEPTED);
    env.event("order.created", Uuid::now_v7()).await;
    assert_eq!(env.step().await, (2, 0));
    let unknown = env.post(&format!("/webhook-endpoints/{}/enable", Uuid::now_v7())).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_receiver_that_asks_for_time_gets_it_within_a_day() {
    let env = TestEnv::new().await;
    env.endpoint(&["invoice.issued"]).await;
    env.event("order.created", Uuid::now_v7()).await;
    let date = |after: Duration| httpdate::fmt_http_date(SystemTime::now() + after);
    for (status, asked, waits) in [
        (StatusCode::TOO_MANY_REQUESTS, "3600".to_owned(), 3_500..=3_600),
        (StatusCode::SERVICE_UNAVAILABLE, date(Duration::from_hours(2)), 7_100..=7_200),
        (StatusCode::SERVICE_UNAVAILABLE, date(Duration::ZERO), 1_700..=2_000),
        (StatusCode::SERVICE_UNAVAILABLE, date(Duration::from_hours(24 * 365)), 86_300..=86_400),
    ] {
        env.hooks.answer_next(status, Some(("retry-after", &asked)));
        assert_eq!(env.step().await, (0, 1));
        let wait = number(&env.database, WAIT).await;
        assert!(waits.contains(&wait), "{wait} s for {asked}");
        env.wait_is_over().await;
    }
}
