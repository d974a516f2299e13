//! The database's clock is set back: rows are as they were written before, with times that are still to come.

use std::time::Duration;

use waybill_relay::{DeliveryError, RelayConfig, Step};

use crate::support::{Recorder, database, delivers_one, id, ids, insert, number, relay, soon};

/// What an hour's step back makes of every row.
const SET_BACK: &str = "UPDATE outbox SET created_at = created_at + interval '1 hour', \
                        next_attempt_at = next_attempt_at + interval '1 hour'";

#[tokio::test]
async fn an_event_that_was_never_tried_is_due_whatever_the_clock_says() {
    let (database, transport) = (database().await, Recorder::new());
    insert(&database, &ids(1..=2)).await;
    database.query_batch(SET_BACK).await.unwrap();
    let relay = relay(&database, &transport, RelayConfig { batch_size: 1, ..RelayConfig::default() });
    assert_eq!(relay.step().await.unwrap().delivered, 1);
    assert_eq!(relay.step().await.unwrap().delivered, 1);
    assert_eq!(transport.confirmed_ids(), ids(1..=2));
}

#[tokio::test]
async fn no_event_waits_longer_than_the_longest_delay() {
    let (database, transport) = (database().await, Recorder::new());
    insert(&database, &ids(1..=2)).await;
    transport.answer(|_| Err(DeliveryError::Failed("refused".to_owned())));
    let relay = relay(&database, &transport, RelayConfig::default());
    assert_eq!(relay.step().await.unwrap().failed, 2);
    transport.answer(|_| Ok(()));
    // As long as the clock goes on as it should, they wait.
    database.query_batch("UPDATE outbox SET next_attempt_at = now() + interval '9 minutes'").await.unwrap();
    assert_eq!(relay.step().await.unwrap(), Step::default());
    database.query_batch(SET_BACK).await.unwrap();
    assert_eq!(relay.step().await.unwrap().delivered, 2);
}

#[tokio::test]
async fn an_event_that_waits_too_long_is_found_by_a_relay_that_looks_seldom() {
    let (database, transport) = (database().await, Recorder::new());
    insert(&database, &ids([1])).await;
    transport.answer(|_| Err(DeliveryError::Failed("refused".to_owned())));
    let (poll_least, poll_most) = (Duration::from_millis(1), Duration::from_hours(24));
    let relay = relay(&database, &transport, RelayConfig { poll_least, poll_most, ..RelayConfig::default() });
    relay.step().await.unwrap();
    transport.answer(|_| Ok(()));
    database.query_batch(SET_BACK).await.unwrap();
    assert!(number(&database, id(1), "extract(epoch FROM next_attempt_at - now())").await > 3000);
    delivers_one(relay).await;
}

#[tokio::test]
async fn the_age_of_the_oldest_event_grows_while_its_time_is_still_to_come() {
    let (database, transport) = (database().await, Recorder::new());
    insert(&database, &ids([1])).await;
    database.query_batch(SET_BACK).await.unwrap();
    let relay = relay(&database, &transport, RelayConfig::default());
    let status = relay.status();
    assert_eq!(status.read_bounded_depth().await.unwrap().oldest_age, Some(Duration::ZERO));
    soon(async { while status.read_bounded_depth().await.unwrap().oldest_age == Some(Duration::ZERO) {} })
        .await;
    // Another event is as old as it has been seen for.
    let seen = status.depth().await.unwrap().oldest_age.unwrap();
    relay.step().await.unwrap();
    insert(&database, &ids([2])).await;
    database.query_batch(SET_BACK).await.unwrap();
    assert!(status.depth().await.unwrap().oldest_age.unwrap() < seen);
}
