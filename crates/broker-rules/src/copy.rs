//! The copies of a message for other queues: the headers that they have there.

use uuid::Uuid;

use crate::headers::{self, Headers, Table};
use crate::retry::Cause;

/// The message as it was, for another queue, where its deliveries count from 0.
pub fn moved(received: Table<'_>, subject: &str) -> Headers {
    Headers::carried(received).text(headers::SUBJECT, subject)
}

/// The message after one more failed attempt, for a retry queue.
pub fn failed_once_more(received: Table<'_>, subject: &str, error: &str) -> Headers {
    let attempts = headers::number(received, headers::ATTEMPT).saturating_add(1);
    failed(received, subject, error).number(headers::ATTEMPT, attempts)
}

/// The message as a dead letter, which a replay returns to `queue`.
pub fn dead_letter(
    received: Table<'_>,
    message_id: Option<&str>,
    subject: &str,
    queue: &str,
    cause: Cause,
    error: &str,
) -> Headers {
    let mut attempts = headers::number(received, headers::ATTEMPT);
    if matches!(cause, Cause::Rejected | Cause::RetriesExhausted) {
        attempts = attempts.saturating_add(1);
    }
    let id = message_id.filter(|id| !id.is_empty()).map(str::to_owned);
    failed(received, subject, error)
        .number(headers::ATTEMPT, attempts)
        .text(headers::CAUSE, &cause.to_string())
        .text(headers::FAILED_AT, &headers::now())
        .text(headers::QUEUE, queue)
        .text(headers::DEAD_LETTER_ID, &id.unwrap_or_else(|| Uuid::now_v7().to_string()))
}

/// The headers of a message that failed once more. Its routing key is the name of a queue from here on.
fn failed(received: Table<'_>, subject: &str, error: &str) -> Headers {
    let first = headers::short_text(received, headers::FIRST_FAILED_AT).unwrap_or_else(headers::now);
    Headers::carried(received)
        .text(headers::SUBJECT, subject)
        .text(headers::FIRST_FAILED_AT, &first)
        .error(headers::LAST_ERROR, error)
}
