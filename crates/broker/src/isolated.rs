//! The messages that a process had in flight more than once when it died. They are handled one at a time, beside nothing else, so that
//! the one at which processes die is known.

use std::sync::Arc;
use std::time::Duration;

use lapin::options::BasicGetOptions;
use tokio_util::sync::CancellationToken;
use waybill_broker_rules::Source;
use waybill_telemetry::with_causes;

use crate::config::BrokerConfig;
use crate::connection::Reconnector;
use crate::error::BrokerError;
use crate::handler::Handler;
use crate::link::Link;
use crate::processor::Processor;
use crate::received::Received;
use crate::topology::passively;

/// The time between two polls of the queue.
const INTERVAL: Duration = Duration::from_secs(1);

/// Handles isolated messages until `stop`.
pub(crate) async fn run<H: Handler>(
    connection: &Reconnector,
    config: &BrokerConfig,
    processor: &Processor<H>,
    stop: &CancellationToken,
) {
    while !stop.is_cancelled() && !connection.is_closed() {
        if stop.run_until_cancelled(connection.connected()).await.is_none() {
            return;
        }
        let Ok(link) = connection.link() else { continue };
        match drain(&link, config, processor, stop).await {
            Ok(()) => {}
            Err(BrokerError::NoQueue(_)) => connection.declare_again(&link).await,
            Err(error) => {
                tracing::debug!(
                    error = with_causes(&error),
                    "isolated messages cannot be read; trying again"
                );
            }
        }
        stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await;
    }
}

/// Handles what is in the queue now.
async fn drain<H: Handler>(
    link: &Arc<Link>,
    config: &BrokerConfig,
    processor: &Processor<H>,
    stop: &CancellationToken,
) -> Result<(), BrokerError> {
    let queue = config.isolated_queue();
    let found = passively(link, &queue).await?.ok_or_else(|| BrokerError::NoQueue(queue.clone()))?;
    let mut left = found.message_count();
    if left == 0 {
        return Ok(());
    }
    let channel = link.channel().await?;
    while left > 0 {
        left -= 1;
        // It is fetched while nothing else is in flight, so each of its deliveries is an attempt.
        let Some(_permit) = stop.run_until_cancelled(processor.exclusive.write()).await else { break };
        let request = channel.basic_get(queue.as_str().into(), BasicGetOptions::default());
        let Some(message) = link.ask(&format!("read queue `{queue}`"), request).await? else { break };
        let returned = CancellationToken::new();
        let received = Received::new(message.delivery, link.clone(), Source::Isolated, returned);
        let drained = async {
            stop.cancelled().await;
            tokio::time::sleep(config.drain_timeout).await;
        };
        tokio::select! {
            () = processor.process(received) => {}
            () = link.lost() => break,
            () = drained => break,
        }
    }
    // What was not settled goes back.
    link.ask("close the channel", channel.close(200, "OK".into())).await
}
