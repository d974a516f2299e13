//! `waybill relay`: events from the outbox to RabbitMQ, or by HTTP.

use std::time::Duration;

use anyhow::bail;
use waybill_postgres::SessionSettings;
use waybill_relay::{Relay, RelayConfig, Transport};
use waybill_transports::{Http, Poster, RabbitMq};

use crate::health::Health;
use crate::process::{Process, within_close_time};
use crate::settings::{ComponentName, LogSettings, RelaySettings, Token};
use crate::{databases, output};

/// The longest time between two polls of the outbox, and so the delay of the first order after a pause.
const POLL_MOST: Duration = Duration::from_millis(500);

/// Runs `waybill relay` until it is asked to end.
pub async fn run(settings: RelaySettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut process = Process::start("relay", logs)?;
    let (broker, token) = (settings.broker.config("relay")?, settings.events.checked()?);
    process.bind_admin(&settings.admin).await?;
    match (&settings.to, broker) {
        (Some(target), _) => {
            let transport = Http::new(Poster::new(target.uri().clone(), token.as_ref().map(Token::expose))?);
            let config = Http::relay_config();
            let health = start(&mut process, &settings, transport, config, Health::new()).await?;
            process.serve_admin(health);
            output::notice(format_args!("relay     to {target}"));
        }
        (None, Some(config)) => {
            let url = config.url.clone();
            let broker = process.link_broker(config)?;
            let transport = RabbitMq::new(broker.publisher());
            let health = Health::new().with_broker(&broker);
            let health = start(&mut process, &settings, transport, RabbitMq::relay_config(), health).await?;
            process.serve_admin(health);
            output::notice(format_args!("relay     to {url}"));
        }
        (None, None) => bail!(
            "waybill relay needs a destination: RabbitMQ by BROKER_URL (--broker-url), for example \
             amqp://guest:guest@localhost:5672, or a service by --to, for example http://localhost:3334/events"
        ),
    }
    process.say_ready()?;
    process.until_asked_to_end().await
}

async fn start<T: Transport>(
    process: &mut Process,
    settings: &RelaySettings,
    transport: T,
    config: RelayConfig,
    health: Health,
) -> anyhow::Result<Health> {
    let database =
        databases::open_shared(ComponentName::Orders, &settings.databases, SessionSettings::default())
            .await?;
    process.keep_database("orders", &database);
    let service = process.telemetry.service("orders");
    // Orders are written by other processes, which cannot wake it.
    let config = RelayConfig { poll_most: POLL_MOST, ..within_close_time(config) };
    let relay = process.relay(Relay::new(database.clone(), transport, config, service));
    Ok(health.with_database("orders_database", &database).with_relay(relay.status))
}
