//! Listing, replaying and discarding dead letters, against a real RabbitMQ.

use std::time::Duration;

use futures::StreamExt;
use lapin::BasicProperties;
use lapin::options::QueueDeleteOptions;
use waybill_broker::{
    Broker, BrokerError, DeadLetter, DeliveryError, Edit, PublishError, Report, Selector, headers,
};

use crate::support::{
    Recorder, broker, config, consume, dead_letters as list, event, eventually_holds, peer, publish, start,
};

fn ids(letters: &[DeadLetter]) -> Vec<&str> {
    letters.iter().map(|letter| letter.id.as_str()).collect()
}

/// Publishes events that all become dead letters, in this order.
async fn dead_letter(broker: &Broker, ids: &[&str]) {
    let handler = Recorder::new(|_| async { Err(DeliveryError::Rejected("no such customer".to_owned())) });
    let consumer = consume(broker, &handler);
    for (index, id) in ids.iter().enumerate() {
        publish(broker, vec![event(id)]).await;
        eventually_holds(broker, "orders.dead", u32::try_from(index).unwrap() + 1).await;
    }
    consumer.stop().await;
}

/// Consumes until so many were handled.
async fn handle(broker: &Broker, count: usize) -> Recorder {
    let handler = Recorder::content();
    let consumer = consume(broker, &handler);
    handler.saw(count).await;
    consumer.stop().await;
    handler
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_leaves_dead_letters_in_their_order() {
    let (broker, url) = broker("reading").await;
    assert_eq!(list(&broker).await, []);
    dead_letter(&broker, &["a", "b", "c"]).await;
    let dead_letters = broker.dead_letters();
    for _ in 0..3 {
        assert_eq!(ids(&list(&broker).await), ["a", "b", "c"]);
        eventually_holds(&broker, "orders.dead", 3).await;
        assert_eq!(dead_letters.get("b").await.unwrap().unwrap().id, "b");
        eventually_holds(&broker, "orders.dead", 3).await;
    }
    assert_eq!(dead_letters.get("nobody").await.unwrap(), None);
    eventually_holds(&broker, "orders.dead", 3).await;

    // What someone else put there has a name as well.
    peer(&url).await.send("orders.dead", b"foreign", BasicProperties::default()).await.unwrap();
    let letters = list(&broker).await;
    assert_eq!(letters.len(), 4);
    assert!(letters[3].id.starts_with("body-"), "{:?}", letters[3]);
    assert_eq!((letters[3].cause.as_str(), letters[3].queue.as_str()), ("unknown", "orders"));
    eventually_holds(&broker, "orders.dead", 4).await;
    assert_eq!(dead_letters.get(&letters[3].id).await.unwrap().as_ref(), Some(&letters[3]));
    eventually_holds(&broker, "orders.dead", 4).await;

    // A reader that breaks off loses nothing but the order.
    let mut letters = Box::pin(dead_letters.list().await.unwrap());
    assert_eq!(letters.next().await.unwrap().unwrap().id, "a");
    drop(letters);
    eventually_holds(&broker, "orders.dead", 4).await;
    assert_eq!(list(&broker).await.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replayed_dead_letter_begins_again() {
    let (broker, url) = broker("replay").await;
    dead_letter(&broker, &["a", "b", "c"]).await;
    let dead_letters = broker.dead_letters();
    let id = |id: &str| Selector::Id(id.to_owned());

    let dry = dead_letters.replay(&Selector::All, true, None).await.unwrap();
    assert_eq!(dry, Report { matched: 3, done: 0 });
    eventually_holds(&broker, "orders.dead", 3).await;
    eventually_holds(&broker, "orders", 0).await;

    let one = dead_letters.replay(&id("b"), false, None).await.unwrap();
    assert_eq!(one, Report { matched: 1, done: 1 });
    // Safe to repeat: there is nothing left to do.
    assert_eq!(dead_letters.replay(&id("b"), false, None).await.unwrap(), Report::default());
    eventually_holds(&broker, "orders.dead", 2).await;
    let handler = handle(&broker, 1).await;
    let delivery = handler.seen().remove(0);
    assert_eq!((delivery.subject.as_str(), delivery.attempt), ("order.created", 1));
    assert_eq!(delivery.message_id.as_deref(), Some("b"));

    let cause = |cause: &str| Selector::Cause(cause.to_owned());
    assert_eq!(dead_letters.replay(&cause("crash-loop"), false, None).await.unwrap(), Report::default());
    eventually_holds(&broker, "orders.dead", 2).await;
    let rest = dead_letters.replay(&cause("rejected"), false, None).await.unwrap();
    assert_eq!(rest, Report { matched: 2, done: 2 });
    eventually_holds(&broker, "orders.dead", 0).await;
    let raw = peer(&url).await.get("orders").await.unwrap().unwrap();
    let names = raw.properties.headers().iter().flatten().map(|(name, _)| name.to_string());
    // A quorum queue counts deliveries from 0.
    let names: Vec<_> = names.filter(|name| name != "x-delivery-count").collect();
    assert_eq!(names, [headers::QUEUE, headers::SUBJECT]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_replayed_in_chunks_and_those_that_fail_again_are_met_once() {
    let (broker, _) = broker("replay-many").await;
    let ids: Vec<_> = (0..150).map(|index| index.to_string()).collect();
    let handler = Recorder::new(|_| async { Err(DeliveryError::Rejected("no".to_owned())) });
    let consumer = consume(&broker, &handler);
    publish(&broker, ids.iter().map(event).collect()).await;
    eventually_holds(&broker, "orders.dead", 150).await;
    // They are rejected again while the replay goes on.
    let report = broker.dead_letters().replay(&Selector::All, false, None).await.unwrap();
    assert_eq!(report, Report { matched: 150, done: 150 });
    handler.saw(300).await;
    eventually_holds(&broker, "orders.dead", 150).await;
    consumer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_keeps_the_first_body_and_who_changed_it() {
    let (broker, _) = broker("edit").await;
    dead_letter(&broker, &["a"]).await;
    let original = list(&broker).await.remove(0).body;
    eventually_holds(&broker, "orders.dead", 1).await;
    let dead_letters = broker.dead_letters();
    let edit = |body: &'static str| Edit { body: body.into(), by: "alice".to_owned() };

    let all = dead_letters.replay(&Selector::All, false, Some(&edit("{}"))).await;
    assert!(matches!(all, Err(BrokerError::Invalid(_))), "{all:?}");

    let handler = Recorder::new(|_| async { Err(DeliveryError::Rejected("no".to_owned())) });
    for (round, body) in ["first", "second"].into_iter().enumerate() {
        let report =
            dead_letters.replay(&Selector::Id("a".to_owned()), false, Some(&edit(body))).await.unwrap();
        assert_eq!(report, Report { matched: 1, done: 1 });
        let consumer = consume(&broker, &handler);
        handler.saw(round + 1).await;
        eventually_holds(&broker, "orders.dead", 1).await;
        consumer.stop().await;
        let letter = list(&broker).await.remove(0);
        assert_eq!(letter.body, body);
        assert_eq!(letter.original_body.as_deref(), Some(&original[..]));
        assert_eq!(letter.headers[headers::EDITED_BY], "alice");
        assert!(letter.headers.contains_key(headers::EDITED_AT));
        eventually_holds(&broker, "orders.dead", 1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn discarding_needs_a_reason_and_takes_only_what_is_meant() {
    let (broker, _) = broker("discard").await;
    dead_letter(&broker, &["a", "b", "c"]).await;
    let dead_letters = broker.dead_letters();
    let b = Selector::Id("b".to_owned());
    assert!(matches!(dead_letters.discard(&b, false, " ").await, Err(BrokerError::Invalid(_))));
    assert_eq!(dead_letters.discard(&b, true, "test order").await.unwrap(), Report { matched: 1, done: 0 });
    eventually_holds(&broker, "orders.dead", 3).await;
    assert_eq!(dead_letters.discard(&b, false, "test order").await.unwrap(), Report { matched: 1, done: 1 });
    eventually_holds(&broker, "orders.dead", 2).await;
    assert_eq!(ids(&list(&broker).await), ["a", "c"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_replayed_stays() {
    let (broker, url) = broker("replay-fails").await;
    dead_letter(&broker, &["a"]).await;
    let peer = peer(&url).await;
    peer.channel.queue_delete("orders".into(), QueueDeleteOptions::default()).await.unwrap();
    let dead_letters = broker.dead_letters();
    let error = dead_letters.replay(&Selector::All, false, None).await.unwrap_err();
    let BrokerError::Replay(PublishError::Returned(reason)) = error else { panic!("{error:?}") };
    assert!(reason.contains("NO_ROUTE"), "{reason}");
    eventually_holds(&broker, "orders.dead", 1).await;
    // The failure had the queue declared again.
    assert_eq!(
        dead_letters.replay(&Selector::All, false, None).await.unwrap(),
        Report { matched: 1, done: 1 }
    );
    handle(&broker, 1).await;
    eventually_holds(&broker, "orders.dead", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_hide_nothing_from_each_other_nor_from_a_replay() {
    const LETTERS: usize = 500;
    let (broker, url) = broker("readers").await;
    let handler = Recorder::new(|_| async { Err(DeliveryError::Rejected("no".to_owned())) });
    let consumer = consume(&broker, &handler);
    publish(&broker, (0..LETTERS).map(event).collect()).await;
    eventually_holds(&broker, "orders.dead", 500).await;
    consumer.stop().await;

    // Each in a process of its own, as far as RabbitMQ can see; one of them has two readers.
    let (first, second) = (start(config(&url)).await, start(config(&url)).await);
    let readers = [&first, &second, &second].map(|broker| {
        let letters = broker.dead_letters();
        tokio::spawn(async move {
            let mut seen = Vec::new();
            for _ in 0..4 {
                seen.push(letters.list().await.unwrap().count().await);
                let dry = letters.replay(&Selector::All, true, None).await.unwrap();
                seen.push(usize::try_from(dry.matched).unwrap());
                // A reader that breaks off.
                let _ = tokio::time::timeout(Duration::from_millis(5), letters.get("7")).await;
            }
            seen
        })
    });
    handler.saw(LETTERS).await;
    let report = broker.dead_letters().replay(&Selector::All, false, None).await.unwrap();
    assert_eq!(report, Report { matched: 500, done: 500 });
    for reader in readers {
        let seen = reader.await.unwrap();
        assert!(
            seen.iter().all(|count| [0, LETTERS].contains(count)),
            "all before the replay, or none: {seen:?}"
        );
    }
    eventually_holds(&broker, "orders", 500).await;
    eventually_holds(&broker, "orders.dead", 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_hides_nothing() {
    let (broker, url) = broker("slow-reader").await;
    dead_letter(&broker, &["a", "b", "c"]).await;
    let other = start(config(&url)).await;
    let mut slow = Box::pin(broker.dead_letters().list().await.unwrap());
    assert_eq!(slow.next().await.unwrap().unwrap().id, "a");
    assert_eq!(ids(&list(&other).await), ["a", "b", "c"]);
    assert_eq!(slow.count().await, 2);
}
