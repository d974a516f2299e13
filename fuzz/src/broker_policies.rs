//! What RabbitMQ says of queues: policies, as the management API lists them, and the words of a refused declaration. The first line is
//! the list of users' policies, the rest that of operators; and the first line is a setting's name, the rest its value.

use lapin::types::AMQPValue;
use serde_json::{Value, json};
use waybill_broker::fuzzing::{difference, losses_by_policies};

pub fn check(data: &[u8]) {
    let Some((text, first, rest)) = crate::input::parts(data) else { return };
    difference(text);
    words(first, rest);
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_else(|_| json!([]));
    policies(&read(first), &read(rest));
}

fn policies(users: &Value, operators: &Value) {
    let Some(losses) = losses_by_policies(users.clone(), operators.clone()) else { return };
    assert!(losses.iter().all(|loss| loss.starts_with("queue `orders` ")), "{losses:?}");
    let with = |list: &Value, policy: Option<Value>| {
        let policies = list.as_array().cloned().unwrap_or_default();
        Value::Array(policies.into_iter().rev().chain(policy).collect())
    };
    let reversed = losses_by_policies(with(users, None), with(operators, None));
    assert_eq!(reversed.as_ref(), Some(&losses), "the order of policies says nothing");
    let policy = |pattern: &str, priority: i64, definition: Value| {
        Some(
            json!({"pattern": pattern, "apply-to": "queues", "priority": priority, "definition": definition}),
        )
    };
    let expiring = || json!({"message-ttl": 1000});
    let other = losses_by_policies(with(users, policy("^other$", i64::MAX, expiring())), operators.clone());
    assert_eq!(other.as_ref(), Some(&losses), "a policy for another queue says nothing");
    // What is lost by a policy that may be in effect is named, whatever other policies say.
    let named = losses_by_policies(with(users, policy("orders", i64::MAX, expiring())), json!([])).unwrap();
    assert!(named.iter().any(|loss| loss.contains("`message-ttl`")), "{named:?}");
}

/// What RabbitMQ's words are made of is read from them.
fn words(name: &str, value: &str) {
    if name.contains('\'') || value.contains("but current is ") || value.contains("' of type '") {
        return;
    }
    let words = format!(
        "PRECONDITION_FAILED - inequivalent arg '{name}' for queue 'orders' in vhost '/': received none but current is the value '{value}' of type 'longstr'"
    );
    assert_eq!(difference(&words), Some((name, Some(AMQPValue::LongString(value.into())))), "{words}");
}
