//! `waybill push`: from RabbitMQ by HTTP to a service that answers `POST /events`.

use waybill_transports::{Poster, PushHandler};

use crate::health::Health;
use crate::output;
use crate::process::Process;
use crate::settings::{LogSettings, PushSettings, Token};

/// Runs `waybill push` until it is asked to end.
pub async fn run(settings: PushSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut process = Process::start("push", logs)?;
    let (config, token) = (settings.broker.config("push")?, settings.events.checked()?);
    process.bind_admin(&settings.admin).await?;
    let poster = Poster::new(settings.to.uri().clone(), token.as_ref().map(Token::expose))?;
    let (url, service) = (config.url.clone(), process.telemetry.service("invoices"));
    let broker = process.link_broker(config)?;
    process.consume(&broker, PushHandler::new(poster, service));
    process.serve_admin(Health::new().with_broker(&broker));
    output::notice(format_args!("push      {url} to {}", settings.to));
    process.say_ready()?;
    process.until_asked_to_end().await
}
