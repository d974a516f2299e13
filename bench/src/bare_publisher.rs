//! The publisher that a good engineer would write with lapin, if no outbox had to be emptied: persistent, mandatory,
//! confirmed, with a window of unconfirmed messages.

use anyhow::{Result, ensure};
use futures::{StreamExt as _, stream};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Confirmation, Connection, ConnectionProperties};

/// Messages that may be unconfirmed at the same time: the relay's default.
const WINDOW: usize = 256;

/// Publishes `count` messages like `body`, and returns when all are confirmed.
pub async fn publish(url: &str, count: u32, body: &[u8]) -> Result<()> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await?;
    let properties = BasicProperties::default()
        .with_delivery_mode(2)
        .with_content_type("application/json".into())
        .with_type("order.created".into())
        .with_message_id("019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d".into());
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let mut confirms = stream::iter(0..count)
        .map(|_| {
            let (channel, properties) = (&channel, properties.clone());
            async move {
                let published = channel.basic_publish(
                    "waybill".into(),
                    "order.created".into(),
                    options,
                    body,
                    properties,
                );
                published.await?.await
            }
        })
        .buffer_unordered(WINDOW);
    while let Some(confirm) = confirms.next().await {
        // A message that no queue took comes back and is confirmed all the same, twice as fast.
        let confirm = confirm?;
        ensure!(matches!(confirm, Confirmation::Ack(None)), "{confirm:?}");
    }
    connection.close(200, "OK".into()).await?;
    Ok(())
}
