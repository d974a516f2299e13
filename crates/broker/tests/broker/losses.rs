//! Queues, policies and exchanges that lose what RabbitMQ has confirmed, against a real RabbitMQ.

use std::time::Duration;

use lapin::options::{QueueBindOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::{AMQPValue, FieldTable};
use tokio::sync::OnceCell;
use waybill_broker::{Broker, BrokerConfig, Health, PublishError, QueueType, Selector};
use waybill_tests::Rabbit;

use crate::support::{
    DURABLE, broker, broker_with, config, dead_letters, event, eventually, eventually_holds, peer, publish,
    publish_one, shared, start, virtual_host,
};

type Arguments<'a> = &'a [(&'a str, AMQPValue)];

/// The node with the management API that these tests share.
async fn managed() -> &'static Rabbit {
    static MANAGED: OnceCell<Rabbit> = OnceCell::const_new();
    MANAGED.get_or_init(async || Rabbit::start_with_management().await.unwrap()).await
}

async fn managed_config(name: &str) -> (BrokerConfig, String) {
    let rabbit = managed().await;
    let url = rabbit.add_virtual_host(name).await;
    let mut config = config(&url);
    config.management = Some(rabbit.management_url().parse().unwrap());
    (config, url)
}

async fn set_policy(rabbit: &Rabbit, vhost: &str, pattern: &str, definition: &str, to: &str) {
    rabbit.ctl(&["set_policy", "-p", vhost, "test", pattern, definition, "--apply-to", to]).await;
}

/// Publishes one by one, and returns how many were confirmed.
async fn confirmed(broker: &Broker, events: usize) -> u32 {
    let mut count = 0;
    for index in 0..events {
        count += u32::from(publish_one(broker, index).await.is_ok());
    }
    count
}

/// Waits until the loss is named, and checks that nothing is published meanwhile.
async fn is_named(broker: &Broker, words: &str) {
    eventually(&format!("health names {words}"), async || {
        matches!(broker.health(), Health::Lossy { .. }) && broker.health().to_string().contains(words)
    })
    .await;
    let outcome = publish_one(broker, "refused").await;
    assert!(
        matches!(&outcome, Err(PublishError::Lossy(reason)) if reason.contains(words)),
        "{words}: {outcome:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn our_queue_refuses_what_a_policy_would_have_it_drop() {
    let (broker, _) = broker("policy-length").await;
    set_policy(shared().await, "policy-length", "^orders$", r#"{"max-length":10}"#, "queues").await;
    let kept = confirmed(&broker, 100).await;
    // A quorum queue takes a few more before it says that it is full.
    assert!((10..50).contains(&kept), "{kept}");
    eventually_holds(&broker, "orders", kept).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_policy_lets_expire_in_our_queue_is_a_dead_letter() {
    let (broker, _) = broker("policy-expiry").await;
    set_policy(shared().await, "policy-expiry", "^orders$", r#"{"message-ttl":50}"#, "queues").await;
    publish(&broker, (0..20).map(event).collect()).await;
    eventually_holds(&broker, "orders.dead", 20).await;
    let letters = dead_letters(&broker).await;
    assert!(
        letters.iter().all(|letter| letter.cause == "expired" && letter.queue == "orders"),
        "{letters:?}"
    );
    shared().await.ctl(&["clear_policy", "-p", "policy-expiry", "test"]).await;
    let report = broker.dead_letters().replay(&Selector::All, false, None).await.unwrap();
    assert_eq!(report.done, 20);
    eventually_holds(&broker, "orders", 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_a_peer_that_loses_messages_is_named_and_nothing_is_published_to_it() {
    let url = virtual_host("lossy-queues").await;
    let peer = peer(&url).await;
    let number = |number| AMQPValue::LongInt(number);
    let text = |text: &str| AMQPValue::LongString(text.into());
    let cases: [(&str, QueueDeclareOptions, Arguments<'_>); 7] = [
        ("stream", DURABLE, &[("x-queue-type", text("stream"))]),
        ("message-ttl", DURABLE, &[("x-message-ttl", number(60_000)), ("x-queue-type", text("quorum"))]),
        ("max-length", DURABLE, &[("x-max-length", number(10))]),
        (
            "max-length-bytes",
            DURABLE,
            &[("x-max-length-bytes", number(10)), ("x-overflow", text("drop-head"))],
        ),
        ("expires", DURABLE, &[("x-expires", number(600_000))]),
        ("not durable", QueueDeclareOptions { durable: false, ..DURABLE }, &[]),
        ("auto-delete", QueueDeclareOptions { auto_delete: true, ..DURABLE }, &[]),
    ];
    let delete =
        async || peer.channel.queue_delete("orders".into(), QueueDeleteOptions::default()).await.unwrap();
    for (words, options, arguments) in cases {
        let mut table = FieldTable::default();
        for (name, value) in arguments {
            table.insert((*name).into(), value.clone());
        }
        peer.channel.queue_declare("orders".into(), options, table).await.unwrap();
        let broker = start(config(&url)).await;
        is_named(&broker, words).await;
        // The repair, which needs no restart of ours.
        delete().await;
        eventually("the queue is ours now", async || broker.health().is_good()).await;
        publish(&broker, vec![event(words)]).await;
        eventually_holds(&broker, "orders", 1).await;
        broker.close().await;
        delete().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_loses_messages_is_named_while_we_run_and_nothing_is_lost() {
    const NAME: &str = "lossy-policies";
    let (mut config, url) = managed_config(NAME).await;
    // The queue of a peer, which no argument protects.
    config.queue_type = QueueType::Classic;
    let peer = peer(&url).await;
    peer.channel.queue_declare("orders".into(), DURABLE, FieldTable::default()).await.unwrap();
    let broker = start(config).await;
    let mut kept = confirmed(&broker, 20).await;
    assert_eq!(kept, 20);
    for (words, pattern, definition, to) in [
        ("max-length", "^orders$", r#"{"max-length":25}"#, "queues"),
        ("message-ttl", "^orders$", r#"{"message-ttl":3600000}"#, "queues"),
        ("expires", "^orders$", r#"{"expires":3600000}"#, "queues"),
        ("message-ttl", "^orders.dead$", r#"{"message-ttl":3600000}"#, "queues"),
        (
            "alternate exchange `amq.fanout`",
            "^waybill$",
            r#"{"alternate-exchange":"amq.fanout"}"#,
            "exchanges",
        ),
    ] {
        set_policy(managed().await, NAME, pattern, definition, to).await;
        // At once: what is accepted until the policy is seen must be kept.
        kept += confirmed(&broker, 3).await;
        is_named(&broker, words).await;
        assert_eq!(confirmed(&broker, 20).await, 0, "{words}");
        managed().await.ctl(&["clear_policy", "-p", NAME, "test"]).await;
        eventually("health is good again", async || broker.health().is_good()).await;
    }
    kept += confirmed(&broker, 5).await;
    eventually_holds(&broker, "orders", kept).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_seen_by_an_account_that_may_not_read_policies() {
    const NAME: &str = "monitored";
    let (mut config, _) = managed_config(NAME).await;
    let rabbit = managed().await;
    rabbit.ctl(&["add_user", "looker", "pa/ss"]).await;
    rabbit.ctl(&["set_user_tags", "looker", "management"]).await;
    rabbit.ctl(&["set_permissions", "-p", NAME, "looker", "", "", ".*"]).await;
    let url = rabbit.management_url().replace("guest:guest", "looker:pa%2Fss");
    config.management = Some(url.parse().unwrap());
    let broker = start(config).await;
    set_policy(rabbit, NAME, "^orders", r#"{"expires":3600000}"#, "queues").await;
    is_named(&broker, "expires").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_binding_that_the_account_may_not_make_is_named() {
    const NAME: &str = "unbound";
    let (mut config, url) = managed_config(NAME).await;
    let rabbit = managed().await;
    rabbit.ctl(&["add_user", "binder", "pass"]).await;
    rabbit.ctl(&["set_permissions", "-p", NAME, "binder", ".*", ".*", ".*"]).await;
    config.url = url.replace("guest:guest", "binder:pass").parse().unwrap();
    let broker = start(config).await;
    // A binding needs the right to write to the queue.
    rabbit.ctl(&["set_permissions", "-p", NAME, "binder", "", "^waybill$", ".*"]).await;
    let peer = peer(&url).await;
    let binding = || ("orders".into(), "waybill".into(), "order.#".into());
    let (queue, exchange, key) = binding();
    peer.channel.queue_unbind(queue, exchange, key, FieldTable::default()).await.unwrap();
    is_named(&broker, "queue `orders` is not bound to exchange `waybill` by `order.#`").await;

    let (queue, exchange, key) = binding();
    let options = QueueBindOptions::default();
    peer.channel.queue_bind(queue, exchange, key, options, FieldTable::default()).await.unwrap();
    eventually("health is good again", async || broker.health().is_good()).await;
    assert_eq!(confirmed(&broker, 3).await, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_management_api_that_does_not_answer_stops_no_event() {
    let nobody = "http://guest:guest@127.0.0.1:9".parse().unwrap();
    let (broker, _) = broker_with("no-management", |config| config.management = Some(nobody)).await;
    publish(&broker, (0..10).map(event).collect()).await;
    tokio::time::timeout(Duration::from_secs(1), publish(&broker, vec![event(11)])).await.unwrap();
    assert!(broker.health().is_good());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_queue_is_declared_again_before_it_is_needed() {
    let (broker, url) = broker("deleted-idle").await;
    let peer = peer(&url).await;
    peer.channel.queue_delete("orders".into(), QueueDeleteOptions::default()).await.unwrap();
    eventually_holds(&broker, "orders", 0).await;
    peer.channel
        .queue_unbind("orders".into(), "waybill".into(), "order.#".into(), FieldTable::default())
        .await
        .unwrap();
    eventually("the binding is there again", async || {
        let bindings =
            shared().await.ctl(&["list_bindings", "-p", "deleted-idle", "source_name", "--silent"]).await;
        bindings.contains("waybill")
    })
    .await;
    publish(&broker, vec![event(1)]).await;
}
