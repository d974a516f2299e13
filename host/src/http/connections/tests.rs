use std::net::Ipv4Addr;

use super::*;

const KIB: usize = 1 << 10;

fn connections(connections: usize, per_address: usize) -> Connections {
    Connections::new(ConnectionLimits {
        connections,
        per_address,
        streams_per_address: 2,
        buffer_bytes: 100 * KIB,
        trusted: vec![address(99)],
    })
}

fn address(last: u8) -> IpAddr {
    Ipv4Addr::new(192, 0, 2, last).into()
}

async fn is_closed(place: &Place) -> bool {
    timeout(Duration::from_millis(1), place.connection.closed()).await.is_ok()
}

/// Has a connection receive a whole request, so that only its service can end it.
fn work(place: &Place) {
    place.connection.bytes_read(100);
    place.connection.begin_service();
}

#[tokio::test]
async fn an_idle_connection_goes_before_one_that_sends_and_none_that_is_at_work() {
    let all = connections(3, 3);
    let (working, sending, idle) = (
        all.admit(address(1)).await.unwrap(),
        all.admit(address(2)).await.unwrap(),
        all.admit(address(3)).await.unwrap(),
    );
    work(&working);
    sending.connection.bytes_read(10);
    let fourth = all.admit(address(4)).await.unwrap();
    assert!(is_closed(&idle).await && !is_closed(&sending).await);
    work(&fourth);
    let fifth = all.admit(address(5)).await.unwrap();
    assert!(is_closed(&sending).await && !is_closed(&working).await && !is_closed(&fourth).await);
    work(&fifth);
    // All are at work: the next one waits until one has ended.
    let (sixth, ()) = tokio::join!(all.admit(address(6)), async { drop(fifth) });
    assert!(sixth.is_some());
}

#[tokio::test]
async fn a_body_that_does_not_end_goes_but_not_one_that_is_complete() {
    let all = connections(2, 2);
    let (first, second) = (all.admit(address(1)).await.unwrap(), all.admit(address(1)).await.unwrap());
    work(&first);
    first.connection.read_pending();
    first.connection.bytes_read(10);
    work(&second);
    second.connection.read_pending();
    assert!(all.admit(address(2)).await.is_some());
    assert!(is_closed(&second).await && !is_closed(&first).await);
}

#[tokio::test]
async fn an_address_takes_room_from_itself_and_a_trusted_one_has_no_share() {
    let all = connections(8, 2);
    let other = all.admit(address(1)).await.unwrap();
    let (first, second) = (all.admit(address(2)).await.unwrap(), all.admit(address(2)).await.unwrap());
    work(&second);
    let third = all.admit(address(2)).await.unwrap();
    assert!(is_closed(&first).await && !is_closed(&other).await);
    work(&third);
    assert!(all.admit(address(2)).await.is_none(), "all of its share is at work");
    let mut trusted = Vec::new();
    for _ in 0..4 {
        trusted.push(all.admit(address(99)).await.unwrap());
    }
    let one_more = all.admit("::1".parse().unwrap()).await.unwrap();
    // Of others first, though the trusted ones wait too.
    drop(one_more);
    let _new = (all.admit(address(3)).await.unwrap(), all.admit(address(4)).await.unwrap());
    assert!(is_closed(&other).await && !is_closed(&trusted[0]).await);
    assert_eq!(network("2001:db8::1".parse().unwrap()), network("2001:db8::ffff".parse().unwrap()));
    assert_ne!(network("2001:db8::1".parse().unwrap()), network("2001:db8:0:1::1".parse().unwrap()));
    assert_eq!(network("::ffff:192.0.2.1".parse().unwrap()), address(1));
}

#[tokio::test]
async fn buffers_are_bounded_and_given_back() {
    let all = connections(100, 100);
    let mut places = Vec::new();
    for number in 0..10 {
        let place = all.admit(address(number)).await.unwrap();
        let held = place.connection.bytes_read(30 * KIB);
        all.hold(&place.connection, Buffer::Request, held);
        places.push(place);
    }
    let mut closed = 0;
    for place in &places {
        closed += usize::from(is_closed(place).await);
    }
    assert_eq!(closed, 7, "three buffers of 32 KiB fit into 100 KiB");
    assert!(!all.is_beyond(Buffer::Request));
    drop(places);
    assert_eq!(all.0.held[0].load(Ordering::Relaxed), 0);
    assert!(all.0.open.lock().shares.is_empty());
}

#[tokio::test]
async fn a_large_answer_goes_out_where_no_slow_client_can_be_closed() {
    let all = connections(100, 100);
    let place = all.admit(address(1)).await.unwrap();
    work(&place);
    let held = place.connection.begin_answer(Some(1 << 20));
    all.hold(&place.connection, Buffer::Answer, held);
    assert!(all.is_beyond(Buffer::Answer) && !all.is_overloaded(Buffer::Request) && !is_closed(&place).await);
    // The next read follows when all is written.
    assert!(place.connection.before_read());
    all.end_exchange(&place.connection);
    assert!(!all.is_beyond(Buffer::Answer));
}

#[tokio::test]
async fn event_streams_have_a_share_of_their_address() {
    let all = connections(100, 100);
    let mut places = Vec::new();
    for _ in 0..3 {
        places.push(all.admit(address(1)).await.unwrap());
    }
    assert!(all.begin_stream(&places[0].connection) && all.begin_stream(&places[1].connection));
    assert!(!all.begin_stream(&places[2].connection));
    let other = all.admit(address(2)).await.unwrap();
    assert!(all.begin_stream(&other.connection));
    places.remove(0);
    assert!(all.begin_stream(&places[1].connection));
    all.end_exchange(&places[0].connection);
    assert!(all.begin_stream(&places[0].connection));
}
