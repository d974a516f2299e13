//! The loop around the steps: waking, pipelining, backing off, stopping; and the trace of a delivery.

use std::time::Duration;

use waybill_relay::{DeliveryError, Relay, RelayConfig, RelayState};
use waybill_telemetry::{Telemetry, TelemetryConfig, TraceSettings};
use waybill_tests::OtlpSink;

use crate::support::{Recorder, TRACE, database, delivers_one, id, ids, insert, relay, remaining, run};

/// A relay that looks at the outbox only when it is woken.
fn only_when_woken() -> RelayConfig {
    let never = Duration::from_hours(24);
    RelayConfig { poll_least: never, poll_most: never, ..RelayConfig::default() }
}

/// As [`only_when_woken`], with so many events in a batch and two batches in flight.
fn two_batches_of(events: u32) -> RelayConfig {
    RelayConfig { batch_size: events, batches_at_once: 2, ..only_when_woken() }
}

#[tokio::test]
async fn the_waker_wakes_the_relay() {
    let (database, transport) = (database().await, Recorder::new());
    let running = run(&database, &transport, only_when_woken());
    running.is(RelayState::Active).await;
    for number in 1..=3 {
        insert(&database, &ids([number])).await;
        running.waker.wake();
        running.until(|report| u128::from(report.delivered) == number).await;
    }
    running.stop().await;
    assert_eq!(transport.confirmed_ids(), ids(1..=3));
}

#[tokio::test]
async fn without_a_waker_events_are_found_by_looking() {
    let (database, transport) = (database().await, Recorder::new());
    let running = run(&database, &transport, RelayConfig::default());
    running.is(RelayState::Active).await;
    insert(&database, &ids([1])).await;
    running.has_delivered(1).await;
    running.stop().await;
}

#[tokio::test]
async fn an_event_is_tried_again_when_it_is_due() {
    let (database, transport) = (database().await, Recorder::new());
    insert(&database, &ids([1])).await;
    database
        .query_batch("UPDATE outbox SET attempts = 1, next_attempt_at = now() + interval '500 ms'")
        .await
        .unwrap();
    // It looks so seldom that only the due time can be what brings it back.
    let (poll_least, poll_most) = (Duration::from_millis(1), Duration::from_hours(24));
    let relay = relay(&database, &transport, RelayConfig { poll_least, poll_most, ..RelayConfig::default() });
    delivers_one(relay).await;
}

#[tokio::test]
async fn full_batches_follow_each_other_and_no_event_is_delivered_twice() {
    let (database, transport) = (database().await, Recorder::new());
    insert(&database, &ids(1..=1003)).await;
    let running = run(&database, &transport, RelayConfig { batch_size: 10, ..only_when_woken() });
    running.has_delivered(1003).await;
    running.stop().await;
    assert_eq!(transport.confirmed_ids(), ids(1..=1003));
    assert!(remaining(&database).await.is_empty());
}

#[tokio::test]
async fn two_batches_are_in_flight_where_the_transport_takes_two() {
    let (database, transport) = (database().await, Recorder::closed());
    insert(&database, &ids(1..=1003)).await;
    let running = run(&database, &transport, two_batches_of(10));
    transport.arrived(2).await;
    running.until(|report| report.read == 30).await;
    transport.open();
    running.has_delivered(1003).await;
    running.stop().await;
    let mut confirmed = transport.confirmed_ids();
    confirmed.sort();
    assert_eq!(confirmed, ids(1..=1003));
    assert!(remaining(&database).await.is_empty());
}

#[tokio::test]
async fn of_two_batches_one_may_be_delivered_and_the_other_come_again() {
    let (database, transport) = (database().await, Recorder::closed());
    transport.answer(|event| {
        if event.id == id(1) { Err(DeliveryError::Unavailable("nobody listens".to_owned())) } else { Ok(()) }
    });
    insert(&database, &ids(1..=6)).await;
    let running = run(&database, &transport, two_batches_of(2));
    transport.arrived(2).await;
    transport.open();
    running.backs_off().await;
    // The third, which was read already, was not begun.
    assert_eq!(remaining(&database).await, ids([1, 5, 6]));
    transport.answer(|_| Ok(()));
    running.has_delivered(6).await;
    running.stop().await;
    assert_eq!(transport.confirmed_ids(), ids([2, 3, 4, 1, 5, 6]));
}

