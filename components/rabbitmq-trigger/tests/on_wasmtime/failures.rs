//! What a handler answers, and what becomes of the message.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldArray, FieldTable};
use waybill_broker::DeliveryError;

use crate::support::{
    Recorder, broker, dead_letters, event, eventually, eventually_holds, peer, publish, retry,
};
use crate::trigger::Trigger;

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_acknowledged_after_the_handlers_answer_and_not_before() {
    let (broker, url) = broker("trigger-acknowledged").await;
    publish(&broker, vec![event("first")]).await;
    let (handler, gate) = Recorder::gated();
    let killed = Trigger::start(&url, &handler);
    handler.saw(1).await;
    drop(killed);
    // It was in flight, so it comes again.
    eventually_holds(&broker, "orders", 1).await;
    gate.add_permits(1);
    let trigger = Trigger::start(&url, &handler);
    handler.saw(2).await;
    publish(&broker, vec![event("second")]).await;
    gate.add_permits(1);
    handler.saw(3).await;
    drop(trigger);
    let bodies = handler.bodies();
    assert_eq!(bodies[0], bodies[1]);
    assert!(bodies[2].contains("second"), "{bodies:?}");
    assert!(handler.seen().iter().all(|delivery| delivery.subject == "order.created"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_handled_does_not_come_again() {
    const EVENTS: usize = 300;
    const MARKER: &[u8] = b"marker";
    let (broker, url) = broker("trigger-once").await;
    publish(&broker, (0..EVENTS).map(event).collect()).await;
    let handler = Recorder::content();
    let trigger = Trigger::start(&url, &handler);
    handler.saw(EVENTS).await;
    // A marker is handled after all before it are acknowledged. It may be in flight itself when the component ends.
    let peer = peer(&url).await;
    peer.send_to_queue("orders", MARKER).await.unwrap();
    handler.saw(EVENTS + 1).await;
    drop(trigger);
    eventually("the consumer is gone", async || {
        broker.depth("orders").await.is_ok_and(|(_, consumers)| consumers == 0)
    })
    .await;
    while let Some(left) = peer.get("orders").await.unwrap() {
        assert_eq!(left.data, MARKER);
    }
    assert_eq!((handler.distinct(), handler.seen().len()), (EVENTS + 1, EVENTS + 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_message_is_a_dead_letter_at_once_with_all_that_it_carried() {
    let (broker, url) = broker("trigger-rejected").await;
    let handler =
        Recorder::new(|_| async { Err(DeliveryError::Rejected("amount must be 1 or more".to_owned())) });
    let _trigger = Trigger::start(&url, &handler);
    let mut headers = FieldTable::default();
    headers.insert("x-shop".into(), AMQPValue::LongString("Köln".into()));
    headers.insert("traceparent".into(), AMQPValue::LongString(TRACE.into()));
    let properties = BasicProperties::default()
        .with_message_id("0198b3a2-7c1e-7000-8000-000000000000".into())
        .with_type("order.created".into())
        .with_content_type("application/json".into())
        .with_expiration("60000".into())
        .with_headers(headers);
    let peer = peer(&url).await;
    peer.send("orders", b"{\"amount\":0}", properties).await.unwrap();
    eventually_holds(&broker, "orders.dead", 1).await;
    let letter = dead_letters(&broker).await.remove(0);
    assert_eq!(letter.id, "0198b3a2-7c1e-7000-8000-000000000000");
    assert_eq!((letter.subject.as_str(), letter.cause.as_str()), ("order.created", "rejected"));
    assert_eq!(letter.last_error.as_deref(), Some("amount must be 1 or more"));
    assert_eq!((letter.attempts, letter.queue.as_str()), (1, "orders"));
    assert_eq!(&letter.body[..], b"{\"amount\":0}");
    assert_eq!(letter.headers["x-shop"], "Köln");
    assert_eq!(letter.headers["traceparent"], TRACE);
    let message = peer.get("orders.dead").await.unwrap().unwrap();
    assert_eq!(message.properties.content_type().as_ref().unwrap().as_str(), "application/json");
    assert_eq!((message.properties.expiration(), message.properties.delivery_mode()), (&None, &Some(2)));
    assert_eq!(handler.seen().len(), 1);
}

pub const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_message_climbs_the_retry_ladder_and_then_is_a_dead_letter() {
    let (broker, url) = broker("trigger-ladder").await;
    let handler = Recorder::new(|delivery| async move {
        if delivery.body.starts_with(b"{\"orderId\":\"bad\"") { retry("no seller is set") } else { Ok(()) }
    });
    let _trigger = Trigger::start(&url, &handler);
    publish(&broker, vec![event("bad"), event("good")]).await;
    eventually_holds(&broker, "orders.dead", 1).await;
    let letter = dead_letters(&broker).await.remove(0);
    assert_eq!((letter.cause.as_str(), letter.attempts), ("retries-exhausted", 3));
    assert_eq!((letter.id.as_str(), letter.last_error.as_deref()), ("bad", Some("no seller is set")));
    let bad = handler.bodies().iter().filter(|body| body.contains("bad")).count();
    assert_eq!((bad, handler.seen().len()), (3, 4));
    for queue in ["orders", "orders.retry.50ms", "orders.retry.100ms"] {
        eventually_holds(&broker, queue, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_handler_is_unavailable_messages_wait_and_no_attempt_is_counted() {
    const EVENTS: usize = 40;
    let (broker, url) = broker("trigger-unavailable").await;
    let is_available = Arc::new(AtomicBool::new(false));
    let asked = is_available.clone();
    let handler = Recorder::new(move |_| {
        let is_available = asked.load(Ordering::Relaxed);
        async move {
            if is_available { Ok(()) } else { Err(DeliveryError::Unavailable("no database".to_owned())) }
        }
    });
    let trigger = Trigger::start(&url, &handler);
    publish(&broker, (0..EVENTS).map(event).collect()).await;
    // All but the one that is held, after the first time that all were given back.
    eventually("messages go back to their queue", async || {
        broker.depth("orders").await.is_ok_and(|(ready, _)| ready == 39)
    })
    .await;
    let first = handler.bodies();
    assert!(first.iter().all(|body| *body == first[0]), "no other message is begun: {first:?}");
    is_available.store(true, Ordering::Relaxed);
    handler.saw(first.len() + EVENTS).await;
    eventually_holds(&broker, "orders", 0).await;
    drop(trigger);
    for queue in ["orders", "orders.isolated", "orders.retry.50ms", "orders.dead"] {
        eventually_holds(&broker, queue, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_headers_cannot_be_read_is_a_dead_letter_and_holds_up_no_other() {
    let (broker, url) = broker("trigger-nested").await;
    let handler = Recorder::content();
    let _trigger = Trigger::start(&url, &handler);
    let nested = (0..40).fold(AMQPValue::Void, |value, _| {
        let mut array = FieldArray::default();
        array.push(value);
        AMQPValue::FieldArray(array)
    });
    let mut headers = FieldTable::default();
    headers.insert("x-nested".into(), nested);
    let properties = BasicProperties::default().with_message_id("nested".into()).with_headers(headers);
    let peer = peer(&url).await;
    peer.send("orders", b"as it was", properties).await.unwrap();
    peer.send_to_queue("orders", b"next").await.unwrap();
    handler.saw(1).await;
    eventually_holds(&broker, "orders.dead", 1).await;
    let letter = dead_letters(&broker).await.remove(0);
    assert_eq!(
        (letter.id.as_str(), letter.cause.as_str(), &letter.body[..]),
        ("nested", "rejected", &b"as it was"[..])
    );
    assert!(letter.last_error.unwrap().contains("nested too deeply"));
    assert_eq!(handler.bodies(), ["next"]);
}
