//! Secrets of endpoints: rotated, and encrypted in the database.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{Request, StatusCode};
use standardwebhooks::Webhook;
use uuid::Uuid;
use waybill_telemetry::Service;
use waybill_tests::Hook;
use waybill_webhooks::{SecretKeys, SecretsError, Webhooks, WebhooksConfig};

use crate::TestEnv;
use crate::support::{number, send};

/// Whether a receiver that knows this secret only takes it.
fn is_signed_with(hook: &Hook, secret: &str) -> bool {
    Webhook::new(secret).unwrap().verify(&hook.body, &hook.headers).is_ok()
}

async fn next(env: &TestEnv, webhooks: &Webhooks) -> Hook {
    env.event("order.created", Uuid::now_v7()).await;
    assert_eq!(webhooks.step().await.unwrap().delivered, 1);
    env.hooks.received().pop().unwrap()
}

/// A delivery that seals secrets.
fn sealing(env: &TestEnv, keys: &[u8]) -> Webhooks {
    let keys: Vec<String> = keys.iter().map(|byte| BASE64_STANDARD.encode([*byte; 32])).collect();
    let secret_keys = Some(Arc::new(SecretKeys::new(&keys.join(",")).unwrap()));
    let config = WebhooksConfig { allow_private: true, secret_keys, ..WebhooksConfig::default() };
    Webhooks::new(env.database.clone(), config, Service::off()).unwrap()
}

#[tokio::test]
async fn a_rotated_secret_counts_beside_the_new_one_for_a_day() {
    let env = TestEnv::new().await;
    let endpoint = env.endpoint(&["invoice.issued"]).await;
    let first = endpoint["secret"].as_str().unwrap();
    let rotate = format!("/webhook-endpoints/{}/rotate-secret", endpoint["id"].as_str().unwrap());
    let keyed = || Request::post(&rotate).header("host", "test").header("idempotency-key", "mine");
    let rotated = send(&env.invoices, keyed(), "").await;
    assert_eq!(rotated.status, StatusCode::OK, "{}", rotated.body);
    let second = rotated.json()["secret"].as_str().unwrap().to_owned();
    let replayed = send(&env.invoices, keyed(), "").await;
    assert_eq!(replayed.headers["idempotency-replayed"], "true");
    assert!(!replayed.body.contains("whsec_"), "{}", replayed.body);
    assert_eq!(number(&env.database, "SELECT count(*) FROM webhook_former_secrets").await, 1);

    let hook = next(&env, &env.webhooks).await;
    assert!(is_signed_with(&hook, first) && is_signed_with(&hook, &second));
    assert_eq!(hook.header("webhook-signature").split(' ').count(), 2);
    let lasts = "SELECT extract(epoch FROM expires_at - now())::bigint FROM webhook_former_secrets";
    assert!((86_300..=86_400).contains(&number(&env.database, lasts).await));
    env.database.query_batch("UPDATE webhook_former_secrets SET expires_at = now()").await.unwrap();
    let hook = next(&env, &env.webhooks).await;
    assert!(!is_signed_with(&hook, first) && is_signed_with(&hook, &second));
}

#[tokio::test]
async fn a_secret_is_rotated_a_few_times_within_a_day_and_each_of_them_counts() {
    let env = TestEnv::new().await;
    let endpoint = env.endpoint(&["invoice.issued"]).await;
    let rotate = format!("/webhook-endpoints/{}/rotate-secret", endpoint["id"].as_str().unwrap());
    let mut secrets = vec![endpoint["secret"].as_str().unwrap().to_owned()];
    for _ in 0..4 {
        secrets.push(env.post(&rotate).await.json()["secret"].as_str().unwrap().to_owned());
    }
    assert_eq!(env.post(&rotate).await.status, StatusCode::CONFLICT);
    let hook = next(&env, &env.webhooks).await;
    assert!(secrets.iter().all(|secret| is_signed_with(&hook, secret)), "{:?}", hook.headers);
    let unknown = env.post(&format!("/webhook-endpoints/{}/rotate-secret", Uuid::now_v7())).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn secrets_are_sealed_with_the_key_and_still_sign() {
    let env = TestEnv::new().await;
    let endpoint = env.endpoint(&["invoice.issued"]).await;
    let rotate = format!("/webhook-endpoints/{}/rotate-secret", endpoint["id"].as_str().unwrap());
    let second = env.post(&rotate).await.json()["secret"].as_str().unwrap().to_owned();
    let (first, webhooks) = (endpoint["secret"].as_str().unwrap(), sealing(&env, &[1]));
    webhooks.check_secrets().await.unwrap();
    let hook = next(&env, &webhooks).await;
    assert!(is_signed_with(&hook, first) && is_signed_with(&hook, &second));
    let clear = "SELECT (SELECT count(*) FROM webhook_endpoints WHERE secret LIKE 'whsec%')
        + (SELECT count(*) FROM webhook_former_secrets WHERE secret LIKE 'whsec%')";
    assert_eq!(number(&env.database, clear).await, 0);

    // Another key opens nothing, and says so before anything is posted.
    for lost in [sealing(&env, &[2]), crate::relay(&env.database, true)] {
        let error = lost.check_secrets().await.unwrap_err();
        assert!(matches!(error, SecretsError::OtherKey { .. }));
        let text = error.to_string();
        assert!(text.starts_with("WAYBILL_SECRETS_KEY ") && !text.contains("whsec"), "{text}");
    }
    // The key is changed while the former one is still known; afterwards the new one is enough.
    let both = sealing(&env, &[2, 1]);
    both.check_secrets().await.unwrap();
    next(&env, &both).await;
    let new = sealing(&env, &[2]);
    new.check_secrets().await.unwrap();
    assert!(is_signed_with(&next(&env, &new).await, &second));
    assert!(sealing(&env, &[1]).check_secrets().await.is_err());
}

/// The receiver is not to blame, so no attempt is counted: three days later the delivery would have failed for good.
#[tokio::test]
async fn deliveries_wait_for_the_key_of_their_secret() {
    let env = TestEnv::new().await;
    let endpoint = env.endpoint(&["invoice.issued"]).await;
    next(&env, &sealing(&env, &[1])).await;

    env.event("order.created", Uuid::now_v7()).await;
    let step = sealing(&env, &[2]).step().await.unwrap();
    assert_eq!((step.delivered, step.failed), (0, 0));
    let untouched = "SELECT count(*) FROM webhook_deliveries WHERE status = 'pending' AND attempts = 0";
    assert_eq!(number(&env.database, untouched).await, 1);
    assert_eq!(
        number(&env.database, "SELECT count(*) FROM webhook_attempts WHERE error IS NOT NULL").await,
        0
    );

    // The lease ends, and the key is there.
    env.database.query_batch("UPDATE webhook_deliveries SET leased_until = now()").await.unwrap();
    assert_eq!(sealing(&env, &[1]).step().await.unwrap().delivered, 1);
    let hook = env.hooks.received().pop().unwrap();
    assert!(is_signed_with(&hook, endpoint["secret"].as_str().unwrap()));
}
