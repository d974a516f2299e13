//! What makes an exchange or a queue lose messages that it has confirmed.

use std::collections::{BTreeMap, BTreeSet};

/// Arguments or a policy: names without `x-`, and values as text.
pub(crate) type Definition = BTreeMap<String, String>;

/// A queue that drops a message after fewer redeliveries loses some in ordinary outages: a message leaves the queue after
/// `processor::SUSPECT` of them.
const FEW_DELIVERIES: u64 = 10;

/// What a queue is for, which decides what it may do with messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Messages stay until they are consumed.
    Kept,
    /// Messages wait until they expire, and go back.
    Retry,
}

/// A queue as RabbitMQ has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct QueueFacts {
    pub(crate) is_durable: bool,
    pub(crate) is_auto_delete: bool,
    pub(crate) is_exclusive: bool,
    pub(crate) arguments: Definition,
}

/// Why a queue can lose messages that it has confirmed, by its declaration and the policy in effect.
pub(crate) fn of_queue(name: &str, purpose: Purpose, facts: &QueueFacts, policy: &Definition) -> Vec<String> {
    let mut losses = Vec::new();
    let mut add = |fault: &str| losses.push(format!("queue `{name}` {fault}"));
    if !facts.is_durable {
        add("is not durable: a restart of RabbitMQ empties it");
    }
    if facts.is_auto_delete {
        add("is auto-delete: it goes with its last consumer");
    }
    if facts.is_exclusive {
        add("is exclusive: it goes with the connection that declared it");
    }
    let from = |setting: &str| {
        let argument = facts.arguments.get(setting).map(|value| (value, "its argument"));
        argument.or_else(|| policy.get(setting).map(|value| (value, "a policy")))
    };
    if let Some(("stream", by)) = from("queue-type").map(|(value, by)| (value.as_str(), by)) {
        add(&format!("is a stream by {by}: consumers get only what comes after they subscribed"));
    }
    if let Some((value, by)) = from("expires") {
        add(&format!("is deleted by {by} `expires` when it is unused for {value} ms"));
    }
    if let Some((value, by)) = from("message-ttl").filter(|_| purpose == Purpose::Kept) {
        add(&format!("expires messages after {value} ms by {by} `message-ttl`"));
    }
    // An argument wins over a policy.
    let refuses = from("overflow").is_some_and(|(value, _)| value.starts_with("reject-publish"));
    for setting in ["max-length", "max-length-bytes"] {
        if let Some((value, by)) = from(setting).filter(|_| !refuses) {
            add(&format!(
                "drops its oldest messages by {by} `{setting}` of {value} (overflow is not `reject-publish`)"
            ));
        }
    }
    let limit = [&facts.arguments, policy]
        .into_iter()
        .filter_map(|set| set.get("delivery-limit")?.parse::<u64>().ok());
    if let Some(limit) =
        limit.min().filter(|limit| *limit < FEW_DELIVERIES && from("dead-letter-exchange").is_none())
    {
        add(&format!("drops a message after {limit} redeliveries by `delivery-limit`"));
    }
    losses
}

/// Why an exchange can lose messages that it has confirmed.
pub(crate) fn of_exchange(name: &str, arguments: &Definition, policy: &Definition) -> Vec<String> {
    let alternate = arguments.get("alternate-exchange").or_else(|| policy.get("alternate-exchange"));
    let fault = |other| {
        format!(
            "exchange `{name}` has the alternate exchange `{other}`: a message that no queue takes is confirmed, and not returned"
        )
    };
    alternate.map(fault).into_iter().collect()
}

/// The losses by any of the policies of which one is in effect, each of them once.
pub(crate) fn of_any(policies: &[Definition], losses: impl Fn(&Definition) -> Vec<String>) -> Vec<String> {
    let all: BTreeSet<String> = policies.iter().flat_map(losses).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(pairs: &[(&str, &str)]) -> Definition {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn durable(arguments: &[(&str, &str)]) -> QueueFacts {
        QueueFacts { is_durable: true, arguments: set(arguments), ..QueueFacts::default() }
    }

    #[test]
    fn each_way_to_lose_a_message_is_named() {
        let loss = |facts: &QueueFacts, policy: &[(&str, &str)]| {
            of_queue("orders", Purpose::Kept, facts, &set(policy)).join("; ")
        };
        for (setting, value) in [
            ("max-length", "10"),
            ("max-length-bytes", "1000"),
            ("message-ttl", "1000"),
            ("expires", "1000"),
            ("delivery-limit", "1"),
            ("queue-type", "stream"),
        ] {
            let by_policy = loss(&durable(&[]), &[(setting, value)]);
            let by_argument = loss(&durable(&[(setting, value)]), &[]);
            for named in [by_policy, by_argument] {
                assert!(named.starts_with("queue `orders` "), "{setting}: {named}");
            }
        }
        assert!(loss(&QueueFacts::default(), &[]).contains("not durable"));
        assert!(loss(&QueueFacts { is_auto_delete: true, ..durable(&[]) }, &[]).contains("auto-delete"));
        assert!(loss(&QueueFacts { is_exclusive: true, ..durable(&[]) }, &[]).contains("exclusive"));
        assert_eq!(of_exchange("waybill", &set(&[]), &set(&[("alternate-exchange", "else")])).len(), 1);
        assert_eq!(of_exchange("waybill", &set(&[]), &set(&[])).len(), 0);
    }

    #[test]
    fn a_queue_that_refuses_what_does_not_fit_loses_nothing() {
        let none = Vec::<String>::new();
        let ours = durable(&[("overflow", "reject-publish"), ("dead-letter-exchange", "")]);
        let policy = set(&[("max-length", "10"), ("overflow", "drop-head"), ("delivery-limit", "3")]);
        assert_eq!(of_queue("orders", Purpose::Kept, &ours, &policy), none);
        let policy = set(&[("max-length", "10"), ("overflow", "reject-publish")]);
        assert_eq!(of_queue("orders", Purpose::Kept, &durable(&[]), &policy), none);
        let retry = durable(&[("message-ttl", "1000"), ("overflow", "reject-publish")]);
        assert_eq!(of_queue("orders.retry.1s", Purpose::Retry, &retry, &set(&[])), none);
        assert_eq!(of_queue("orders", Purpose::Kept, &durable(&[("queue-type", "quorum")]), &set(&[])), none);
    }
}
