//! Connections, brokers, queues and components that end.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lapin::options::QueueDeleteOptions;

use waybill_tests::Rabbit;
use crate::support::{
    Peer, Recorder, behind_a_proxy, broker, config, dead_letters, event, eventually, eventually_holds,
    publish, retry, shared, start,
};
use crate::trigger::{TRAP, Trigger};

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_is_waited_for_and_nothing_is_lost() {
    const EVENTS: usize = 200;
    let rabbit = Rabbit::start().await;
    let broker = start(config(&rabbit.url())).await;
    let (handler, gate) = Recorder::gated();
    let trigger = Trigger::start(&rabbit.url(), &handler);
    publish(&broker, (0..EVENTS).map(event).collect()).await;
    gate.add_permits(EVENTS / 2);
    handler.saw(EVENTS / 2).await;
    rabbit.kill().await;
    gate.add_permits(EVENTS * 2);
    eventually("the loss is named", async || trigger.says().contains("no connection to RabbitMQ")).await;
    rabbit.start_again().await;
    eventually("every event is handled", async || distinct(&handler) == EVENTS).await;
    eventually_holds(&broker, "orders", 0).await;
    // Only what was in flight, or acknowledged just before the kill, came twice.
    assert!(handler.seen().len() <= EVENTS + 20, "{}", handler.seen().len());
    drop(trigger);
    for queue in ["orders", "orders.isolated", "orders.dead"] {
        eventually_holds(&broker, queue, 0).await;
    }
}

fn distinct(handler: &Recorder) -> usize {
    handler.bodies().into_iter().collect::<HashSet<_>>().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_connection_is_cut_while_it_is_handled_comes_again() {
    let url = shared().await.virtual_host("trigger-cut").await;
    let broker = start(config(&url)).await;
    let (network, through) = behind_a_proxy(&url).await;
    let network = Arc::new(network);
    let (cut, calls) = (network.clone(), Arc::new(AtomicUsize::new(0)));
    let handler = Recorder::new(move |_| {
        if calls.fetch_add(1, Ordering::Relaxed) == 0 {
            cut.cut();
        }
        async { Ok(()) }
    });
    let _trigger = Trigger::start(&through, &handler);
    publish(&broker, vec![event("cut")]).await;
    handler.saw(2).await;
    eventually_holds(&broker, "orders", 0).await;
    assert_eq!(dead_letters(&broker).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_that_are_deleted_are_declared_again() {
    let (broker, url) = broker("trigger-deleted").await;
    let handler = Recorder::new(|delivery| async move {
        if delivery.body.ends_with(b"fails") { retry("no") } else { Ok(()) }
    });
    let trigger = Trigger::start(&url, &handler);
    let peer = Peer::connect(&url).await;
    publish(&broker, vec![event("before")]).await;
    handler.saw(1).await;
    for queue in ["orders", "orders.isolated", "orders.dead", "orders.retry.50ms"] {
        peer.channel.queue_delete(queue.into(), QueueDeleteOptions::default()).await.unwrap();
    }
    eventually("the queue is there again", async || {
        broker.depth("orders").await.is_ok_and(|(_, consumers)| consumers == 1)
    })
    .await;
    publish(&broker, vec![event("after")]).await;
    handler.saw(2).await;
    // The queue of a retry is missed when it is needed.
    peer.channel.queue_delete("orders.retry.50ms".into(), QueueDeleteOptions::default()).await.unwrap();
    peer.send_to_queue("orders", b"fails", lapin::BasicProperties::default()).await;
    eventually_holds(&broker, "orders.dead", 1).await;
    assert_eq!(dead_letters(&broker).await[0].attempts, 3);
    assert!(trigger.says().contains("cannot be moved to queue `orders.retry.50ms`"), "{}", trigger.says());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_message_at_which_the_component_traps_becomes_a_dead_letter() {
    const EVENTS: usize = 50;
    let (broker, url) = broker("trigger-traps").await;
    let handler = Recorder::new(|delivery| async move {
        if delivery.body.starts_with(b"{\"orderId\":\"deadly\"") { retry(TRAP) } else { Ok(()) }
    });
    publish(&broker, [event("deadly")].into_iter().chain((0..EVENTS).map(event)).collect()).await;
    // A host starts it again after a trap.
    let mut traps = 0;
    loop {
        let mut trigger = Trigger::start(&url, &handler);
        tokio::select! {
            ended = trigger.ended() => assert!(ended.is_err()),
            () = eventually_holds(&broker, "orders.dead", 1) => break,
        }
        traps += 1;
        assert!(traps < 40, "the message is never isolated");
    }
    let _trigger = Trigger::start(&url, &handler);
    eventually("every other event is handled", async || distinct(&handler) == EVENTS + 1).await;
    for queue in ["orders", "orders.isolated"] {
        eventually_holds(&broker, queue, 0).await;
    }
    let letters = dead_letters(&broker).await;
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].cause.as_str(), letters[0].id.as_str()), ("crash-loop", "deadly"));
}
