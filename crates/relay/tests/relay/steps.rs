//! What one step does with the outbox, on a database of its own.

use std::future::pending;
use std::time::Duration;

use waybill_relay::{DeliveryError, Event, Relay, RelayConfig, RelayState, Step, Transport};
use waybill_telemetry::Service;

use crate::support::{Recorder, Running, TRACE, database, id, ids, insert, number, relay, remaining, soon};

const MS_UNTIL_DUE: &str = "extract(epoch FROM next_attempt_at - now()) * 1000";

fn refuse(event: &Event) -> Result<(), DeliveryError> {
    Err(DeliveryError::Failed(format!("event {} is refused\0", event.id)))
}

fn unavailable(_: &Event) -> Result<(), DeliveryError> {
    Err(DeliveryError::Unavailable("nobody listens".to_owned()))
}

#[tokio::test]
async fn events_are_delivered_in_the_order_of_their_identifiers_and_as_they_were_written() {
    let (database, transport) = (database().await, Recorder::new());
    insert(&database, &ids([3, 1, 5, 2, 4])).await;
    let step = relay(&database, &transport, RelayConfig::default()).step().await.unwrap();
    assert_eq!(step, Step { read: 5, delivered: 5, ..Step::default() });
    assert_eq!(transport.confirmed_ids(), ids(1..=5));
    assert!(remaining(&database).await.is_empty());

    let event = &transport.confirmed()[0];
    assert_eq!((event.event_type.as_str(), event.order_id, event.attempts), ("order.created", id(1), 0));
    assert_eq!(event.payload, br#"{ "amount":5000}"#);
    // Traces are off here, so the trace of the request passes through as it is.
    let trace = event.trace.as_ref().unwrap();
    assert_eq!((trace.traceparent.as_str(), trace.tracestate.as_deref()), (TRACE, Some("vendor=1")));
    let now_us = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros();
    assert!(now_us.abs_diff(u128::try_from(event.created_at_unix_us).unwrap()) < 60_000_000);
}

#[tokio::test]
async fn a_row_goes_only_after_its_confirmation() {
    let (database, transport) = (database().await, Recorder::closed());
    insert(&database, &ids([1])).await;
    let relay = relay(&database, &transport, RelayConfig::default());
    let confirm_later = async {
        transport.arrived(1).await;
        assert_eq!(remaining(&database).await, ids([1]));
        transport.open();
    };
    let (step, ()) = soon(async { tokio::join!(relay.step(), confirm_later) }).await;
    assert_eq!(step.unwrap().delivered, 1);
    assert!(remaining(&database).await.is_empty());
}

#[tokio::test]
async fn a_batch_has_a_size() {
    let (database, transport) = (database().await, Recorder::new());
    insert(&database, &ids(1..=5)).await;
    let relay = relay(&database, &transport, RelayConfig { batch_size: 2, ..RelayConfig::default() });
    for expected in [2, 2, 1, 0] {
        assert_eq!(relay.step().await.unwrap().delivered, expected);
    }
    assert_eq!(transport.confirmed_ids(), ids(1..=5));
}

#[tokio::test]
async fn a_batch_has_a_size_in_bytes_and_a_backlog_of_large_events_is_delivered_in_one_turn() {
    let (database, transport) = (database().await, Recorder::new());
    let relay = relay(&database, &transport, RelayConfig { batch_size: 1024, ..RelayConfig::default() });
    // More than the 64 MiB that a result may have, and an event that is larger than a batch of several may be.
    let large = "INSERT INTO outbox (id, event_type, order_id, payload) \
                 SELECT id, 'a', id, to_json(repeat('x', $2::integer)) FROM unnest($1::uuid[]) AS new (id)";
    database.rows(large, &[&ids(1..=1030), &66_000]).await.unwrap();
    database.rows(large, &[&ids([1031]), &(9 << 20)]).await.unwrap();
    let delivered = relay.step().await.unwrap().delivered;
    assert!((2..=128).contains(&delivered), "{delivered} of 66,000 bytes each");
    let running = Running::start(relay);
    running.has_delivered(1031).await;
    running.stop().await;
    assert_eq!(transport.confirmed_ids(), ids(1..=1031));
}

#[tokio::test]
async fn a_failed_event_waits_while_the_others_go() {
    let (database, transport) = (database().await, Recorder::new());
    transport.answer(|event| if event.id == id(2) { refuse(event) } else { Ok(()) });
    insert(&database, &ids(1..=3)).await;
    let relay = relay(&database, &transport, RelayConfig::default());
    let step = relay.step().await.unwrap();
    assert_eq!(step, Step { read: 3, delivered: 2, failed: 1, ..Step::default() });
    assert_eq!(transport.confirmed_ids(), ids([1, 3]));
    assert_eq!(remaining(&database).await, ids([2]));
    assert_eq!(number(&database, id(2), "attempts").await, 1);
    assert_eq!(number(&database, id(2), "(last_error LIKE '%is refused%')::integer").await, 1);
    // It is not due yet, so it is not read.
    assert_eq!(relay.step().await.unwrap(), Step::default());
}

#[tokio::test]
async fn each_failure_lengthens_the_wait_and_the_tenth_parks_the_event() {
    let (database, transport) = (database().await, Recorder::new());
    transport.answer(refuse);
    insert(&database, &ids([1])).await;
    let relay = relay(&database, &transport, RelayConfig::default());
    for attempts in 1..=10 {
        let step = relay.step().await.unwrap();
        assert_eq!((step.read, step.failed, step.parked), (1, 1, usize::from(attempts == 10)));
        assert_eq!(number(&database, id(1), "attempts").await, attempts);
        let wait_ms = number(&database, id(1), MS_UNTIL_DUE).await;
        let bound_ms = 600_000.min(1000 << attempts);
        // The time that passed since the attempt is already off.
        assert!((-20_000..=bound_ms).contains(&wait_ms), "attempt {attempts}: {wait_ms}");
        database.query_batch("UPDATE outbox SET next_attempt_at = now()").await.unwrap();
    }
    assert_eq!(relay.step().await.unwrap(), Step::default());
    let depth = relay.status().depth().await.unwrap();
    assert_eq!((depth.pending, depth.parked, depth.oldest_age), (0, 1, None));

    // An operator has dealt with the cause.
    transport.answer(|_| Ok(()));
    database.query_batch("UPDATE outbox SET set_aside_at = NULL").await.unwrap();
    assert_eq!(relay.step().await.unwrap().delivered, 1);
    let report = relay.status().report();
    assert_eq!((report.delivered, report.failed, report.parked), (1, 10, 1));
}

#[tokio::test]
async fn a_rejected_event_is_parked_at_once() {
    let (database, transport) = (database().await, Recorder::new());
    transport.answer(|event| {
        if event.id == id(1) { Err(DeliveryError::Rejected("no amount".to_owned())) } else { refuse(event) }
    });
    insert(&database, &ids(1..=2)).await;
    let relay = relay(&database, &transport, RelayConfig::default());
    let step = relay.step().await.unwrap();
    assert_eq!(step, Step { read: 2, failed: 2, parked: 1, ..Step::default() });
    for (id, parked) in [(id(1), 1), (id(2), 0)] {
        assert_eq!(number(&database, id, "(set_aside_at IS NOT NULL)::integer").await, parked);
        assert_eq!(number(&database, id, "attempts").await, 1);
    }
}

#[tokio::test]
async fn an_unavailable_transport_counts_nothing() {
    let (database, transport) = (database().await, Recorder::new());
    transport.answer(|event| if event.id == id(1) { Ok(()) } else { unavailable(event) });
    insert(&database, &ids(1..=3)).await;
    let relay = relay(&database, &transport, RelayConfig::default());
    for delivered in [1, 0] {
        let step = relay.step().await.unwrap();
        assert_eq!((step.delivered, step.failed), (delivered, 0));
        assert_eq!(step.transport_unavailable.as_deref(), Some("nobody listens"));
    }
    assert_eq!(remaining(&database).await, ids([2, 3]));
    for id in ids([2, 3]) {
        assert_eq!(number(&database, id, "attempts + (next_attempt_at > now())::integer").await, 0);
    }
    transport.answer(|_| Ok(()));
    assert_eq!(relay.step().await.unwrap(), Step { read: 2, delivered: 2, ..Step::default() });
}

#[tokio::test]
async fn what_was_delivered_before_the_database_became_unavailable_is_not_delivered_again() {
    let (database, transport) = (database().await, Recorder::closed());
    insert(&database, &ids(1..=2)).await;
    let relay = relay(&database, &transport, RelayConfig::default());
    transport.answer(|event| if event.id == id(1) { Ok(()) } else { refuse(event) });
    let break_the_database = async {
        transport.arrived(1).await;
        database.query_batch("ALTER TABLE outbox RENAME TO renamed").await.unwrap();
        transport.open();
    };
    let (step, ()) = Box::pin(soon(async { tokio::join!(relay.step(), break_the_database) })).await;
    assert!(step.unwrap_err().to_string().contains("outbox"));
    assert!(relay.step().await.is_err());

    database.query_batch("ALTER TABLE renamed RENAME TO outbox").await.unwrap();
    let step = relay.step().await.unwrap();
    assert_eq!(step, Step { read: 0, delivered: 1, failed: 1, ..Step::default() });
    assert_eq!(transport.confirmed_ids(), ids([1]));
    assert_eq!(remaining(&database).await, ids([2]));
}

#[tokio::test]
async fn a_delivery_without_an_end_times_out_and_is_retried() {
    let (database, transport) = (database().await, Recorder::closed());
    insert(&database, &ids([1])).await;
    let config = RelayConfig { delivery_limit: Duration::from_millis(50), ..RelayConfig::default() };
    let relay = relay(&database, &transport, config);
    let step = soon(relay.step()).await.unwrap();
    assert!(step.transport_unavailable.unwrap().contains("no answer within 0.05 s"));
    transport.open();
    assert_eq!(relay.step().await.unwrap().delivered, 1);
}

#[tokio::test]
async fn results_that_do_not_match_the_events_confirm_nothing() {
    struct TooFewResults;
    impl Transport for TooFewResults {
        async fn deliver(&self, _: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
            vec![Ok(())]
        }
    }
    let database = database().await;
    insert(&database, &ids(1..=2)).await;
    let relay = Relay::new(database.clone(), TooFewResults, RelayConfig::default(), Service::off());
    let step = relay.step().await.unwrap();
    assert!(step.transport_unavailable.unwrap().contains("1 results came back for 2 events"));
    assert_eq!(remaining(&database).await.len(), 2);
}

#[tokio::test]
async fn the_state_of_outbox_and_relay_can_be_asked_for() {
    let (database, transport) = (database().await, Recorder::new());
    let relay = relay(&database, &transport, RelayConfig::default());
    let status = relay.status();
    assert_eq!(status.report().state, RelayState::Starting);
    insert(&database, &ids(1..=3)).await;
    database.query_batch("UPDATE outbox SET created_at = now() - interval '1 hour'").await.unwrap();
    let depth = status.depth().await.unwrap();
    assert_eq!((depth.pending, depth.parked), (3, 0));
    let age = depth.oldest_age.unwrap();
    assert!(age >= Duration::from_hours(1) && age < Duration::from_hours(2), "{age:?}");
    relay.step().await.unwrap();
    assert_eq!(status.report().state, RelayState::Active);
    assert_eq!(status.health(), Ok(()));
}

#[tokio::test]
async fn steps_never_overlap() {
    let (database, transport) = (database().await, Recorder::closed());
    insert(&database, &ids([1])).await;
    let relay = relay(&database, &transport, RelayConfig::default());
    let open_later = async {
        transport.arrived(1).await;
        transport.open();
    };
    let (first, second, ()) = soon(async { tokio::join!(relay.step(), relay.step(), open_later) }).await;
    assert_eq!((first.unwrap().delivered, second.unwrap().delivered), (1, 0));
}

#[tokio::test]
async fn a_step_that_is_dropped_in_the_middle_leaves_everything_as_it_was() {
    let (database, stuck) = (database().await, Recorder::closed());
    insert(&database, &ids([2])).await;
    let relay = relay(&database, &stuck, RelayConfig::default());
    tokio::select! {
        _ = relay.step() => panic!("nobody has confirmed"),
        () = stuck.arrived(1) => {}
        () = pending() => {}
    }
    stuck.open();
    assert_eq!(soon(relay.step()).await.unwrap().delivered, 1);
}
