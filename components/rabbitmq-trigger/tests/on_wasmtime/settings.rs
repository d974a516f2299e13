//! A bad setting ends the component with a sentence; a bad server does not.

use crate::support::{Recorder, eventually, virtual_host};
use crate::trigger::Trigger;

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_setting_ends_the_component_with_its_name_and_an_example() {
    for (variables, expected) in [
        (vec![], "BROKER_URL is not set; an example is `amqp://"),
        (
            vec![("BROKER_URL", "amqps://alice:s3cret@h"), ("WAYBILL_BROKER_CA", "ca.pem")],
            "WAYBILL_BROKER_CA has no certificate; an example is `-----BEGIN",
        ),
        (vec![("BROKER_URL", "amqp://alice:s3/cret@h")], "BROKER_URL contains `/`"),
        (vec![("BROKER_URL", "amqp://h"), ("WAYBILL_PREFETCH", "0")], "WAYBILL_PREFETCH is 0"),
    ] {
        let mut trigger = Trigger::with(&variables, &Recorder::content());
        assert!(trigger.ended().await.is_err());
        let said = trigger.says();
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("s3") && !said.contains("alice"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_or_refuses_us_is_tried_again() {
    let url = virtual_host("trigger-refused").await;
    let (_, server) = url.rsplit_once('@').unwrap();
    for (url, expected) in [
        ("amqp://guest:guest@127.0.0.1:1".to_owned(), "nothing listens there"),
        ("amqp://guest:guest@no.such.host.invalid".to_owned(), "cannot be resolved"),
        (format!("amqp://guest:s3cret@{server}"), "ACCESS_REFUSED"),
        (format!("{url}-other"), "not found"),
    ] {
        let trigger = Trigger::start(&url, &Recorder::content());
        eventually("two attempts", async || trigger.says().matches(expected).count() >= 2).await;
        assert!(!trigger.says().contains("s3cret"));
    }
}
