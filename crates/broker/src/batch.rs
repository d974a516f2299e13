//! One batch on its way through a channel.

use std::pin::pin;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lapin::message::BasicReturnMessage;
use lapin::options::BasicPublishOptions;
use lapin::{Channel, Confirmation};
use tokio::time::Instant;

use crate::config::BrokerConfig;
use crate::error::{PublishError, reply_code};
use crate::message::Message;

/// The outcome of one batch, and the state of its channel.
pub(crate) struct Batch {
    pub(crate) outcomes: Vec<Result<(), PublishError>>,
    /// Every message has been confirmed, one way or the other: the channel can be used again.
    pub(crate) is_clean: bool,
    /// Confirmations stopped coming.
    pub(crate) is_stuck: bool,
    /// A message came back, or the exchange is missing.
    pub(crate) is_unroutable: bool,
}

/// Sends one batch on a channel of which it has the exclusive use.
///
/// The exclusive use matters twice. The library numbers a message and queues its frames in two steps, so that two
/// tasks on one channel can exchange the numbers of their messages. And it does not attach a returned message to
/// the confirmation of that message but to the first that comes in afterwards, which with a confirmation for
/// several messages at once is any of them. RabbitMQ returns a message before it confirms it; so at the end of
/// the batch all returned messages have arrived, with whichever confirmation, and are distinguished by their content.
pub(crate) async fn send_on(channel: &Channel, messages: &[Message], config: &BrokerConfig) -> Batch {
    let mut outcomes: Vec<Option<Result<(), PublishError>>> = vec![None; messages.len()];
    let mut returned = Vec::new();
    let mut batch = Batch { outcomes: Vec::new(), is_clean: true, is_stuck: false, is_unroutable: false };

    let mut waiting = messages.iter().enumerate();
    // Only this task polls these futures, in the order of their insertion: no message waits for the one before it to be
    // written.
    let mut in_flight = FuturesUnordered::new();
    let mut confirmed_in_time = pin!(tokio::time::sleep(config.confirm_timeout));
    loop {
        while batch.is_clean && in_flight.len() < config.confirm_window {
            let Some((index, message)) = waiting.next() else { break };
            in_flight.push(async move { (index, publish(channel, message).await) });
        }
        let settled = tokio::select! {
            biased;
            settled = in_flight.next() => settled,
            () = &mut confirmed_in_time => {
                batch.is_clean = false;
                batch.is_stuck = true;
                break;
            }
        };
        let Some((index, result)) = settled else { break };
        confirmed_in_time.as_mut().reset(Instant::now() + config.confirm_timeout);
        outcomes[index] = Some(match result {
            Ok(Confirmation::Ack(message)) => {
                returned.extend(message);
                Ok(())
            }
            Ok(Confirmation::Nack(message)) => {
                returned.extend(message);
                Err(PublishError::Nacked)
            }
            // The channel does not confirm.
            Ok(Confirmation::NotRequested) => Err(PublishError::Lost(None)),
            Err(error) => {
                batch.is_clean = false;
                batch.is_unroutable |= reply_code(&error).is_some();
                Err(PublishError::Lost(Some(error)))
            }
        });
    }

    let unsent = waiting.next().map_or(messages.len(), |(index, _)| index);
    batch.is_unroutable |= !returned.is_empty();
    batch.outcomes = outcomes
        .into_iter()
        .enumerate()
        .map(|(index, outcome)| match outcome {
            Some(outcome) => outcome,
            None if index < unsent => Err(PublishError::TimedOut),
            None => Err(PublishError::Unavailable("messages before this one got no confirmation".to_owned())),
        })
        .collect();
    mark_returned(messages, &returned, &mut batch.outcomes);
    batch
}

async fn publish(channel: &Channel, message: &Message) -> lapin::Result<Confirmation> {
    let options = BasicPublishOptions { mandatory: true, ..Default::default() };
    let confirmation = channel
        .basic_publish(
            message.exchange.clone(),
            message.routing_key.clone(),
            options,
            &message.body,
            message.properties.clone(),
        )
        .await?;
    confirmation.await
}

/// Turns the confirmations of returned messages into failures.
fn mark_returned(
    messages: &[Message],
    returned: &[BasicReturnMessage],
    outcomes: &mut [Result<(), PublishError>],
) {
    for back in returned {
        let error = PublishError::Returned(format!(
            "{} {} (exchange `{}`, routing key `{}`)",
            back.reply_code, back.reply_text, back.exchange, back.routing_key
        ));
        let same = (0..messages.len()).find(|&index| outcomes[index].is_ok() && messages[index].is(back));
        if let Some(index) = same {
            outcomes[index] = Err(error);
            continue;
        }
        // Which one it was is unclear; then none with that route counts. Publishing one twice is harmless.
        for (message, outcome) in messages.iter().zip(outcomes.iter_mut()) {
            if outcome.is_ok() && message.has_route_of(back) {
                *outcome = Err(error.clone());
            }
        }
    }
}
