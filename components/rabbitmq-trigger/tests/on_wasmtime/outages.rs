//! A RabbitMQ that is killed, short of memory, impatient, or encrypted. These tests share one node, one after the other.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, Semaphore};
use waybill_tests::Rabbit;

use crate::support::{
    Recorder, config, dead_letters, event, eventually, eventually_holds, peer, publish, retry, start,
};
use crate::trigger::Trigger;

async fn node() -> MutexGuard<'static, Option<Rabbit>> {
    static NODE: Mutex<Option<Rabbit>> = Mutex::const_new(None);
    let mut node = NODE.lock().await;
    if node.is_none() {
        *node = Some(Rabbit::start().await.unwrap());
    }
    node
}

/// The warnings and errors that it has logged so far.
fn log(rabbit: &Rabbit) -> String {
    let files = std::fs::read_dir(rabbit.ca_file().with_file_name("log")).unwrap();
    files.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_killed_is_waited_for_and_nothing_is_lost() {
    const EVENTS: usize = 200;
    let node = node().await;
    let rabbit = node.as_ref().unwrap();
    let url = rabbit.add_virtual_host("killed").await;
    let broker = start(config(&url)).await;
    let (handler, gate) = Recorder::gated();
    let trigger = Trigger::start(&url, &handler);
    publish(&broker, (0..EVENTS).map(event).collect()).await;
    gate.add_permits(EVENTS / 2);
    handler.saw(EVENTS / 2).await;
    rabbit.kill().await;
    gate.add_permits(EVENTS * 2);
    eventually("the loss is named", async || trigger.says().contains("no connection to RabbitMQ")).await;
    rabbit.start_again().await;
    handler.saw_distinct(EVENTS).await;
    eventually_holds(&broker, "orders", 0).await;
    // Only what was in flight, or acknowledged just before the kill, came twice.
    assert!(handler.seen().len() <= EVENTS + 20, "{}", handler.seen().len());
    drop(trigger);
    for queue in ["orders", "orders.isolated", "orders.dead"] {
        eventually_holds(&broker, queue, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_alarm_holds_up_a_copy_and_the_message_is_not_lost() {
    let node = node().await;
    let rabbit = node.as_ref().unwrap();
    let url = rabbit.add_virtual_host("alarm").await;
    let broker = start(config(&url)).await;
    let gate = Arc::new(Semaphore::new(0));
    let entered = gate.clone();
    let handler = Recorder::new(move |_| {
        let gate = entered.clone();
        async move {
            gate.acquire().await.unwrap().forget();
            retry("no")
        }
    });
    let _trigger = Trigger::start(&url, &handler);
    publish(&broker, vec![event("bad")]).await;
    handler.saw(1).await;
    rabbit.set_memory_alarm(true).await;
    gate.add_permits(3);
    eventually("the copy is held up", async || {
        let states = rabbit.ctl(&["list_connections", "vhost", "state", "--silent"]).await;
        states.lines().any(|line| line == "alarm\tblocked")
    })
    .await;
    rabbit.set_memory_alarm(false).await;
    eventually_holds(&broker, "orders.dead", 1).await;
    assert_eq!(dead_letters(&broker).await[0].attempts, 3);
    for queue in ["orders", "orders.retry.50ms", "orders.retry.100ms"] {
        eventually_holds(&broker, queue, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_that_rabbitmq_ends_is_opened_anew_and_its_message_comes_again() {
    let node = node().await;
    let rabbit = node.as_ref().unwrap();
    let url = rabbit.add_virtual_host("impatient").await;
    let broker = start(config(&url)).await;
    let (handler, gate) = Recorder::gated();
    rabbit.set_consumer_timeout(Duration::from_secs(1)).await;
    let trigger = Trigger::start(&url, &handler);
    publish(&broker, vec![event("slow")]).await;
    handler.saw(1).await;
    // The component learns of it after the call of its handler.
    eventually("RabbitMQ ends the channel", async || {
        log(rabbit).contains("delivery acknowledgement on channel 1 timed out")
    })
    .await;
    rabbit.set_consumer_timeout(Duration::from_mins(30)).await;
    gate.add_permits(2);
    handler.saw(2).await;
    eventually_holds(&broker, "orders", 0).await;
    assert!(trigger.says().contains("PRECONDITION_FAILED"), "{}", trigger.says());
    drop(trigger);
    for queue in ["orders", "orders.isolated", "orders.dead"] {
        eventually_holds(&broker, queue, 0).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn amqps_is_encrypted_and_trusts_only_the_given_authority() {
    const EVENTS: usize = 50;
    let node = node().await;
    let rabbit = node.as_ref().unwrap();
    let plain = rabbit.add_virtual_host("encrypted").await;
    let broker = start(config(&plain)).await;
    let url = rabbit.tls_url().replace("%2f", "encrypted");
    let authority = std::fs::read_to_string(rabbit.ca_file()).unwrap();
    let handler = Recorder::content();
    let trusting = [("BROKER_URL", url.as_str()), ("WAYBILL_BROKER_CA", authority.as_str())];
    let trigger = Trigger::with(&trusting, &handler);
    publish(&broker, (0..EVENTS).map(event).collect()).await;
    handler.saw_distinct(EVENTS).await;
    // Bodies of many records in both directions: this one is a dead letter.
    let large = vec![b'a'; 3 << 20];
    peer(&plain).await.send_to_queue("orders", &large).await.unwrap();
    eventually_holds(&broker, "orders.dead", 1).await;
    assert_eq!(dead_letters(&broker).await[0].body.len(), large.len());
    let protocols = rabbit.ctl(&["list_connections", "name", "ssl", "ssl_protocol", "--silent"]).await;
    assert_eq!(protocols.matches("tlsv1.3").count(), 2, "{protocols}");
    drop(trigger);

    for (url, authority, expected) in [
        // The authorities that browsers trust do not have this one.
        (url.clone(), None, "UnknownIssuer"),
        (plain.replace("amqp://guest:guest", "amqps://guest:s3cret"), Some(&authority), "TLS failed"),
        (url.replace("amqps://guest:guest", "amqp://guest:s3cret"), None, "does not speak AMQP"),
    ] {
        let mut variables = vec![("BROKER_URL", url.as_str())];
        variables.extend(authority.map(|pem| ("WAYBILL_BROKER_CA", pem.as_str())));
        let trigger = Trigger::with(&variables, &Recorder::content());
        eventually(expected, async || trigger.says().matches(expected).count() >= 2).await;
        assert!(!trigger.says().contains("s3cret"), "{}", trigger.says());
    }
}