#[tokio::test]
async fn the_next_batch_is_read_while_a_full_one_is_delivered_and_both_outlive_an_outage() {
    let (database, transport) = (database().await, Recorder::closed());
    insert(&database, &ids(1..=4)).await;
    let running = run(&database, &transport, RelayConfig { batch_size: 2, ..only_when_woken() });
    transport.arrived(1).await;
    running.until(|report| report.read == 4).await;
    // What was read is delivered although the database is unavailable, and is not forgotten.
    database.query_batch("ALTER TABLE outbox RENAME TO renamed").await.unwrap();
    transport.open();
    transport.arrived(2).await;
    running.backs_off().await;
    assert!(running.status.health().is_err());
    database.query_batch("ALTER TABLE renamed RENAME TO outbox").await.unwrap();
    running.has_delivered(4).await;
    running.stop().await;
    assert_eq!(transport.confirmed_ids(), ids(1..=4));
}

#[tokio::test]
async fn the_relay_waits_for_an_unavailable_transport_and_goes_on() {
    let (database, transport) = (database().await, Recorder::new());
    transport.answer(|_| Err(DeliveryError::Unavailable("nobody listens".to_owned())));
    insert(&database, &ids(1..=2)).await;
    let running = run(&database, &transport, only_when_woken());
    let unavailable =
        |state: &RelayState| matches!(state, RelayState::BackingOff { reason } if reason.contains("nobody"));
    running.until(|report| unavailable(&report.state)).await;
    transport.arrived(2).await;
    transport.answer(|_| Ok(()));
    let report = running.has_delivered(2).await;
    assert_eq!((report.state, report.failed), (RelayState::Active, 0));
    running.stop().await;
}

#[tokio::test]
async fn a_stop_lets_the_batch_in_flight_be_confirmed() {
    let (database, transport) = (database().await, Recorder::closed());
    insert(&database, &ids(1..=3)).await;
    let running = run(&database, &transport, RelayConfig { batch_size: 2, ..only_when_woken() });
    transport.arrived(1).await;
    running.stop.cancel();
    transport.open();
    running.stop().await;
    // What was read ahead may go or stay, but what was confirmed is gone.
    let mut all = transport.confirmed_ids();
    assert!(all.starts_with(&ids([1, 2])));
    all.extend(remaining(&database).await);
    assert_eq!(all, ids(1..=3));
}

#[tokio::test]
async fn a_stop_does_not_wait_without_end() {
    let (database, transport) = (database().await, Recorder::closed());
    insert(&database, &ids([1])).await;
    let config = RelayConfig { drain_limit: Duration::from_millis(50), ..RelayConfig::default() };
    let running = run(&database, &transport, config);
    transport.arrived(1).await;
    running.stop().await;
    assert_eq!(remaining(&database).await, ids([1]));
}

#[tokio::test]
async fn the_delivery_continues_the_trace_of_the_request() {
    let (database, transport, sink) = (database().await, Recorder::new(), OtlpSink::start().await.unwrap());
    transport.answer(|event| {
        if event.id == id(2) { Err(DeliveryError::Failed("refused".to_owned())) } else { Ok(()) }
    });
    let endpoint = sink.endpoint();
    let traces = TraceSettings::from_variables(|name| {
        (name == "OTEL_EXPORTER_OTLP_ENDPOINT").then(|| endpoint.clone())
    });
    let config = TelemetryConfig { traces: traces.unwrap(), ..TelemetryConfig::default() };
    let telemetry = Telemetry::start(config).unwrap();
    insert(&database, &ids(1..=2)).await;
    let relay = Relay::new(database, transport.clone(), RelayConfig::default(), telemetry.service("orders"));
    relay.step().await.unwrap();
    telemetry.shutdown().await;

    let spans = sink.trace(&TRACE[3..35]).unwrap();
    assert_eq!(spans.len(), 4);
    let event = &transport.confirmed()[0];
    let of_event = |name: &str| {
        let id = event.id.to_string();
        let mut spans = spans.iter().filter(|span| span.name == name);
        spans.find(|span| span.attributes["messaging.message.id"] == id).unwrap()
    };
    let (wait, send) = (of_event("outbox wait"), of_event("send order.created"));
    assert_eq!(wait.parent, TRACE[36..52]);
    assert_eq!(send.parent, wait.id);
    assert!(wait.start_ns <= wait.end_ns && !send.failed);
    assert_eq!(send.attributes["messaging.system"], "in_process");
    // The receiver continues below the sending.
    let trace = event.trace.as_ref().unwrap();
    assert_eq!(trace.traceparent, format!("00-{}-{}-01", send.trace, send.id));
    assert_eq!(trace.tracestate.as_deref(), Some("vendor=1"));
    assert_eq!(spans.iter().filter(|span| span.failed).count(), 1);
}
