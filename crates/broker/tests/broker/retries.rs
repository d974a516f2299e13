//! Attempts, the retry ladder, and dead letters.

use std::time::Duration;

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use waybill_broker::{DeliveryError, Outgoing};
use waybill_telemetry::TraceContext;

use crate::support::{
    Recorder, broker, broker_with, consume, dead_letters, event, eventually_holds, peer, publish, retry,
};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_delivered_with_subject_id_and_trace_and_acknowledged() {
    let (broker, _) = broker("delivered").await;
    let trace = TraceContext::new(TRACEPARENT, None).unwrap();
    let handler = Recorder::content();
    let consumer = consume(&broker, &handler);
    publish(&broker, vec![Outgoing { trace: Some(trace.clone()), ..event("id-1") }]).await;
    handler.saw(1).await;
    consumer.stop().await;

    let delivery = handler.seen().remove(0);
    assert_eq!(delivery.subject, "order.created");
    assert_eq!(delivery.message_id.as_deref(), Some("id-1"));
    assert_eq!(delivery.trace, Some(trace));
    assert_eq!(delivery.attempt, 1);
    eventually_holds(&broker, "orders", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_message_has_the_name_of_the_queue_as_subject_at_every_attempt() {
    let (broker, url) = broker("plain").await;
    let handler =
        Recorder::new(
            |delivery| async move { if delivery.attempt == 1 { retry("once more") } else { Ok(()) } },
        );
    let consumer = consume(&broker, &handler);
    peer(&url).await.send("orders", b"{}", BasicProperties::default()).await.unwrap();
    handler.saw(2).await;
    consumer.stop().await;
    let seen = handler.seen();
    assert_eq!((seen[0].subject.as_str(), seen[1].subject.as_str()), ("orders", "orders"));
    assert_eq!((seen[0].message_id.as_deref(), seen[1].attempt), (None, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_message_walks_the_ladder_and_then_succeeds() {
    let (broker, _) = broker("ladder").await;
    let handler =
        Recorder::new(|delivery| async move { if delivery.attempt < 3 { retry("not yet") } else { Ok(()) } });
    let trace = TraceContext::new(TRACEPARENT, Some("a=b")).unwrap();
    let consumer = consume(&broker, &handler);
    publish(&broker, vec![Outgoing { trace: Some(trace.clone()), ..event("id-1") }]).await;
    handler.saw(3).await;
    consumer.stop().await;

    for (index, delivery) in handler.seen().into_iter().enumerate() {
        assert_eq!(delivery.attempt as usize, index + 1);
        assert_eq!(delivery.subject, "order.created");
        assert_eq!(delivery.message_id.as_deref(), Some("id-1"));
        assert_eq!(delivery.trace.as_ref(), Some(&trace));
    }
    for queue in ["orders", "orders.retry.50ms", "orders.retry.100ms", "orders.dead"] {
        eventually_holds(&broker, queue, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_failure_and_a_rejection_end_as_dead_letters_and_block_no_other_message() {
    let (broker, url) = broker("poison").await;
    let handler = Recorder::new(|delivery: waybill_broker::Delivery| async move {
        match delivery.message_id.as_deref() {
            Some("never") => retry(&"ö".repeat(900)),
            Some("rejected") => Err(DeliveryError::Rejected("no such customer".to_owned())),
            Some("panics") => panic!("the handler has a fault"),
            None => Err(DeliveryError::Rejected("no id".to_owned())),
            Some(_) => Ok(()),
        }
    });
    let consumer = consume(&broker, &handler);
    let peer = peer(&url).await;
    peer.send("orders", b"anonymous", BasicProperties::default()).await.unwrap();
    publish(&broker, ["never", "rejected", "panics", "good-1", "good-2"].map(event).to_vec()).await;
    eventually_holds(&broker, "orders.dead", 4).await;
    consumer.stop().await;
    eventually_holds(&broker, "orders", 0).await;

    let letters = dead_letters(&broker).await;
    let find = |id: &str| {
        letters.iter().find(|letter| letter.id == id).unwrap_or_else(|| panic!("{id}: {letters:?}"))
    };
    let never = find("never");
    assert_eq!(
        (never.cause.as_str(), never.attempts, never.queue.as_str()),
        ("retries-exhausted", 3, "orders")
    );
    assert_eq!(never.last_error.as_ref().unwrap().len(), 1_000);
    assert_eq!(never.subject, "order.created");
    assert!(never.first_failed_at.as_ref().unwrap() <= never.failed_at.as_ref().unwrap());
    let rejected = find("rejected");
    assert_eq!((rejected.cause.as_str(), rejected.attempts), ("rejected", 1));
    assert_eq!(rejected.last_error.as_deref(), Some("no such customer"));
    assert_eq!(find("panics").last_error.as_deref(), Some("the handler panicked"));
    let anonymous = letters.iter().find(|letter| letter.body == "anonymous").unwrap();
    assert_eq!(anonymous.id.len(), 36, "{}", anonymous.id);
    assert_eq!(anonymous.subject, "orders");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_peer_sends_along_cannot_harm_the_retry() {
    let (broker, url) = broker("hostile").await;
    let handler = Recorder::new(|delivery| async move {
        if delivery.attempt == 1 { retry("once more") } else { Err(DeliveryError::Rejected("no".to_owned())) }
    });
    let consumer = consume(&broker, &handler);
    let peer = peer(&url).await;
    let mut headers = FieldTable::default();
    headers.insert("huge".into(), AMQPValue::LongString("x".repeat(120_000).into()));
    headers.insert("x-waybill-attempt".into(), AMQPValue::LongString("many".into()));
    let huge = BasicProperties::default().with_headers(headers).with_user_id("guest".into());
    peer.send("orders", b"huge", huge.with_reply_to("amq.rabbitmq.reply-to.x".into())).await.unwrap();
    let mut headers = FieldTable::default();
    let others = vec![AMQPValue::LongString("orders".into())];
    headers.insert("CC".into(), AMQPValue::FieldArray(others.into()));
    headers.insert("kept".into(), AMQPValue::LongString("yes".into()));
    let expiring = BasicProperties::default().with_expiration("60000".into());
    peer.send("orders", b"twice", expiring.with_headers(headers)).await.unwrap();

    // Carried along to the retry queue, the `CC` would make a copy with each retry.
    eventually_holds(&broker, "orders.dead", 2).await;
    consumer.stop().await;
    eventually_holds(&broker, "orders", 0).await;
    let letters = dead_letters(&broker).await;
    assert_eq!(letters.len(), 2);
    for letter in &letters {
        assert!(!letter.headers.contains_key("CC") && !letter.headers.contains_key("x-death"), "{letter:?}");
        assert_eq!(letter.headers.contains_key("kept"), letter.body == "twice", "{letter:?}");
    }
    let raw = peer.get("orders.dead").await.unwrap().unwrap();
    assert_eq!((raw.properties.expiration(), raw.properties.user_id()), (&None, &None));
    assert_eq!(raw.properties.delivery_mode(), &Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_not_handled() {
    let (broker, url) = broker_with("large", |config| config.max_body_bytes = 200_000).await;
    let handler = Recorder::content();
    let consumer = consume(&broker, &handler);
    let peer = peer(&url).await;
    for size in [200_001, 200_000] {
        peer.send("orders", &vec![b'x'; size], BasicProperties::default()).await.unwrap();
    }
    handler.saw(1).await;
    eventually_holds(&broker, "orders.dead", 1).await;
    consumer.stop().await;
    let letter = dead_letters(&broker).await.remove(0);
    assert_eq!((letter.cause.as_str(), letter.body.len(), letter.attempts), ("too-large", 200_001, 0));
    assert_eq!(handler.seen()[0].body.len(), 200_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_takes_too_long_is_tried_again() {
    let limit = Duration::from_millis(100);
    let (broker, _) = broker_with("slow", |config| config.handling_timeout = limit).await;
    let handler = Recorder::new(|delivery| async move {
        if delivery.attempt == 1 { std::future::pending().await } else { Ok(()) }
    });
    let consumer = consume(&broker, &handler);
    publish(&broker, vec![event(1)]).await;
    handler.saw(2).await;
    consumer.stop().await;
    assert_eq!(handler.seen()[1].attempt, 2);
}
