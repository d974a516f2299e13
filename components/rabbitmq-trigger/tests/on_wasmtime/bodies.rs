//! What is in the bodies of messages, and how large they are.

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use waybill_broker::headers;

use crate::failures::TRACE;
use crate::support::{Recorder, broker, event, eventually_holds, peer, publish};
use crate::trigger::Trigger;

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_the_largest_size_is_handled_and_a_larger_one_is_a_dead_letter_as_it_was() {
    let (broker, url) = broker("trigger-large").await;
    let handler = Recorder::content();
    let _trigger = Trigger::start(&url, &handler);
    let peer = peer(&url).await;
    let largest = vec![b'a'; 1 << 20];
    // Larger than all memory that the component may have.
    let larger: Vec<u8> = (0..24 << 20).map(|number: u32| number.to_le_bytes()[1]).collect();
    peer.send_to_queue("orders", &larger).await.unwrap();
    for _ in 0..20 {
        peer.send_to_queue("orders", &largest).await.unwrap();
    }
    handler.saw(20).await;
    assert!(handler.seen().iter().all(|delivery| delivery.body == largest));
    eventually_holds(&broker, "orders.dead", 1).await;
    let letter = peer.get("orders.dead").await.unwrap().unwrap();
    let headers = letter.properties.headers().as_ref();
    assert_eq!(headers::text(headers, headers::CAUSE).as_deref(), Some("too-large"));
    assert!(letter.data == larger, "{} bytes", letter.data.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trace_is_written_into_the_body_where_that_is_set() {
    let (broker, url) = broker("trigger-trace").await;
    publish(&broker, vec![event("untraced")]).await;
    let handler = Recorder::content();
    let peer = peer(&url).await;
    let mut headers = FieldTable::default();
    headers.insert("traceparent".into(), AMQPValue::LongString(TRACE.into()));
    let traced = BasicProperties::default().with_headers(headers);
    peer.send("orders", b"{\"amount\":5}", traced.clone()).await.unwrap();
    peer.send("orders", b"no object", traced).await.unwrap();
    let _trigger = Trigger::with(&[("BROKER_URL", &url), ("WAYBILL_TRACE_IN_BODY", "true")], &handler);
    handler.saw(3).await;
    let bodies = handler.bodies();
    assert!(!bodies[0].contains("traceparent"), "{bodies:?}");
    assert_eq!(bodies[1], format!("{{\"amount\":5,\"traceparent\":\"{TRACE}\"}}"));
    assert_eq!(bodies[2], "no object");
}
