//! Messages that others wrote and no parser of ours may read, against a real RabbitMQ. It takes them, so they are published by itself: no
//! client writes them.

use waybill_broker::Selector;
use waybill_tests::Rabbit;

use crate::support::{
    Recorder, broker, config, consume, dead_letters, event, eventually, eventually_holds, publish, shared,
    start,
};

/// Headers in Erlang: arrays or tables that lie in each other, and a name that is not UTF-8.
const UNREADABLE: [&str; 3] = [
    "[{<<\"deep\">>, array, lists:foldl(fun(_, Inner) -> [{array, Inner}] end, [], lists:seq(1, 1000))}]",
    "[{<<\"deep\">>, table, lists:foldl(fun(_, Inner) -> [{<<\"in\">>, table, Inner}] end, [], lists:seq(1, 1000))}]",
    "[{<<255, 254>>, longstr, <<\"value\">>}]",
];

async fn publish_foreign(virtual_host: &str, exchange: &str, key: &str, headers: &str, text: &str) {
    publish_to(shared().await, virtual_host, exchange, key, headers, text).await;
}

/// Publishes a message, `foreign`, with these headers and another text in its properties.
async fn publish_to(
    rabbit: &Rabbit,
    virtual_host: &str,
    exchange: &str,
    key: &str,
    headers: &str,
    text: &str,
) {
    let expression = format!(
        "rabbit_basic:publish(rabbit_misc:r(<<\"{virtual_host}\">>, exchange, <<\"{exchange}\">>), {key}, \
         {{'P_basic', {text}, undefined, {headers}, 2, undefined, {text}, {text}, undefined, {text}, undefined, {text}, \
         undefined, {text}, undefined}}, <<\"foreign\">>)."
    );
    let answer = rabbit.ctl(&["eval", &expression]).await;
    assert!(answer.contains("ok"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_unreadable_headers_is_a_dead_letter_and_holds_up_no_other() {
    let (broker, _) = broker("foreign-headers").await;
    let handler = Recorder::content();
    let consumer = consume(&broker, &handler);
    let queues = ["orders", "orders.isolated", "orders.retry.50ms"];
    let mut count = 0;
    for headers in UNREADABLE {
        for queue in queues {
            let key = format!("<<\"{queue}\">>");
            publish_foreign("foreign-headers", "", &key, headers, "<<\"text\">>").await;
            count += 1;
            eventually_holds(&broker, "orders.dead", count).await;
        }
    }
    publish(&broker, vec![event("next")]).await;
    handler.saw(1).await;
    for letter in dead_letters(&broker).await {
        assert_eq!((letter.cause.as_str(), &letter.body[..]), ("rejected", &b"foreign"[..]));
        assert!(letter.last_error.unwrap().contains("nested too deeply"));
    }
    assert_eq!(handler.seen().len(), 1);

    // Their headers are lost, and what is left can be handled.
    let replayed = broker.dead_letters().replay(&Selector::All, false, None).await.unwrap();
    assert_eq!(replayed.done, 9);
    handler.saw(10).await;
    assert_eq!(handler.bodies()[1..], ["foreign"; 9]);
    consumer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_with_unreadable_headers_is_listed_and_discarded() {
    let (broker, _) = broker("foreign-dead-letters").await;
    for headers in UNREADABLE {
        publish_foreign("foreign-dead-letters", "", "<<\"orders.dead\">>", headers, "<<255, 254>>").await;
    }
    eventually_holds(&broker, "orders.dead", 3).await;
    let letters = dead_letters(&broker).await;
    assert_eq!(letters.len(), 3);
    assert!(letters.iter().all(|letter| letter.body == b"foreign"[..]), "{letters:?}");
    let discarded = broker.dead_letters().discard(&Selector::All, false, "a test").await.unwrap();
    assert_eq!(discarded.done, 3);
    eventually_holds(&broker, "orders.dead", 0).await;
    assert!(broker.health().is_good());
}

#[tokio::test(flavor = "multi_thread")]
async fn properties_and_routing_keys_that_are_not_utf_8_are_handled() {
    let (broker, _) = broker("foreign-text").await;
    let handler = Recorder::content();
    let consumer = consume(&broker, &handler);
    let headers = "[{<<\"bytes\">>, longstr, <<255, 254>>}]";
    publish_foreign("foreign-text", "waybill", "<<\"order.\", 255, 254>>", headers, "<<255, 254>>").await;
    handler.saw(1).await;
    let delivery = handler.seen().remove(0);
    assert_eq!(delivery.message_id.as_deref(), Some("\u{fffd}\u{fffd}"));
    eventually_holds(&broker, "orders", 0).await;
    eventually_holds(&broker, "orders.dead", 0).await;
    consumer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_a_limit_on_frames_gets_ours_and_one_with_small_frames_is_named() {
    let rabbit = Rabbit::start().await.unwrap();
    let limit = async |bytes: u32| {
        rabbit.ctl(&["eval", &format!("application:set_env(rabbit, frame_max, {bytes}).")]).await;
        rabbit.ctl(&["close_all_connections", "frame_max has changed"]).await;
    };
    limit(0).await;
    let broker = start(config(&rabbit.url())).await;
    publish(&broker, vec![event(1)]).await;
    eventually_holds(&broker, "orders", 1).await;
    // What a publisher may send then is more than ours can take.
    let handler = Recorder::content();
    let consumer = consume(&broker, &handler);
    let headers = "[{<<\"large\">>, longstr, binary:copy(<<\"v\">>, 200000)}]";
    publish_to(&rabbit, "/", "", "<<\"orders\">>", headers, "<<\"text\">>").await;
    eventually_holds(&broker, "orders.dead", 1).await;
    consumer.stop().await;
    assert_eq!(dead_letters(&broker).await[0].cause, "rejected");

    limit(8192).await;
    eventually("health names the limit", async || {
        broker.health().to_string().contains("frames of up to 8192 bytes, less than 98304")
    })
    .await;
    limit(131_072).await;
    eventually("health is good again", async || broker.health().is_good()).await;
    publish(&broker, vec![event(2)]).await;
}
