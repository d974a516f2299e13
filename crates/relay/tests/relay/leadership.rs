//! A leader that is cut off without a word, and its successor.

use std::time::{Duration, Instant};

use waybill_postgres::{Database, ServerConfig};
use waybill_relay::{RelayConfig, RelayState};
use waybill_tests::{Direction, Postgres, TcpProxy};

use crate::support::{Recorder, SCHEMA, id, ids, insert, relay, run};

const LOCK_LIMIT: Duration = Duration::from_secs(3);

/// How long a successor may take: it asks for the lock every second.
const TAKE_OVER_LIMIT: Duration = Duration::from_secs(5);

async fn connect(url: &str) -> Database {
    Database::connect(ServerConfig::new(url).unwrap()).await.unwrap()
}

fn config() -> RelayConfig {
    RelayConfig { lock_limit: LOCK_LIMIT, ..RelayConfig::default() }
}

/// A server, a network before it, and a database by way of each.
async fn start() -> (Postgres, TcpProxy, [Database; 2]) {
    let postgres = Postgres::start().await.unwrap();
    let proxy = TcpProxy::start(postgres.address()).await.unwrap();
    let direct = connect(&postgres.url("orders")).await;
    direct.query_batch(SCHEMA).await.unwrap();
    let by_proxy = connect(&postgres.url_at(proxy.port(), "orders")).await;
    (postgres, proxy, [by_proxy, direct])
}

/// Lets nothing through, and closes nothing.
fn drop_packets(proxy: &TcpProxy) {
    proxy.stall(Direction::ToServer);
    proxy.stall(Direction::ToClient);
}

#[tokio::test]
async fn a_leader_that_is_cut_off_stops_before_another_takes_over_and_stands_by_afterwards() {
    let (_postgres, proxy, [by_proxy, direct]) = start().await;
    let transports = [Recorder::new(), Recorder::new()];
    insert(&direct, &ids([1])).await;
    let first = run(&by_proxy, &transports[0], config());
    first.has_delivered(1).await;
    let second = run(&direct, &transports[1], config());
    second.is(RelayState::Standby).await;

    drop_packets(&proxy);
    let cut_at = Instant::now();
    insert(&direct, &ids([2])).await;
    second.has_delivered(1).await;
    assert!(cut_at.elapsed() < TAKE_OVER_LIMIT, "{:?}", cut_at.elapsed());
    // It may still wait for a statement, but begins nothing with its answer.
    first.backs_off().await;
    assert!(first.status.health().is_err());

    proxy.heal();
    first.is(RelayState::Standby).await;
    insert(&direct, &ids([3])).await;
    second.has_delivered(2).await;
    assert_eq!(transports[0].confirmed_ids(), ids([1]));
    assert_eq!(transports[1].confirmed_ids(), ids([2, 3]));
    tokio::join!(first.stop(), second.stop());
}

#[tokio::test]
async fn a_leader_that_is_cut_off_gives_its_delivery_up_before_another_begins_it() {
    let (_postgres, proxy, [by_proxy, direct]) = start().await;
    // It fails the test when an event is delivered twice at the same time.
    let transport = Recorder::closed();
    insert(&direct, &ids([1])).await;
    let first = run(&by_proxy, &transport, config());
    transport.arrived(1).await;
    let second = run(&direct, &transport, config());
    second.is(RelayState::Standby).await;
    drop_packets(&proxy);
    transport.arrived(2).await;
    transport.open();
    second.has_delivered(1).await;
    proxy.heal();
    first.is(RelayState::Standby).await;
    assert_eq!(transport.confirmed_ids(), [id(1)]);
    tokio::join!(first.stop(), second.stop());
}

#[tokio::test]
async fn a_leader_with_nothing_to_do_keeps_its_lock() {
    let (_postgres, _proxy, [_, database]) = start().await;
    let transport = Recorder::closed();
    let never = Duration::from_hours(24);
    let seldom = RelayConfig { poll_least: never, poll_most: never, ..config() };
    let first = run(&database, &transport, seldom);
    first.is(RelayState::Active).await;
    // A delivery that takes longer than the lock limit.
    insert(&database, &ids([1])).await;
    first.waker.wake();
    transport.arrived(1).await;
    let (second, begun) = (relay(&database, &transport, config()), Instant::now());
    while begun.elapsed() < 2 * LOCK_LIMIT {
        assert!(second.step().await.unwrap().standby);
    }
    transport.open();
    first.has_delivered(1).await;
    assert_eq!(transport.confirmed_ids(), ids([1]));
    first.stop().await;
}
