//! Several relays on one PostgreSQL server: one delivers, the others stand by.

use std::time::Duration;

use waybill_postgres::{Database, ServerConfig};
use waybill_relay::{Relay, RelayConfig, RelayError, RelayState};
use waybill_tests::{Postgres, eventually};

use crate::support::{Recorder, SCHEMA, id, ids, insert, relay, remaining, run, soon};

/// Ends every session that holds the relay's lock, and waits until it has ended.
const END_LEADER: &str =
    "SELECT pg_terminate_backend(pid, 20000) FROM pg_locks WHERE locktype = 'advisory' AND granted";

/// An event of this identifier.
const INSERT: &str = "INSERT INTO outbox (id, event_type, order_id, payload) VALUES ($1, 'a', $1, '{}')";

async fn connect(postgres: &Postgres) -> Database {
    Database::connect(ServerConfig::new(&postgres.url("orders")).unwrap()).await.unwrap()
}

/// A server with the tables.
async fn start() -> (Postgres, Database) {
    let postgres = Postgres::start().await.unwrap();
    let database = connect(&postgres).await;
    database.query_batch(SCHEMA).await.unwrap();
    (postgres, database)
}

/// Steps until this relay leads: a session that has ended may take a moment to be noticed.
async fn step_until_delivered(relay: &Relay<Recorder>) {
    let delivered = eventually("the other relay takes over", Duration::from_secs(20), async || {
        Ok(relay.step().await.is_ok_and(|step| step.delivered > 0).then_some(()))
    });
    delivered.await.unwrap();
}

#[tokio::test]
async fn one_relay_delivers_and_another_takes_over_when_its_session_ends() {
    let (postgres, first_database) = start().await;
    let second_database = connect(&postgres).await;
    let (transport, config) = (Recorder::new(), RelayConfig::default());
    let first = relay(&first_database, &transport, config.clone());
    let second = relay(&second_database, &transport, config);

    insert(&first_database, &ids([1])).await;
    assert_eq!(first.step().await.unwrap().delivered, 1);
    insert(&first_database, &ids([2])).await;
    assert!(second.step().await.unwrap().standby);
    assert_eq!(first.step().await.unwrap().delivered, 1);

    insert(&first_database, &ids([3])).await;
    postgres.client("postgres").await.unwrap().execute(END_LEADER, &[]).await.unwrap();
    step_until_delivered(&second).await;
    // The first one finds out before it delivers anything, and stands by from then on.
    insert(&first_database, &ids([4])).await;
    assert!(matches!(first.step().await, Err(RelayError::LockLost)));
    assert!(first.step().await.unwrap().standby);
    assert_eq!(second.step().await.unwrap().delivered, 1);
    assert_eq!(transport.confirmed_ids(), ids(1..=4));
}

#[tokio::test]
async fn a_relay_whose_session_ends_stops_in_the_middle_of_a_delivery() {
    let (postgres, database) = start().await;
    let stuck = Recorder::closed();
    let first = relay(&database, &stuck, RelayConfig::default());
    insert(&database, &ids([1])).await;
    let end_leader = async {
        stuck.arrived(1).await;
        postgres.client("postgres").await.unwrap().execute(END_LEADER, &[]).await.unwrap();
    };
    let (step, ()) = soon(async { tokio::join!(first.step(), end_leader) }).await;
    assert!(matches!(step, Err(RelayError::LockLost)));
    assert_eq!(remaining(&database).await, ids([1]));

    let transport = Recorder::new();
    let second_database = connect(&postgres).await;
    let second = relay(&second_database, &transport, RelayConfig::default());
    step_until_delivered(&second).await;
    assert_eq!(transport.confirmed_ids(), ids([1]));
}

#[tokio::test]
async fn a_relay_in_standby_takes_over_by_itself() {
    let (postgres, database) = start().await;
    let transport = Recorder::new();
    let first = run(&database, &transport, RelayConfig::default());
    first.is(RelayState::Active).await;
    let second = run(&connect(&postgres).await, &transport, RelayConfig::default());
    second.is(RelayState::Standby).await;
    assert_eq!(second.status.health(), Ok(()));

    insert(&database, &ids(1..=100)).await;
    first.has_delivered(100).await;
    // A relay that ends gives the lock back with its session.
    first.stop().await;
    insert(&database, &ids(101..=200)).await;
    second.has_delivered(100).await;
    second.stop().await;
    assert_eq!(transport.confirmed_ids(), ids(1..=200));
}

#[tokio::test]
async fn an_event_that_commits_late_with_a_lower_identifier_is_delivered() {
    let (postgres, database) = start().await;
    let transport = Recorder::new();
    let relay = relay(&database, &transport, RelayConfig::default());
    // This transaction has taken its identifier, and commits only after a later one was delivered.
    let mut client = postgres.client("orders").await.unwrap();
    let late = client.transaction().await.unwrap();
    late.execute(INSERT, &[&id(1)]).await.unwrap();
    insert(&database, &ids([2])).await;
    assert_eq!(relay.step().await.unwrap().delivered, 1);
    late.commit().await.unwrap();
    assert_eq!(relay.step().await.unwrap().delivered, 1);
    assert_eq!(transport.confirmed_ids(), ids([2, 1]));
    assert!(remaining(&database).await.is_empty());
}

#[tokio::test]
async fn the_relay_waits_for_an_unavailable_server() {
    let (mut postgres, database) = start().await;
    let transport = Recorder::new();
    let running = run(&database, &transport, RelayConfig::default());
    running.is(RelayState::Active).await;
    postgres.stop().await.unwrap();
    running.backs_off().await;
    postgres.restart().await.unwrap();
    insert(&connect(&postgres).await, &ids([1])).await;
    running.has_delivered(1).await;
    running.stop().await;
}
