//! Messages that were in flight when a process died, and messages that are held for too long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::join_all;
use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use waybill_broker::{Delivery, DeliveryError, Health};
use waybill_tests::Rabbit;

use crate::support::{
    Recorder, behind_a_proxy, broker, broker_with, config, consume, dead_letters, event, eventually,
    eventually_holds, peer, publish, start, virtual_host,
};

/// A process that has messages sent ahead, and dies.
async fn take_and_die(url: &str) {
    let peer = peer(url).await;
    peer.channel.basic_qos(64, BasicQosOptions::default()).await.unwrap();
    let options = BasicConsumeOptions::default();
    let mut consumer =
        peer.channel.basic_consume("orders".into(), "".into(), options, FieldTable::default()).await.unwrap();
    for _ in 0..64 {
        consumer.next().await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_were_sent_ahead_to_processes_that_died_are_no_dead_letters() {
    const EVENTS: usize = 200;
    let (broker, url) = broker("sent-ahead").await;
    publish(&broker, (0..EVENTS).map(event).collect()).await;
    for _ in 0..20 {
        eventually_holds(&broker, "orders", 200).await;
        take_and_die(&url).await;
    }
    let handler = Recorder::content();
    let consumer = consume(&broker, &handler);
    handler.saw_distinct(EVENTS).await;
    eventually_holds(&broker, "orders.isolated", 0).await;
    consumer.stop().await;
    eventually_holds(&broker, "orders", 0).await;
    assert_eq!(dead_letters(&broker).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_message_at_which_processes_die_becomes_a_dead_letter() {
    const EVENTS: usize = 100;
    let url = virtual_host("crash-loop").await;
    let (network, through) = behind_a_proxy(&url).await;
    let network = Arc::new(network);
    let mut config = config(&through);
    config.crash_limit = 4;
    config.max_reconnect_delay = Duration::from_millis(100);
    let broker = start(config).await;
    let deadly = r#"{"orderId":"deadly","amount":5000}"#;
    // To RabbitMQ, a process that dies is a connection that ends before the message is settled.
    let cut = network.clone();
    let handler = Recorder::new(move |delivery: Delivery| {
        let cut = cut.clone();
        async move {
            if delivery.body == deadly {
                cut.cut();
                std::future::pending::<()>().await;
            }
            Ok(())
        }
    });
    let publishing = start(crate::support::config(&url)).await;
    publish(&publishing, (0..EVENTS).map(event).chain([event("deadly")]).collect()).await;
    let consumer = consume(&broker, &handler);
    eventually_holds(&publishing, "orders.dead", 1).await;
    handler.saw_distinct(EVENTS + 1).await;
    // What was handled and not acknowledged when the connection ended is handled once more.
    for queue in ["orders", "orders.isolated"] {
        eventually_holds(&publishing, queue, 0).await;
    }
    consumer.stop().await;
    for queue in ["orders", "orders.isolated"] {
        eventually_holds(&publishing, queue, 0).await;
    }
    let letters = dead_letters(&publishing).await;
    assert_eq!(
        (letters.len(), letters[0].cause.as_str(), letters[0].id.as_str()),
        (1, "crash-loop", "deadly")
    );
    let attempts = handler.bodies().iter().filter(|body| *body == deadly).count();
    assert!((4..=8).contains(&attempts), "a few beside others, and 4 alone: {attempts}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_isolated_message_that_meets_an_outage_goes_back_in_line() {
    let limit = Duration::from_millis(300);
    let (broker, url) = broker_with("isolated-outage", |config| config.hold_limit = limit).await;
    publish(&broker, (0..64).map(event).collect()).await;
    for _ in 0..4 {
        eventually_holds(&broker, "orders", 64).await;
        take_and_die(&url).await;
    }
    let is_available = Arc::new(AtomicBool::new(false));
    let asked = is_available.clone();
    let handler = Recorder::new(move |_| {
        let is_available = asked.load(Ordering::Relaxed);
        async move {
            if is_available { Ok(()) } else { Err(DeliveryError::Unavailable("no database".to_owned())) }
        }
    });
    let consumer = consume(&broker, &handler);
    handler.saw(20).await;
    is_available.store(true, Ordering::Relaxed);
    for queue in ["orders", "orders.isolated"] {
        eventually_holds(&broker, queue, 0).await;
    }
    consumer.stop().await;
    assert!(
        handler.seen().iter().all(|delivery| delivery.attempt == 1 && delivery.subject == "order.created")
    );
    for queue in ["orders", "orders.isolated", "orders.dead"] {
        eventually_holds(&broker, queue, 0).await;
    }
}

/// A handler that is unavailable for some time.
fn unavailable_for(outage: Duration) -> Recorder {
    let end = Instant::now() + outage;
    Recorder::new(move |_| async move {
        if Instant::now() < end { Err(DeliveryError::Unavailable("no database".to_owned())) } else { Ok(()) }
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_goes_back_before_rabbitmq_ends_the_channel() {
    let rabbit = Rabbit::start().await.unwrap();
    rabbit.set_consumer_timeout(Duration::from_secs(6)).await;
    let limits = [Duration::from_secs(1), Duration::from_mins(5)];
    join_all(limits.map(|hold_limit| is_held_in_an_outage(&rabbit, hold_limit))).await;
}

async fn is_held_in_an_outage(rabbit: &Rabbit, hold_limit: Duration) {
    const EVENTS: usize = 100;
    let url = rabbit.add_virtual_host(&format!("held-{}", hold_limit.as_secs())).await;
    let mut config = config(&url);
    config.hold_limit = hold_limit;
    let broker = start(config).await;
    let handler = unavailable_for(Duration::from_secs(20));
    let consumer = consume(&broker, &handler);
    publish(&broker, (0..EVENTS).map(event).collect()).await;
    // The consumer that takes no messages is named, whichever side ended the channel.
    eventually("health tells", async || matches!(broker.health(), Health::NotConsuming { .. })).await;
    let health = broker.health().to_string();
    let expected = if hold_limit < Duration::from_secs(6) { "no database" } else { "acknowledgement" };
    assert!(health.contains(expected), "{health}");
    eventually("every event is handled", async || broker.counts().acknowledged >= EVENTS as u64).await;
    for queue in ["orders", "orders.isolated"] {
        eventually_holds(&broker, queue, 0).await;
    }
    eventually("health is good again", async || broker.health().is_good()).await;
    consumer.stop().await;
    for queue in ["orders", "orders.isolated", "orders.dead"] {
        eventually_holds(&broker, queue, 0).await;
    }
    assert!(handler.seen().iter().all(|delivery| delivery.attempt == 1));
    broker.close().await;
}
