//! `waybill serve`: one service in a process of its own, in any number of copies.

use waybill_postgres::SessionSettings;

use crate::access::requires_keys;
use crate::components::{self, expect_statements_of, invoices_service, orders_service};
use crate::databases::{invoices_session_settings, open_shared};
use crate::health::Health;
use crate::http::{ComponentService, Listener, OriginCheck};
use crate::invoices_handler::InvoicesHandler;
use crate::process::{Process, announce};
use crate::settings::{
    AccessSettings, ComponentName, LogSettings, ServeInvoicesSettings, ServeOrdersSettings, ServeSettings,
};

/// Runs `waybill serve` until it is asked to end.
pub async fn run(settings: ServeSettings, logs: &LogSettings) -> anyhow::Result<()> {
    match settings {
        ServeSettings::Orders(settings) => orders(*settings, logs).await,
        ServeSettings::Invoices(settings) => invoices(*settings, logs).await,
    }
}

async fn orders(settings: ServeOrdersSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut process = Process::start("orders", logs)?;
    let listener = Listener::bind(settings.listen.orders_listen, "--orders-listen").await?;
    let hosting = &settings.hosting;
    process.delay_drain(hosting.drain);
    process.limit_connections(&hosting.connections)?;
    process.bind_admin(&hosting.admin).await?;
    let (database, (engine, [loaded])) = tokio::try_join!(
        open_shared(ComponentName::Orders, &hosting.databases, SessionSettings::default()),
        components::load([ComponentName::Orders], hosting),
    )?;
    expect_statements_of(&hosting.components, &[&database]);
    process.keep_database("orders", &database);
    let service =
        orders_service(&engine, &loaded.component, &database, &process.telemetry.service("orders"))?;
    let health = Health::new().with_database("orders_database", &database);
    let service = service.with_health(Health::new().until(process.ending()));
    serve("orders", process, listener, service, &hosting.access, health).await
}

async fn invoices(settings: ServeInvoicesSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut process = Process::start("invoices", logs)?;
    let (broker, token) = (settings.broker.config("invoices")?, settings.events.checked()?);
    let listener = Listener::bind(settings.listen.invoices_listen, "--invoices-listen").await?;
    let hosting = &settings.hosting;
    process.delay_drain(hosting.drain);
    process.limit_connections(&hosting.connections)?;
    process.bind_admin(&hosting.admin).await?;
    let session_settings = invoices_session_settings(token.as_ref(), settings.webhooks);
    let (database, (engine, [loaded])) = tokio::try_join!(
        open_shared(ComponentName::Invoices, &hosting.databases, session_settings),
        components::load([ComponentName::Invoices], hosting),
    )?;
    expect_statements_of(&hosting.components, &[&database]);
    process.keep_database("invoices", &database);
    let telemetry = process.telemetry.service("invoices");
    let (service, messages) =
        invoices_service(&engine, &loaded.component, &database, &telemetry, settings.fonts.fonts.as_deref())?;
    let service = service.knowing_events_token(token.as_ref());
    let mut service_health = Health::new().until(process.ending());
    let mut health = Health::new().with_database("invoices_database", &database);
    if let Some(config) = broker {
        let broker = process.link_broker(config)?;
        process.consume(&broker, InvoicesHandler::new(messages, database, telemetry));
        service_health = service_health.with_broker(&broker);
        health = health.with_broker(&broker);
    }
    let service = service.with_health(service_health);
    serve("invoices", process, listener, service, &hosting.access, health).await
}

/// Serves until the process is asked to end. `health` is that of the whole process.
async fn serve(
    name: &str,
    mut process: Process,
    listener: Listener,
    service: ComponentService,
    access: &AccessSettings,
    health: Health,
) -> anyhow::Result<()> {
    let address = listener.address();
    let requires_keys = requires_keys(name, address, access.key_check, &[service.access()]).await;
    announce(name, address);
    process.serve_admin(health);
    process.say_ready()?;
    let origins = OriginCheck::of_service(address, access);
    process.serve_component(listener, origins, service.requiring_keys(requires_keys));
    process.until_asked_to_end().await
}
