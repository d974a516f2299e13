//! Processing of a message: it is handled, and then acknowledged, published for a retry, or published as a dead letter.

use std::time::{Duration, Instant};

use waybill_backoff::Backoff;
use waybill_broker_rules::headers::{self, Headers};
use waybill_broker_rules::{
    Outcome, Source, dead_letter, dead_letter_queue, failed_once_more, isolated_queue, moved, next, refuse,
    retry_queue, unreadable_headers, with_trace,
};
use waybill_contracts::DeliveryError;

use crate::amqp::AmqpError;
use crate::delivery::Delivery;
use crate::handler;
use crate::log;
use crate::publisher::{PublishError, pass_on, publish};
use crate::session::Session;
use crate::settings::Settings;
use crate::topology;

/// The first and the longest pause while the handler is unavailable, or RabbitMQ does not take a copy.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Handles and settles messages, one at a time.
pub struct Processor {
    settings: Settings,
    /// Whether no message can be handled or moved now.
    is_stalled: bool,
    /// Whether the last message that had to be moved could not be.
    cannot_move: bool,
}

impl Processor {
    pub fn new(settings: Settings) -> Self {
        Self { settings, is_stalled: false, cannot_move: false }
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    pub fn is_stalled(&self) -> bool {
        self.is_stalled
    }

    /// Handles one message and settles it. Returns false if it is not settled: it goes back when its channel is closed.
    pub fn process(&mut self, session: &mut Session, delivery: &Delivery) -> Result<bool, AmqpError> {
        let refused = refuse(delivery.source, delivery.headers(), delivery.body_bytes, self.settings.limits);
        let is_large = delivery.body_bytes > self.settings.limits.max_body_bytes as u64;
        // One that is too large is passed on as it arrives, so that it is never in memory.
        let body = if is_large { Vec::new() } else { delivery.body(session)? };
        let outcome = match refused {
            Some(outcome) => outcome,
            None if delivery.has_unreadable_headers => unreadable_headers(),
            None => self.handle(session, delivery, &body)?,
        };
        let Some((queue, headers)) = self.copy(delivery, &outcome) else {
            let is_handled = outcome == Outcome::Handled;
            if is_handled {
                session.acknowledge(delivery.side, delivery.channel, delivery.tag)?;
            }
            return Ok(is_handled);
        };
        let is_moved = if is_large {
            // Its body is gone if this fails, so the connection goes too, and the message comes again.
            let passed_on = pass_on(session, &queue, delivery, headers, self.settings.confirm_timeout);
            passed_on.map_err(|error| AmqpError::Lost(error.to_string()))?;
            true
        } else {
            self.publish(session, &queue, delivery, &headers, &body)?
        };
        // The copy is safe before the original is deleted.
        if is_moved {
            if std::mem::take(&mut self.cannot_move) {
                self.go_on();
            }
            session.acknowledge(delivery.side, delivery.channel, delivery.tag)?;
        }
        Ok(is_moved)
    }

    /// The queue and the headers of the copy by which this outcome is settled, if it needs one.
    fn copy(&self, delivery: &Delivery, outcome: &Outcome) -> Option<(String, Headers)> {
        let Settings { queue, .. } = &self.settings;
        let (headers, subject) = (delivery.headers(), delivery.subject.as_str());
        let named = || format!("{subject} {}", delivery.message_id().unwrap_or("without an id"));
        match outcome {
            Outcome::Handled | Outcome::Returned => None,
            Outcome::Isolated => {
                log::warn(&format!(
                    "{} was in flight at several lost connections and is handled alone",
                    named()
                ));
                Some((isolated_queue(queue), moved(headers, subject)))
            }
            Outcome::BackInLine => Some((queue.clone(), moved(headers, subject))),
            Outcome::RetryAfter(delay, error) => {
                log::warn(&format!("{} failed and comes again after {delay:?}: {error}", named()));
                Some((retry_queue(queue, *delay), failed_once_more(headers, subject, error)))
            }
            Outcome::DeadLetter(cause, error) => {
                log::error(&format!("{} becomes a dead letter ({cause}): {error}", named()));
                let id = delivery.message_id();
                Some((dead_letter_queue(queue), dead_letter(headers, id, subject, queue, *cause, error)))
            }
        }
    }

    /// Calls the handler until there is an outcome, or until the message was held long enough.
    fn handle(
        &mut self,
        session: &mut Session,
        delivery: &Delivery,
        body: &[u8],
    ) -> Result<Outcome, AmqpError> {
        let attempt = headers::number(delivery.headers(), headers::ATTEMPT).saturating_add(1);
        let trace = headers::trace(delivery.headers()).filter(|_| self.settings.trace_in_body);
        let traced = trace.and_then(|trace| with_trace(body, &trace));
        let body = traced.as_deref().unwrap_or(body);
        let mut backoff = Backoff::new(PAUSE.0, PAUSE.1);
        let held_since = Instant::now();
        loop {
            session.beat_before_handling()?;
            let answer = handler::handle(&delivery.subject, body);
            session.listen_again();
            let error = match answer {
                Ok(()) => {
                    self.go_on();
                    return Ok(Outcome::Handled);
                }
                Err(DeliveryError::Unavailable(error)) => error,
                Err(error) => {
                    self.go_on();
                    return Ok(next(&self.settings.retry_delays, attempt, error));
                }
            };
            self.stall(&format!("the handler is unavailable: {error}"));
            if delivery.source == Source::Isolated {
                // The attempt has ended and the process lives, so this message does not crash it.
                return Ok(Outcome::BackInLine);
            }
            if held_since.elapsed() >= self.settings.hold_limit {
                return Ok(Outcome::Returned);
            }
            session.pause(backoff.next_delay())?;
        }
    }

    /// Publishes until it is confirmed, or until the message was held long enough.
    fn publish(
        &mut self,
        session: &mut Session,
        queue: &str,
        delivery: &Delivery,
        headers: &Headers,
        body: &[u8],
    ) -> Result<bool, AmqpError> {
        let mut backoff = Backoff::new(PAUSE.0, PAUSE.1);
        let held_since = Instant::now();
        let limit = self.settings.confirm_timeout;
        loop {
            let error = match publish(session, queue, delivery, headers.clone(), body, limit) {
                Ok(()) => return Ok(true),
                Err(PublishError::Amqp(error)) => return Err(error),
                Err(error) => error,
            };
            log::warn(&format!("a message cannot be moved to queue `{queue}`; trying again: {error}"));
            self.cannot_move = true;
            self.stall(&format!("a message cannot be moved to queue `{queue}`: {error}"));
            if held_since.elapsed() >= self.settings.hold_limit {
                return Ok(false);
            }
            session.pause(backoff.next_delay())?;
            // Someone may have deleted the queue.
            topology::declare(&mut session.publishing, &self.settings)?;
        }
    }

    fn stall(&mut self, reason: &str) {
        if !std::mem::replace(&mut self.is_stalled, true) {
            log::warn(&format!(
                "no message can be handled; messages stay unacknowledged, or go back to their queue: {reason}"
            ));
        }
    }

    fn go_on(&mut self) {
        if std::mem::take(&mut self.is_stalled) {
            log::info("messages are handled again");
        }
    }
}
