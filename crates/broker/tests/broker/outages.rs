//! A RabbitMQ that is blocked, killed, restarted, or encrypted. These tests share one node, one after the other.

use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use waybill_broker::{Broker, BrokerError, Health, PublishError};
use waybill_tests::Rabbit;

use crate::support::{
    Recorder, config, consume, event, eventually, eventually_holds, publish, publish_one,
    publish_until_confirmed, start,
};

async fn node() -> MutexGuard<'static, Option<Rabbit>> {
    static NODE: Mutex<Option<Rabbit>> = Mutex::const_new(None);
    let mut node = NODE.lock().await;
    if node.is_none() {
        *node = Some(Rabbit::start().await.unwrap());
    }
    node
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_alarm_blocks_publishing_is_reported_and_ends() {
    let node = node().await;
    let rabbit = node.as_ref().unwrap();
    let url = rabbit.add_virtual_host("alarm").await;
    let mut config = config(&url);
    config.confirm_timeout = Duration::from_secs(2);
    let broker = start(config).await;
    let handler = Recorder::content();
    let consumer = consume(&broker, &handler);
    publish(&broker, vec![event("before")]).await;
    handler.saw(1).await;

    rabbit.set_memory_alarm(true).await;
    let outcome = publish_one(&broker, "during").await;
    assert!(matches!(outcome, Err(PublishError::TimedOut | PublishError::Unavailable(_))), "{outcome:?}");
    eventually("health tells", async || matches!(broker.health(), Health::Blocked { .. })).await;
    assert!(broker.health().to_string().contains("low on memory"), "{}", broker.health());
    // From here on no publication waits for RabbitMQ.
    let outcome = publish_one(&broker, "during").await;
    assert!(
        matches!(&outcome, Err(PublishError::Unavailable(reason)) if reason.contains("memory")),
        "{outcome:?}"
    );

    rabbit.set_memory_alarm(false).await;
    eventually("health is good again", async || broker.health().is_good()).await;
    eventually("publishing works again", async || publish_one(&broker, "after").await.is_ok()).await;
    eventually("it is consumed", async || handler.bodies().iter().any(|body| body.contains("after"))).await;
    consumer.stop().await;
    broker.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_and_restarted_rabbitmq_loses_nothing() {
    const EVENTS: usize = 3_000;
    let node = node().await;
    let rabbit = node.as_ref().unwrap();
    let url = rabbit.add_virtual_host("killed").await;
    let broker = start(config(&url)).await;
    let handler = Recorder::new(|delivery| async move {
        // Some go by way of a retry queue, in which they have to survive.
        let retried =
            delivery.body.ends_with(b"5000}") && delivery.body.len() % 2 == 0 && delivery.attempt == 1;
        if retried { Err(waybill_broker::DeliveryError::Failed("once more".to_owned())) } else { Ok(()) }
    });
    let consumer = consume(&broker, &handler);
    let publishing = publish_until_confirmed(&broker, EVENTS, Duration::from_millis(20));
    handler.saw(100).await;
    rabbit.kill().await;
    eventually("health tells", async || matches!(broker.health(), Health::Down { .. })).await;
    rabbit.start_again().await;
    handler.saw(1_000).await;
    rabbit.stop().await;
    eventually("health tells", async || matches!(broker.health(), Health::Down { .. })).await;
    rabbit.start_again().await;

    publishing.await.unwrap();
    handler.saw_distinct(EVENTS).await;
    for queue in ["orders", "orders.retry.50ms", "orders.dead"] {
        eventually_holds(&broker, queue, 0).await;
    }
    consumer.stop().await;
    broker.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn amqps_is_encrypted_and_trusts_only_the_given_authority() {
    let node = node().await;
    let rabbit = node.as_ref().unwrap();
    let mut trusting = config(&rabbit.tls_url());
    trusting.ca_file = Some(rabbit.ca_file());
    let broker = start(trusting).await;
    publish(&broker, vec![event(1)]).await;
    let protocols = rabbit.ctl(&["list_connections", "ssl", "--silent"]).await;
    assert!(protocols.contains("true") && !protocols.contains("false"), "{protocols}");
    broker.close().await;

    // The system does not know this authority.
    let mut unknown = config(&rabbit.tls_url());
    unknown.request_timeout = Duration::from_secs(3);
    let broker = Broker::start(unknown).unwrap();
    let error = broker.ready().await.unwrap_err();
    assert!(matches!(error, BrokerError::Unavailable(_)), "{error}");
    assert!(error.to_string().contains("ertificate"), "{error}");
    broker.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_not_there_yet_is_waited_for() {
    let node = node().await;
    let rabbit = node.as_ref().unwrap();
    rabbit.kill().await;
    let broker = Broker::start(config(&rabbit.url())).unwrap();
    let handler = Recorder::content();
    let consumer = consume(&broker, &handler);
    eventually("health tells", async || broker.health().to_string().contains("refused")).await;
    rabbit.start_again().await;
    eventually("publishing works", async || publish_one(&broker, "late").await.is_ok()).await;
    eventually("it is consumed", async || handler.bodies().iter().any(|body| body.contains("late"))).await;
    consumer.stop().await;
    broker.close().await;
}
