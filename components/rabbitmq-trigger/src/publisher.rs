//! Publishing a copy: it counts as published when RabbitMQ has stored it, and not before.

use std::time::{Duration, Instant};

use thiserror::Error;
use waybill_broker_rules::headers::Headers;

use crate::amqp::{AmqpError, Kind, Writer, id};
use crate::delivery::Delivery;
use crate::session::{CONFIRMS, Session, Side};

/// The bit of `publish` by which a message that no queue takes comes back.
const MANDATORY: u8 = 1;

/// Why a copy was not published. It may succeed when tried again.
#[derive(Debug, Error)]
pub enum PublishError {
    #[error("RabbitMQ returned it: {0}")]
    Returned(String),
    #[error("RabbitMQ could not store it")]
    Nacked,
    #[error(transparent)]
    Amqp(#[from] AmqpError),
}

/// Publishes the message with these headers to a queue.
pub fn publish(
    session: &mut Session,
    queue: &str,
    delivery: &Delivery,
    headers: Headers,
    body: &[u8],
    limit: Duration,
) -> Result<(), PublishError> {
    begin(session, queue, delivery, headers)?;
    session.publishing.send_content(Kind::Body, CONFIRMS, body)?;
    confirmed(session, limit)
}

/// The same with a body that has not been read, which is passed on piece by piece.
pub fn pass_on(
    session: &mut Session,
    queue: &str,
    delivery: &Delivery,
    headers: Headers,
    limit: Duration,
) -> Result<(), PublishError> {
    begin(session, queue, delivery, headers)?;
    delivery
        .pieces(session, |session, piece| session.publishing.send_content(Kind::Body, CONFIRMS, piece))?;
    confirmed(session, limit)
}

fn begin(session: &mut Session, queue: &str, delivery: &Delivery, headers: Headers) -> Result<(), AmqpError> {
    let fields = Writer::default().u16(0).short_string("").short_string(queue).u8(MANDATORY);
    session.publishing.send_method(CONFIRMS, id::BASIC_PUBLISH, fields)?;
    session.published += 1;
    let header = delivery.properties.carried(headers, delivery.body_bytes);
    session.publishing.send_content(Kind::Header, CONFIRMS, &header)
}

/// Waits for the answer to the message that was published last. While RabbitMQ takes no messages, that takes as long as it takes.
fn confirmed(session: &mut Session, limit: Duration) -> Result<(), PublishError> {
    let mut until = Instant::now() + limit;
    let mut returned = None;
    loop {
        let Some(frame) = session.next(Side::Publishing, until)? else {
            if session.publishing.is_blocked() {
                until = Instant::now() + limit;
                continue;
            }
            return Err(AmqpError::lost("RabbitMQ did not confirm a message in time").into());
        };
        let Some((method, mut fields)) = frame.method()? else { continue };
        match method {
            id::BASIC_RETURN => {
                let (code, text) = (fields.u16()?, fields.short_string()?);
                returned = Some(format!("{text} ({code})"));
            }
            id::BASIC_ACK if fields.u64()? == session.published => {
                return returned.map_or(Ok(()), |words| Err(PublishError::Returned(words)));
            }
            id::BASIC_NACK if fields.u64()? == session.published => return Err(PublishError::Nacked),
            _ => {}
        }
    }
}
