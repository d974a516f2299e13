//! How fast publishing is, next to a bare publisher with the same confirms. It takes the machine for itself:
//! `cargo test -p waybill-broker --test broker -- speed --ignored --nocapture`.

use std::time::Instant;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lapin::BasicProperties;
use lapin::options::BasicPublishOptions;
use waybill_tests::Peer;

use crate::support::{broker, event, peer, publish};

const EVENTS: u32 = 20_000;
const BATCH: u32 = 1_000;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures"]
async fn publishing_is_nearly_as_fast_as_a_bare_publisher() {
    let (broker, url) = broker("speed").await;
    let peer = peer(&url).await;
    publish(&broker, vec![event("warm")]).await;
    let mut best = 0.0_f64;
    for round in 1..=3 {
        let bare = bare(&peer).await;
        let ours = Instant::now();
        for batch in 0..EVENTS / BATCH {
            publish(&broker, (0..BATCH).map(|index| event(batch * BATCH + index)).collect()).await;
        }
        let ours = f64::from(EVENTS) / ours.elapsed().as_secs_f64();
        println!("round {round}: bare {bare:.0}/s, ours {ours:.0}/s, ratio {:.2}", ours / bare);
        best = best.max(ours / bare);
    }
    assert!(best >= 0.8, "only {best:.2} of the bare publisher's rate");
}

/// One channel, 256 unconfirmed messages, each message written before the next.
async fn bare(peer: &Peer) -> f64 {
    let options = BasicPublishOptions { mandatory: true, ..Default::default() };
    let start = Instant::now();
    let mut unconfirmed = FuturesUnordered::new();
    for index in 0..EVENTS {
        let event = event(index);
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_message_id(event.message_id.into())
            .with_type("order.created".into())
            .with_content_type("application/json".into())
            .with_timestamp(event.created_at_unix_s)
            .with_app_id("waybill".into());
        let route = ("waybill".into(), "order.created".into());
        let sent = peer.channel.basic_publish(route.0, route.1, options, &event.body, properties);
        unconfirmed.push(sent.await.unwrap());
        if unconfirmed.len() >= 256 {
            unconfirmed.next().await.unwrap().unwrap();
        }
    }
    while let Some(confirmation) = unconfirmed.next().await {
        confirmation.unwrap();
    }
    f64::from(EVENTS) / start.elapsed().as_secs_f64()
}
