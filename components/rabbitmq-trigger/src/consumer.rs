//! Consuming: through any number of lost connections, a message is acknowledged when its outcome is safe, and not before.

use std::convert::Infallible;
use std::time::{Duration, Instant};

use waybill_backoff::Backoff;
use waybill_broker_rules::isolated_queue;

use crate::amqp::{AmqpError, id};
use crate::delivery::Delivery;
use crate::log;
use crate::processor::Processor;
use crate::session::{ISOLATED, MESSAGES, Session, Side};
use crate::settings::Settings;
use crate::topology;

const FIRST_RECONNECT_DELAY: Duration = Duration::from_millis(100);

/// The time between two looks for isolated messages, and how many are handled at one look.
const ISOLATED_INTERVAL: Duration = Duration::from_secs(1);
const ISOLATED_AT_ONCE: u32 = 64;

/// A subscription is renewed after this time without a message, since RabbitMQ does not always report that it has become useless
/// (`crates/broker/src/consume.rs`).
const IDLE: Duration = Duration::from_secs(15);

/// Handles messages, and never returns.
pub fn run(settings: Settings) -> ! {
    let mut backoff = Backoff::new(FIRST_RECONNECT_DELAY, settings.max_reconnect_delay);
    let mut processor = Processor::new(settings);
    loop {
        let began_at = Instant::now();
        let Err(error) = consume(&mut processor);
        let settings = processor.settings();
        // A server that takes connections and drops them at once must not cause a tight loop.
        if began_at.elapsed() > settings.max_reconnect_delay {
            backoff.reset();
        }
        let pause = backoff.next_delay();
        log::warn(&format!(
            "no connection to RabbitMQ at {}; trying again in {pause:?}: {error}",
            settings.url
        ));
        std::thread::sleep(pause);
    }
}

/// Connects, declares, and handles messages until the connection is lost.
fn consume(processor: &mut Processor) -> Result<Infallible, AmqpError> {
    let settings = processor.settings();
    let mut session = Session::open(settings)?;
    topology::declare(&mut session.publishing, settings)?;
    log::info(&format!("consuming queue `{}` of RabbitMQ at {}", settings.queue, settings.url));
    let mut isolated_at = Instant::now();
    loop {
        // While nothing can be handled, one message is enough to notice the end of that. All others stay in the queue.
        let is_cautious = processor.is_stalled();
        let settings = processor.settings();
        session.subscribe(&settings.queue, if is_cautious { 1 } else { settings.prefetch })?;
        let mut idle_at = Instant::now() + IDLE;
        loop {
            if Instant::now() >= isolated_at {
                handle_isolated(processor, &mut session)?;
                isolated_at = Instant::now() + ISOLATED_INTERVAL;
            }
            if Instant::now() >= idle_at || is_cautious && !processor.is_stalled() {
                break;
            }
            let Some(frame) = session.next(Side::Consuming, isolated_at.min(idle_at))? else { continue };
            match frame.method()? {
                Some((id::BASIC_DELIVER, fields)) => {
                    let delivery = Delivery::of_subscription(&mut session, fields)?;
                    if !processor.process(&mut session, &delivery)? {
                        break;
                    }
                    idle_at = Instant::now() + IDLE;
                }
                Some((id::BASIC_CANCEL, _)) => {
                    return Err(AmqpError::lost("the queue was deleted; it is declared again"));
                }
                _ => {}
            }
        }
        // What is not settled goes back.
        session.consuming.close_channel(MESSAGES)?;
    }
}

/// Handles the messages at which a process may have died, one at a time. Nothing else is handled meanwhile, and each is fetched only
/// when its handling begins, so each of its deliveries is an attempt.
fn handle_isolated(processor: &mut Processor, session: &mut Session) -> Result<(), AmqpError> {
    let queue = isolated_queue(&processor.settings().queue);
    // RabbitMQ 3.10 may never answer who fetches from an empty queue after it was killed, and then nothing else would be handled.
    let count = topology::isolated_messages(&mut session.publishing, &processor.settings().queue)?;
    for _ in 0..count.min(ISOLATED_AT_ONCE) {
        let Some(fields) = session.get(&queue, processor.settings().request_timeout)? else { break };
        let delivery = Delivery::isolated(session, &fields)?;
        if !processor.process(session, &delivery)? {
            session.publishing.close_channel(ISOLATED)?;
            session.publishing.open_channel(ISOLATED)?;
            break;
        }
    }
    Ok(())
}
