//! The policies of a virtual host, and which of them is in effect.
//!
//! RabbitMQ shows a queue's policy some seconds after a change, with the queue's statistics. The list of policies is right at once.

use std::collections::BTreeSet;

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::loss::Definition;

/// More than anybody sets with one priority for one queue.
const MOST_IN_EFFECT: usize = 100;

/// One policy, as the management API lists it.
#[derive(Debug, Deserialize)]
struct Policy {
    pattern: String,
    #[serde(rename = "apply-to")]
    apply_to: String,
    #[serde(default)]
    priority: i64,
    definition: Value,
}

/// Why policies cannot be read.
#[derive(Debug, Error)]
pub(crate) enum PolicyError {
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
    #[error("the pattern `{pattern}` of a policy is not understood")]
    Pattern {
        pattern: String,
        #[source]
        source: regex::Error,
    },
}

/// Policies of one kind: those of users, or those of operators.
#[derive(Debug, Default)]
pub(crate) struct Policies(Vec<(Regex, Policy)>);

/// To what a policy may apply.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    Exchange,
    /// A queue, with its type.
    Queue(&'a str),
}

impl Policies {
    /// Reads the answer of the management API.
    pub(crate) fn read(answer: Value) -> Result<Self, PolicyError> {
        let policies: Vec<Policy> = serde_json::from_value(answer)?;
        let compile = |policy: Policy| {
            // RabbitMQ's expressions know more than ours, look-ahead for instance.
            match Regex::new(&policy.pattern) {
                Ok(pattern) => Ok((pattern, policy)),
                Err(source) => Err(PolicyError::Pattern { pattern: policy.pattern, source }),
            }
        };
        policies.into_iter().map(compile).collect::<Result<_, _>>().map(Self)
    }

    /// The definitions of which one is in effect: of several policies with the highest priority RabbitMQ takes any. An empty one if no
    /// policy applies.
    fn of(&self, name: &str, target: Target<'_>) -> BTreeSet<Definition> {
        let matching = || {
            self.0
                .iter()
                .filter(|(pattern, policy)| applies(&policy.apply_to, target) && pattern.is_match(name))
        };
        let Some(highest) = matching().map(|(_, policy)| policy.priority).max() else {
            return BTreeSet::from([Definition::new()]);
        };
        let all = matching().filter(|(_, policy)| policy.priority == highest);
        all.map(|(_, policy)| definition(&policy.definition)).collect()
    }
}

/// What may be in effect of the policies of users and those of operators, which are merged: an operator's setting wins, and of two
/// limits the lower one.
pub(crate) fn in_effect(
    users: &Policies,
    operators: &Policies,
    name: &str,
    target: Target<'_>,
) -> Vec<Definition> {
    let (users, operators) = (users.of(name, target), operators.of(name, target));
    let pairs = users.iter().flat_map(|user| operators.iter().map(move |operator| merged(user, operator)));
    pairs.take(MOST_IN_EFFECT).collect()
}

fn merged(user: &Definition, operator: &Definition) -> Definition {
    let mut both = user.clone();
    for (setting, value) in operator {
        let limit = |value: &str| value.parse::<u64>().ok();
        let is_higher = both
            .get(setting)
            .and_then(|user| limit(user))
            .zip(limit(value))
            .is_some_and(|(user, operator)| user < operator);
        if !is_higher {
            both.insert(setting.clone(), value.clone());
        }
    }
    both
}

fn applies(to: &str, target: Target<'_>) -> bool {
    match target {
        Target::Exchange => matches!(to, "all" | "exchanges"),
        Target::Queue(kind) => match to {
            "all" | "queues" => true,
            "streams" => kind == "stream",
            to => to.strip_suffix("_queues") == Some(kind),
        },
    }
}

/// A JSON object of settings, without the `x-` of arguments.
pub(crate) fn definition(object: &Value) -> Definition {
    let entries = object.as_object().into_iter().flatten();
    entries
        .map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            (name.strip_prefix("x-").unwrap_or(name).to_owned(), value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(pattern: &str, apply_to: &str, priority: i64, definition: &Value) -> Value {
        json!({"name": "p", "vhost": "/", "pattern": pattern, "apply-to": apply_to, "priority": priority, "definition": definition})
    }

    #[test]
    fn the_policy_with_the_highest_priority_is_in_effect() {
        let policies = Policies::read(json!([
            policy("^orders$", "queues", 0, &json!({"max-length": 10})),
            policy("^orders", "quorum_queues", 5, &json!({"message-ttl": 1000})),
            policy(".*", "exchanges", 9, &json!({"alternate-exchange": "else"})),
        ]))
        .unwrap();
        for (name, target, expected) in [
            ("orders", Target::Queue("quorum"), json!({"message-ttl": 1000})),
            ("orders", Target::Queue("classic"), json!({"max-length": 10})),
            ("other", Target::Queue("quorum"), json!({})),
            ("waybill", Target::Exchange, json!({"alternate-exchange": "else"})),
        ] {
            assert_eq!(policies.of(name, target), [definition(&expected)].into(), "{name}");
        }
        assert!(
            Policies::read(json!([policy("(?!x)", "all", 0, &json!({}))]))
                .unwrap_err()
                .to_string()
                .contains("(?!x)")
        );
    }
    #[test]
    fn each_policy_that_may_be_in_effect_counts() {
        let read = |policies: Value| Policies::read(policies).unwrap();
        let users = read(json!([
            policy("orders", "all", 0, &json!({"max-length": 10})),
            policy("^orders$", "queues", 0, &json!({"overflow": "reject-publish", "delivery-limit": 3})),
        ]));
        let operators =
            read(json!([policy("", "all", 0, &json!({"delivery-limit": 20, "overflow": "drop-head"}))]));
        let found = in_effect(&users, &operators, "orders", Target::Queue("quorum"));
        let expected = [
            json!({"delivery-limit": 3, "overflow": "drop-head"}),
            json!({"delivery-limit": 20, "max-length": 10, "overflow": "drop-head"}),
        ];
        assert_eq!(found, expected.map(|of| definition(&of)));
    }
}
