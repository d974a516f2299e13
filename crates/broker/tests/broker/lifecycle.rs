//! Concurrency, stopping, and recovery.

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use lapin::options::QueueDeleteOptions;
use lapin::types::FieldTable;
use waybill_broker::DeliveryError;
use waybill_tests::Rabbit;

use crate::support::{
    DURABLE, Recorder, Running, behind_a_proxy, broker, broker_with, config, consume, dead_letters, event,
    eventually, eventually_holds, peer, publish, publish_one, publish_until_confirmed, retry, start,
    virtual_host,
};

#[tokio::test(flavor = "multi_thread")]
async fn never_more_than_the_set_number_is_handled_at_the_same_time() {
    let (broker, _) = broker_with("bounded", |config| (config.concurrency, config.prefetch) = (3, 10)).await;
    let (handler, gate) = Recorder::gated();
    let consumer = consume(&broker, &handler);
    publish(&broker, (0..20).map(event).collect()).await;
    handler.saw(3).await;
    // RabbitMQ has sent all it may, and more than three could begin now if anything allowed it.
    eventually_holds(&broker, "orders", 10).await;
    assert_eq!(handler.seen().len(), 3);
    gate.add_permits(20);
    handler.saw(20).await;
    eventually_holds(&broker, "orders", 0).await;
    consumer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_finishes_what_is_in_flight_and_returns_the_rest() {
    let (broker, _) = broker_with("drain", |config| config.concurrency = 2).await;
    let (handler, gate) = Recorder::gated();
    let consumer = consume(&broker, &handler);
    publish(&broker, (0..10).map(event).collect()).await;
    handler.saw(2).await;
    consumer.stop.cancel();
    gate.add_permits(10);
    consumer.stop().await;
    assert_eq!(handler.seen().len(), 2);
    eventually_holds(&broker, "orders", 8).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_does_not_wait_without_end() {
    let limit = Duration::from_millis(100);
    let (broker, _) = broker_with("drain-limit", |config| config.drain_timeout = limit).await;
    let handler = Recorder::new(|_| std::future::pending());
    let consumer = consume(&broker, &handler);
    publish(&broker, (0..3).map(event).collect()).await;
    handler.saw(3).await;
    consumer.stop().await;
    eventually_holds(&broker, "orders", 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn consuming_goes_on_when_the_queue_was_deleted() {
    let (broker, url) = broker("deleted-under-consumer").await;
    let handler = Recorder::content();
    let consumer = consume(&broker, &handler);
    publish(&broker, vec![event(1)]).await;
    handler.saw(1).await;
    let peer = peer(&url).await;
    peer.channel.queue_delete("orders".into(), QueueDeleteOptions::default()).await.unwrap();
    eventually("the queue is there again", async || publish_one(&broker, 2).await.is_ok()).await;
    handler.saw(2).await;
    consumer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_waits_for_its_queue_and_is_not_lost() {
    let (broker, url) = broker("dead-queue-missing").await;
    let peer = peer(&url).await;
    peer.channel.queue_delete("orders.dead".into(), QueueDeleteOptions::default()).await.unwrap();
    let handler = Recorder::new(|_| async { Err(DeliveryError::Rejected("no".to_owned())) });
    let consumer = consume(&broker, &handler);
    publish(&broker, vec![event(1)]).await;
    eventually("the queue is there", async || broker.depth("orders.dead").await == Ok((1, 0))).await;
    consumer.stop().await;
    eventually_holds(&broker, "orders", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classic_queue_is_consumed_and_retried_as_well() {
    let url = virtual_host("classic-consumed").await;
    let peer = peer(&url).await;
    peer.channel.queue_declare("orders".into(), DURABLE, FieldTable::default()).await.unwrap();
    let broker = start(config(&url)).await;
    let handler =
        Recorder::new(|delivery| async move { if delivery.attempt < 3 { retry("not yet") } else { Ok(()) } });
    let consumer = consume(&broker, &handler);
    publish(&broker, vec![event(1)]).await;
    handler.saw(3).await;
    consumer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_acknowledged_early_when_rabbitmq_cuts_all_connections() {
    const EVENTS: usize = 2_000;
    let rabbit = Rabbit::start().await.unwrap();
    let broker = start(config(&rabbit.url())).await;
    // Each message is handled in two steps, so that cuts hit messages in flight.
    let handler = Recorder::new(|_| async {
        tokio::task::yield_now().await;
        Ok(())
    });
    let consumer = consume(&broker, &handler);
    let publishing = publish_until_confirmed(&broker, EVENTS, Duration::from_millis(10));
    for _ in 0..3 {
        rabbit.close_all_connections().await;
        eventually("the connections are back", async || broker.health().is_good()).await;
    }
    publishing.await.unwrap();
    handler.saw_distinct(EVENTS).await;
    eventually_holds(&broker, "orders", 0).await;
    consumer.stop().await;
    eventually_holds(&broker, "orders", 0).await;
    eventually_holds(&broker, "orders.dead", 0).await;
}

/// An acknowledgement that is written while its connection ends may get no answer, not even an error. Some of these cuts hit one.
#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_that_a_lost_connection_swallows_holds_up_nothing() {
    const CUTS: usize = 40;
    const EVENTS_PER_CUT: usize = 200;
    let url = virtual_host("cuts").await;
    let (network, through) = behind_a_proxy(&url).await;
    let publishing = start(config(&url)).await;
    let mut config = config(&through);
    config.max_reconnect_delay = Duration::from_millis(100);
    // A lost connection counts as a delivery, and here there are many.
    config.crash_limit = u16::MAX;
    let broker = start(config).await;
    let handler = Recorder::new(|_| async {
        // So that messages are in flight at each moment.
        tokio::time::sleep(Duration::from_millis(3)).await;
        Ok(())
    });
    let consumer = consume(&broker, &handler);
    for cut in 1..=CUTS {
        let events = (cut - 1) * EVENTS_PER_CUT..cut * EVENTS_PER_CUT;
        publish(&publishing, events.map(event).collect()).await;
        handler.saw_distinct(cut * EVENTS_PER_CUT / 2).await;
        network.cut();
    }
    handler.saw_distinct(CUTS * EVENTS_PER_CUT).await;
    consumer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_consumers_share_the_work() {
    let (broker, url) = broker("two-consumers").await;
    let other = start(config(&url)).await;
    let handlers = [Recorder::content(), Recorder::content()];
    let consumers = [consume(&broker, &handlers[0]), consume(&other, &handlers[1])];
    eventually("both consume", async || broker.depth("orders").await.unwrap().1 == 2).await;
    publish(&broker, (0..200).map(event).collect()).await;
    eventually("all are handled", async || {
        handlers.iter().map(|handler| handler.seen().len()).sum::<usize>() == 200
    })
    .await;
    join_all(consumers.map(Running::stop)).await;
    assert!(handlers.iter().all(|handler| !handler.seen().is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unavailable_handler_keeps_the_message_and_counts_no_attempt() {
    let (broker, _) = broker("unavailable").await;
    let count = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let handler = Recorder::new(move |_| {
        let before = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        async move { if before < 5 { Err(DeliveryError::Unavailable("no database".to_owned())) } else { Ok(()) } }
    });
    let consumer = consume(&broker, &handler);
    publish(&broker, vec![event("id-1")]).await;
    // More often than the ladder has steps.
    handler.saw(6).await;
    consumer.stop().await;
    assert!(handler.seen().iter().all(|delivery| delivery.attempt == 1));
    eventually_holds(&broker, "orders", 0).await;
    assert_eq!(dead_letters(&broker).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_waits_goes_back_when_the_consumer_stops() {
    let (broker, _) = broker("unavailable-stop").await;
    let handler = Recorder::new(|_| async { Err(DeliveryError::Unavailable("no database".to_owned())) });
    let consumer = consume(&broker, &handler);
    publish(&broker, vec![event("id-1")]).await;
    handler.saw(1).await;
    consumer.stop().await;
    eventually_holds(&broker, "orders", 1).await;
}
