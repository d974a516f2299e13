//! The declaration of a queue, found out over AMQP.

use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable};

use crate::error::{BrokerError, RESOURCE_LOCKED, reply_code};
use crate::link::Link;
use crate::loss::QueueFacts;
use crate::topology::{declare_queue_as, passively};

/// More differences than a declaration can have.
const MAX_DIFFERENCES: usize = 32;

/// A declaration that RabbitMQ compares with the queue's.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    options: QueueDeclareOptions,
    arguments: FieldTable,
}

impl Declaration {
    pub(crate) fn new(options: QueueDeclareOptions, arguments: FieldTable) -> Self {
        Self { options, arguments }
    }

    pub(crate) fn facts(&self) -> QueueFacts {
        QueueFacts {
            is_durable: self.options.durable,
            is_auto_delete: self.options.auto_delete,
            is_exclusive: self.options.exclusive,
            arguments: self
                .arguments
                .into_iter()
                .map(|(name, value)| (plain(name.as_str()), show(value)))
                .collect(),
        }
    }

    /// Takes over what RabbitMQ says about the first difference; `false` if its words are not understood.
    fn correct(&mut self, words: &str) -> bool {
        let Some((name, current)) = difference(words) else { return false };
        let is_set = matches!(&current, Some(AMQPValue::Boolean(true)));
        match name {
            "durable" => self.options.durable = is_set,
            "auto_delete" => self.options.auto_delete = is_set,
            "exclusive" => self.options.exclusive = is_set,
            name => {
                let mut arguments = self.arguments.inner().clone();
                match current {
                    Some(value) => drop(arguments.insert(name.into(), value)),
                    None => drop(arguments.remove(name)),
                }
                self.arguments = arguments.into();
            }
        }
        true
    }
}

/// The result of inspecting a queue.
#[derive(Debug)]
pub(crate) enum Found {
    Declared(Declaration),
    Missing,
    /// It is exclusive, and of another connection.
    Exclusive,
    /// RabbitMQ does not say, for example because we may not declare queues.
    Unknown(String),
}

/// Finds out how a queue was declared. AMQP has no query for that, but RabbitMQ refuses a differing declaration and names the
/// first difference. So the declaration is corrected until it is accepted, beginning with the last result.
pub(crate) async fn inspect(link: &Link, queue: &str, mut guess: Declaration) -> Result<Found, BrokerError> {
    for _ in 0..MAX_DIFFERENCES {
        // Otherwise the declaration below would create the queue with these guesses.
        if passively(link, queue).await?.is_none() {
            return Ok(Found::Missing);
        }
        match declare_queue_as(link, queue, guess.options, guess.arguments.clone()).await {
            Ok(()) => return Ok(Found::Declared(guess)),
            Err(BrokerError::Conflict { theirs, .. }) => {
                if !guess.correct(&theirs) {
                    return Ok(Found::Unknown(theirs));
                }
            }
            Err(BrokerError::Refused { source, .. }) if reply_code(&source) == Some(RESOURCE_LOCKED) => {
                return Ok(Found::Exclusive);
            }
            Err(error @ BrokerError::Refused { .. }) => return Ok(Found::Unknown(error.to_string())),
            Err(error) => return Err(error),
        }
    }
    Ok(Found::Unknown(format!("queue `{queue}` has more than {MAX_DIFFERENCES} arguments")))
}

/// The setting that differs, and its current value, from words such as `inequivalent arg 'x-max-length' for queue 'orders' in vhost
/// '/': received none but current is the value '10' of type 'signedint'`.
pub(crate) fn difference(words: &str) -> Option<(&str, Option<AMQPValue>)> {
    let (name, _) = words.split_once("inequivalent arg '")?.1.split_once('\'')?;
    let (_, current) = words.rsplit_once("but current is ")?;
    if let Some(value) = current.strip_prefix("the value '") {
        let (value, kind) = value.rsplit_once("' of type '")?;
        let value = match kind.trim_end_matches('\'') {
            "longstr" => AMQPValue::LongString(value.into()),
            "bool" => AMQPValue::Boolean(value == "true"),
            _ => AMQPValue::LongLongInt(value.parse().ok()?),
        };
        return Some((name, Some(value)));
    }
    // RabbitMQ says it so of what every queue has: its type, and whether it is durable.
    let quoted = || current.strip_prefix('\'')?.strip_suffix('\'');
    match current {
        "none" => Some((name, None)),
        "'true'" => Some((name, Some(AMQPValue::Boolean(true)))),
        "'false'" => Some((name, Some(AMQPValue::Boolean(false)))),
        _ => Some((name, Some(AMQPValue::LongString(quoted()?.into())))),
    }
}

fn plain(name: &str) -> String {
    name.strip_prefix("x-").unwrap_or(name).to_owned()
}

fn show(value: &AMQPValue) -> String {
    match value {
        AMQPValue::LongString(text) => text.to_string(),
        AMQPValue::LongLongInt(number) => number.to_string(),
        AMQPValue::Boolean(is_set) => is_set.to_string(),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_the_queue_has() {
        let words = |rest: &str| format!("PRECONDITION_FAILED - inequivalent arg {rest}");
        let found = words(
            "'x-max-length' for queue 'orders' in vhost '/': received none but current is the value '10' of type 'signedint'",
        );
        assert_eq!(difference(&found), Some(("x-max-length", Some(AMQPValue::LongLongInt(10)))));
        let found = words(
            "'x-overflow' for queue 'orders' in vhost '/': received the value 'reject-publish' of type 'longstr' but current is none",
        );
        assert_eq!(difference(&found), Some(("x-overflow", None)));
        let found =
            words("'durable' for queue 'orders' in vhost '/': received 'true' but current is 'false'");
        assert_eq!(difference(&found), Some(("durable", Some(AMQPValue::Boolean(false)))));
        let found = words(
            "'x-queue-type' for queue 'orders' in vhost '/': received 'quorum' but current is 'stream'",
        );
        assert_eq!(difference(&found), Some(("x-queue-type", Some(AMQPValue::LongString("stream".into())))));
        assert_eq!(difference("NOT_FOUND - no queue"), None);
    }
}
