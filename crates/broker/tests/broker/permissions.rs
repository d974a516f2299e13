//! Permissions that are revoked while we publish and consume, against a real RabbitMQ.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use waybill_broker::Broker;

use crate::support::{Recorder, broker, consume, event, eventually, eventually_holds, shared};

const VHOST: &str = "permissions";

/// What `guest` may configure, write and read after a revocation; nothing at all without an entry.
const REVOCATIONS: [(&str, Option<[&str; 3]>); 3] = [
    ("all permissions", None),
    ("the permission to read", Some([".*", ".*", "^$"])),
    ("the permission to write", Some([".*", "^$", ".*"])),
];

/// Events that wait for their confirmation before further ones are made.
const UNCONFIRMED_LIMIT: usize = 100;

async fn permit(permissions: Option<[&str; 3]>) {
    let rabbit = shared().await;
    match permissions {
        Some([configure, write, read]) => {
            rabbit.ctl(&["set_permissions", "-p", VHOST, "guest", configure, write, read]).await;
        }
        None => drop(rabbit.ctl(&["clear_permissions", "-p", VHOST, "guest"]).await),
    }
}

/// Publishes events, each until it is confirmed, and returns how many they were.
fn keep_publishing(broker: &Broker, stop: CancellationToken) -> JoinHandle<usize> {
    let publisher = broker.publisher();
    tokio::spawn(async move {
        let (mut events, mut left) = (0, Vec::new());
        while !(stop.is_cancelled() && left.is_empty()) {
            if !stop.is_cancelled() && left.len() < UNCONFIRMED_LIMIT {
                left.extend((events..events + 10).map(event));
                events += 10;
            }
            let outcomes = publisher.publish_batch(left.clone()).await;
            let unconfirmed = left.into_iter().zip(outcomes).filter(|(_, outcome)| outcome.is_err());
            left = unconfirmed.map(|(event, _)| event).collect();
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        events
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_permission_is_named_and_waited_for_and_nothing_is_lost() {
    let (broker, _) = broker(VHOST).await;
    let handler = Recorder::content();
    let consumer = consume(&broker, &handler);
    let stop = CancellationToken::new();
    let publishing = keep_publishing(&broker, stop.clone());
    for (what, permissions) in REVOCATIONS {
        handler.saw(handler.seen().len() + 100).await;
        permit(permissions).await;
        // RabbitMQ remembers on an open channel what it has permitted there. A new connection asks again.
        shared().await.ctl(&["close_all_connections", "-p", VHOST, "test"]).await;
        eventually(&format!("health names {what}"), async || {
            let health = broker.health();
            let text = health.to_string();
            !health.is_good() && (text.contains("ACCESS_REFUSED") || text.contains("NOT_ALLOWED"))
        })
        .await;
        permit(Some([".*"; 3])).await;
        eventually("health is good again", async || broker.health().is_good()).await;
    }
    handler.saw(handler.seen().len() + 100).await;
    stop.cancel();
    let events = publishing.await.unwrap();
    handler.saw_distinct(events).await;
    for queue in ["orders", "orders.retry.50ms", "orders.retry.100ms", "orders.dead"] {
        eventually_holds(&broker, queue, 0).await;
    }
    assert!(handler.seen().iter().all(|delivery| delivery.attempt == 1), "an attempt was counted");
    consumer.stop().await;
    broker.close().await;
}
