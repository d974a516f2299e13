//! Connections, queues and components that end.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use waybill_tests::Direction;

use crate::support::{
    Recorder, behind_a_proxy, broker, config, dead_letters, event, eventually, eventually_holds, peer,
    publish, retry, start, virtual_host,
};
use crate::trigger::{TRAP, Trigger};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_connection_is_cut_while_it_is_handled_comes_again() {
    let url = virtual_host("trigger-cut").await;
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
async fn a_half_open_connection_is_noticed_by_its_silence() {
    let url = virtual_host("trigger-silent").await;
    let broker = start(config(&url)).await;
    let (network, through) = behind_a_proxy(&url).await;
    let handler = Recorder::content();
    let trigger = Trigger::start(&format!("{through}?heartbeat=1"), &handler);
    publish(&broker, vec![event("before")]).await;
    handler.saw(1).await;
    // Its connections stay open, and nothing comes any more.
    network.stall(Direction::ToClient);
    eventually("the silence is named", async || trigger.says().contains("nothing for two heartbeats")).await;
    network.heal();
    publish(&broker, vec![event("after")]).await;
    handler.saw_distinct(2).await;
    eventually_holds(&broker, "orders", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_that_are_deleted_are_declared_again() {
    let (broker, url) = broker("trigger-deleted").await;
    let handler = Recorder::new(|delivery| async move {
        if delivery.body.ends_with(b"fails") { retry("no") } else { Ok(()) }
    });
    let trigger = Trigger::start(&url, &handler);
    let peer = peer(&url).await;
    publish(&broker, vec![event("before")]).await;
    handler.saw(1).await;
    for queue in ["orders", "orders.isolated", "orders.dead", "orders.retry.50ms"] {
        peer.delete_queue(queue).await.unwrap();
    }
    eventually("the queue is there again", async || {
        broker.depth("orders").await.is_ok_and(|(_, consumers)| consumers == 1)
    })
    .await;
    publish(&broker, vec![event("after")]).await;
    handler.saw(2).await;
    // The queue of a retry is missed when it is needed.
    peer.delete_queue("orders.retry.50ms").await.unwrap();
    peer.send_to_queue("orders", b"fails").await.unwrap();
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
    handler.saw_distinct(EVENTS + 1).await;
    for queue in ["orders", "orders.isolated"] {
        eventually_holds(&broker, queue, 0).await;
    }
    let letters = dead_letters(&broker).await;
    assert_eq!(letters.len(), 1);
    assert_eq!((letters[0].cause.as_str(), letters[0].id.as_str()), ("crash-loop", "deadly"));
}
