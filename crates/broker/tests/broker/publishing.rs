//! Topology and publishing, against a real RabbitMQ.

use std::net::TcpListener;
use std::time::Duration;

use futures::future::join_all;
use lapin::BasicProperties;
use lapin::options::{ExchangeDeleteOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use waybill_broker::{Broker, BrokerError, Health, PublishError, QueueType};
use waybill_telemetry::TraceContext;

use crate::support::{
    DURABLE, broker, broker_with, config, event, eventually, eventually_holds, peer, publish, publish_one,
    shared, start, virtual_host,
};

#[tokio::test(flavor = "multi_thread")]
async fn any_number_of_processes_declare_the_same_topology() {
    let url = virtual_host("same-topology").await;
    let brokers = join_all((0..4).map(|_| start(config(&url)))).await;
    for queue in ["orders", "orders.retry.50ms", "orders.retry.100ms", "orders.isolated", "orders.dead"] {
        assert_eq!(brokers[0].depth(queue).await, Ok((0, 0)), "{queue}");
    }
    assert_eq!(brokers[0].depth("nothing").await, Err(BrokerError::NoQueue("nothing".to_owned())));
    let types = shared().await.ctl(&["list_queues", "-p", "same-topology", "name", "type", "--silent"]).await;
    assert_eq!(types.matches("quorum").count(), 5, "{types}");
    join_all(brokers.iter().map(Broker::close)).await;
    assert!(matches!(brokers[0].health(), Health::Down { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_a_peer_declared_without_arguments_is_used_as_it_is() {
    let url = virtual_host("existing-queue").await;
    let peer = peer(&url).await;
    peer.channel.queue_declare("orders".into(), DURABLE, FieldTable::default()).await.unwrap();
    peer.send("orders", b"before", BasicProperties::default()).await.unwrap();

    let broker = start(config(&url)).await;
    publish(&broker, vec![event(1)]).await;
    eventually_holds(&broker, "orders", 2).await;
    // And so can the peer, again.
    peer.channel.queue_declare("orders".into(), DURABLE, FieldTable::default()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classic_queue_suits_a_peer_that_declares_it_without_arguments() {
    let (broker, url) = broker_with("classic", |config| config.queue_type = QueueType::Classic).await;
    let peer = peer(&url).await;
    peer.channel.queue_declare("orders".into(), DURABLE, FieldTable::default()).await.unwrap();
    publish(&broker, vec![event(1)]).await;
    eventually_holds(&broker, "orders", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_shows_both_declarations_and_ends_by_itself_when_it_is_solved() {
    let url = virtual_host("conflict").await;
    let peer = peer(&url).await;
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    peer.channel.queue_declare("orders.retry.50ms".into(), DURABLE, arguments).await.unwrap();

    let mut config = config(&url);
    config.request_timeout = Duration::from_secs(5);
    let broker = Broker::start(config).unwrap();
    let error = broker.ready().await.unwrap_err().to_string();
    assert!(error.contains("queue `orders.retry.50ms` already exists"), "{error}");
    assert!(error.contains("x-message-ttl=50"), "{error}");
    assert!(
        error.contains("inequivalent arg 'x-dead-letter-exchange'") && error.contains("current is none"),
        "{error}"
    );
    assert!(!broker.health().is_good());

    let options = QueueDeleteOptions::default();
    peer.channel.queue_delete("orders.retry.50ms".into(), options).await.unwrap();
    eventually("the broker is ready", async || broker.health().is_good()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_carries_its_properties() {
    let (broker, url) = broker("properties").await;
    let trace = TraceContext {
        traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
        tracestate: Some("vendor=1".to_owned()),
    };
    publish(&broker, vec![waybill_broker::Outgoing { trace: Some(trace.clone()), ..event("id-1") }]).await;

    let message = peer(&url).await.get("orders").await.unwrap().unwrap();
    let properties = &message.properties;
    assert_eq!((message.exchange.as_str(), message.routing_key.as_str()), ("waybill", "order.created"));
    assert_eq!(message.data, br#"{"orderId":"id-1","amount":5000}"#);
    assert_eq!(properties.message_id(), &Some("id-1".into()));
    assert_eq!(properties.kind(), &Some("order.created".into()));
    assert_eq!(properties.content_type(), &Some("application/json".into()));
    assert_eq!(properties.delivery_mode(), &Some(2));
    assert_eq!(properties.timestamp(), &Some(1_760_000_000));
    assert_eq!(properties.app_id(), &Some("waybill".into()));
    let headers = properties.headers().as_ref().unwrap().inner();
    assert_eq!(headers["traceparent"], AMQPValue::LongString(trace.traceparent.into()));
    assert_eq!(headers["tracestate"], AMQPValue::LongString("vendor=1".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_unroutable_events_of_a_batch_are_returned() {
    let (broker, _) = broker("unroutable").await;
    let is_unroutable = |index: usize| index.is_multiple_of(7) || (300..310).contains(&index);
    let batch = (0..1_000).map(|index| {
        let mut event = event(index);
        if is_unroutable(index) {
            event.event_type = "nobody.listens".to_owned();
        }
        event
    });
    let outcomes = broker.publisher().publish_batch(batch.collect()).await;
    for (index, outcome) in outcomes.iter().enumerate() {
        match outcome {
            Ok(()) => assert!(!is_unroutable(index), "{index} was confirmed"),
            Err(PublishError::Returned(text)) => {
                assert!(is_unroutable(index), "{index} was returned");
                assert!(text.contains("312 NO_ROUTE") && text.contains("nobody.listens"), "{text}");
            }
            Err(other) => panic!("{index}: {other}"),
        }
    }
    let routed = u32::try_from((0..1_000).filter(|index| !is_unroutable(*index)).count()).unwrap();
    eventually_holds(&broker, "orders", routed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_can_never_be_sent_does_not_harm_its_neighbours() {
    let (broker, _) = broker("invalid").await;
    let mut long = event("long");
    long.event_type = "x".repeat(256);
    let outcomes = broker.publisher().publish_batch(vec![event(1), long, event(2)]).await;
    assert!(matches!(outcomes[..], [Ok(()), Err(PublishError::Invalid(_)), Ok(())]), "{outcomes:?}");
    assert!(broker.publisher().publish_batch(Vec::new()).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_of_many_publishers_do_not_mix() {
    let (broker, _) = broker("many-publishers").await;
    let batches = (0..50).map(|batch| {
        let publisher = broker.publisher();
        tokio::spawn(async move {
            let events = (0..40).map(|index| {
                let mut event = event(format!("{batch}-{index}"));
                if batch % 2 == 1 {
                    event.event_type = "nobody.listens".to_owned();
                }
                event
            });
            let outcomes = publisher.publish_batch(events.collect()).await;
            outcomes
                .into_iter()
                .all(|outcome| if batch % 2 == 0 { outcome.is_ok() } else { outcome.is_err() })
        })
    });
    for right in join_all(batches).await {
        assert!(right.unwrap());
    }
    eventually_holds(&broker, "orders", 25 * 40).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_binding_or_exchange_that_someone_deleted_is_declared_again() {
    let (broker, url) = broker("deleted").await;
    let peer = peer(&url).await;
    let published = async || publish_one(&broker, 1).await.is_ok();
    assert!(published().await);

    peer.channel.queue_delete("orders".into(), QueueDeleteOptions::default()).await.unwrap();
    assert!(!published().await);
    eventually("the queue is there again", published).await;

    peer.channel
        .queue_unbind("orders".into(), "waybill".into(), "order.#".into(), FieldTable::default())
        .await
        .unwrap();
    assert!(!published().await);
    eventually("the binding is there again", published).await;

    peer.channel.exchange_delete("waybill".into(), ExchangeDeleteOptions::default()).await.unwrap();
    assert!(!published().await);
    eventually("the exchange is there again", published).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_times_out() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config(&format!("amqp://127.0.0.1:{}", silent.local_addr().unwrap().port()));
    config.request_timeout = Duration::from_millis(300);
    let broker = Broker::start(config).unwrap();
    eventually("an attempt has failed", async || broker.health().to_string().contains("no answer")).await;
    let error = broker.ready().await.unwrap_err();
    assert!(matches!(error, BrokerError::Unavailable(_)), "{error}");
    let outcome = publish_one(&broker, 1).await;
    assert!(matches!(outcome, Err(PublishError::Unavailable(_))), "{outcome:?}");
    broker.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_reported_without_the_password() {
    let url = shared().await.url().replace("guest:guest", "guest:wrong-secret");
    let broker = Broker::start(config(&url)).unwrap();
    eventually("the login has failed", async || broker.health().to_string().contains("ACCESS_REFUSED")).await;
    assert!(!broker.health().to_string().contains("wrong-secret"));
}
