//! The policies of a virtual host, and which of them is in effect.
//!
//! RabbitMQ shows a queue's policy some seconds after a change, with the queue's statistics. The list of policies is right at once.

use regex::Regex;
use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::loss::Definition;

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

    /// The definition in effect. Of several policies with the highest priority RabbitMQ takes any, so that all of them count.
    pub(crate) fn of(&self, name: &str, target: Target<'_>) -> Definition {
        let matching = || {
            self.0
                .iter()
                .filter(|(pattern, policy)| applies(&policy.apply_to, target) && pattern.is_match(name))
        };
        let highest = matching().map(|(_, policy)| policy.priority).max();
        matching()
            .filter(|(_, policy)| Some(policy.priority) == highest)
            .flat_map(|(_, policy)| definition(&policy.definition))
            .collect()
    }
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
        assert_eq!(policies.of("orders", Target::Queue("quorum")), definition(&json!({"message-ttl": 1000})));
        assert_eq!(policies.of("orders", Target::Queue("classic")), definition(&json!({"max-length": 10})));
        assert_eq!(policies.of("other", Target::Queue("quorum")), Definition::new());
        assert_eq!(
            policies.of("waybill", Target::Exchange),
            definition(&json!({"alternate-exchange": "else"}))
        );
        assert!(
            Policies::read(json!([policy("(?!x)", "all", 0, &json!({}))]))
                .unwrap_err()
                .to_string()
                .contains("(?!x)")
        );
    }
}
