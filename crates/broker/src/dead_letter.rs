//! A dead letter, read from its headers, and the choice among many.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use bytes::Bytes;
use lapin::BasicProperties;
use lapin::types::AMQPValue;
use waybill_broker_rules::headers;

use crate::config::BrokerConfig;

/// A message that could not be handled.
#[derive(Clone, Debug, PartialEq)]
pub struct DeadLetter {
    /// Its name: the message's id, or one given when it became a dead letter.
    pub id: String,
    /// What it is about, as the handler saw it.
    pub subject: String,
    /// Why it is here: `rejected`, `retries-exhausted`, `crash-loop`, `too-large`; `expired` or another word of RabbitMQ if a policy
    /// had it removed from its queue; or `unknown` if another program put it here.
    pub cause: String,
    /// The last failure, in words.
    pub last_error: Option<String>,
    /// How many attempts failed.
    pub attempts: u32,
    /// When the first attempt failed (RFC 3339).
    pub first_failed_at: Option<String>,
    /// When it became a dead letter (RFC 3339).
    pub failed_at: Option<String>,
    /// The queue to which a replay returns it.
    pub queue: String,
    /// The content.
    pub body: Bytes,
    /// The content before it was edited.
    pub original_body: Option<Vec<u8>>,
    /// All headers but RabbitMQ's count of deliveries, which grows by reading, as text.
    pub headers: BTreeMap<String, String>,
}

impl DeadLetter {
    pub(crate) fn new(properties: &BasicProperties, body: Bytes, config: &BrokerConfig) -> Self {
        let table = properties.headers().as_ref();
        let text = |name| headers::text(table, name);
        let kind = properties.kind().as_ref().map(ToString::to_string);
        let message_id = properties.message_id().as_ref().map(ToString::to_string);
        // A message that another program put here without an id is named after its content.
        let unnamed = || {
            let mut hasher = DefaultHasher::new();
            body.hash(&mut hasher);
            format!("body-{:016x}", hasher.finish())
        };
        Self {
            id: text(headers::DEAD_LETTER_ID)
                .or(message_id)
                .filter(|id| !id.is_empty())
                .unwrap_or_else(unnamed),
            subject: kind.or_else(|| text(headers::SUBJECT)).unwrap_or_else(|| config.queue.clone()),
            cause: text(headers::CAUSE)
                .or_else(|| text(headers::DROPPED_BECAUSE))
                .unwrap_or_else(|| "unknown".to_owned()),
            last_error: text(headers::LAST_ERROR),
            attempts: headers::number(table, headers::ATTEMPT),
            first_failed_at: text(headers::FIRST_FAILED_AT),
            failed_at: text(headers::FAILED_AT),
            queue: text(headers::QUEUE).unwrap_or_else(|| config.queue.clone()),
            original_body: headers::bytes(table, headers::ORIGINAL_BODY),
            headers: headers::of_sender(table).map(show).collect(),
            body,
        }
    }
}

impl DeadLetter {
    /// Its approximate size in bytes.
    pub fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
        self.body.len() + self.original_body.as_ref().map_or(0, Vec::len) + headers
    }
}

fn show((name, value): (&lapin::types::ShortString, &AMQPValue)) -> (String, String) {
    let value = match value {
        AMQPValue::LongString(text) => text.to_string(),
        AMQPValue::LongLongInt(number) => number.to_string(),
        AMQPValue::ByteArray(bytes) => String::from_utf8_lossy(bytes.as_slice()).into_owned(),
        other => format!("{other:?}"),
    };
    (name.to_string(), value)
}

/// Which dead letters are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The one of that name. If it failed more than once, there can be more.
    Id(String),
    /// Those with that cause.
    Cause(String),
    /// All of them.
    All,
}

impl Selector {
    /// Whether this one is meant.
    pub fn matches(&self, letter: &DeadLetter) -> bool {
        match self {
            Self::Id(id) => *id == letter.id,
            Self::Cause(cause) => *cause == letter.cause,
            Self::All => true,
        }
    }
}
