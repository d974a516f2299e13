//! `waybill serve`: one service in a process of its own, in any number of copies.

use std::net::SocketAddr;
use std::sync::Arc;

use wasmtime::component::Component;
use waybill_postgres::{Database, SessionSettings};
use waybill_telemetry::Service;

use crate::access::Access;
use crate::health::Health;
use crate::http::{Listener, OriginCheck, Role};
use crate::invoices_handler::InvoicesHandler;
use crate::running::{Running, announce};
use crate::runtime::{Blueprint, Engine, HttpService, MessageService};
use crate::settings::{
    ComponentName, KeyCheck, LogSettings, ServeInvoicesSettings, ServeOrdersSettings, ServeSettings,
};
use crate::{components, databases};

/// Runs `waybill serve` until it is asked to end.
pub async fn run(settings: ServeSettings, logs: &LogSettings) -> anyhow::Result<()> {
    match settings {
        ServeSettings::Orders(settings) => orders(*settings, logs).await,
        ServeSettings::Invoices(settings) => invoices(*settings, logs).await,
    }
}

async fn orders(settings: ServeOrdersSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut running = Running::start("orders", logs)?;
    let listener = Listener::bind(settings.listen.orders_listen, "--orders-listen").await?;
    let hosting = &settings.hosting;
    running.delay_drain(hosting.drain);
    running.bind_admin(&hosting.admin).await?;
    let (database, (engine, [component])) = tokio::try_join!(
        databases::open_shared(ComponentName::Orders, &hosting.databases, SessionSettings::default()),
        components::load([ComponentName::Orders], hosting),
    )?;
    running.keep_database("orders", &database);
    let role = orders_service(&engine, &component, &database, &running.telemetry.service("orders"))?;
    let asks = asks_for_keys("orders", listener.address(), hosting.access.key_check, &[&role]).await;
    let role = role.asking_for_keys(asks).with_health(Health::new().until(running.ending()));
    let origins = OriginCheck::of_service(listener.address(), &hosting.access);
    announce("orders", listener.address());
    running.serve_admin(Health::new().with_database("orders_database", &database));
    running.say_ready()?;
    running.serve_role(listener, origins, role);
    running.until_asked_to_end().await
}

async fn invoices(settings: ServeInvoicesSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut running = Running::start("invoices", logs)?;
    let (broker, token) = (settings.broker.config("invoices")?, settings.events.checked()?);
    let listener = Listener::bind(settings.listen.invoices_listen, "--invoices-listen").await?;
    let hosting = &settings.hosting;
    running.delay_drain(hosting.drain);
    running.bind_admin(&hosting.admin).await?;
    let session_settings = databases::invoices_session_settings(token.as_ref(), settings.webhooks);
    let (database, (engine, [component])) = tokio::try_join!(
        databases::open_shared(ComponentName::Invoices, &hosting.databases, session_settings),
        components::load([ComponentName::Invoices], hosting),
    )?;
    running.keep_database("invoices", &database);
    let service = running.telemetry.service("invoices");
    let (mut role, messages) = invoices_service(&engine, &component, &database, &service)?;
    let asks = asks_for_keys("invoices", listener.address(), hosting.access.key_check, &[&role]).await;
    role = role.asking_for_keys(asks);
    let origins = OriginCheck::of_service(listener.address(), &hosting.access);
    let mut own_health = Health::new().until(running.ending());
    let mut health = Health::new().with_database("invoices_database", &database);
    if let Some(config) = broker {
        let broker = running.link_broker(config)?;
        running.consume(&broker, InvoicesHandler::new(messages, database, service));
        own_health = own_health.with_broker(&broker);
        health = health.with_broker(&broker);
    }
    announce("invoices", listener.address());
    running.serve_admin(health);
    running.say_ready()?;
    running.serve_role(listener, origins, role.with_health(own_health));
    running.until_asked_to_end().await
}

/// Whether the listener `name` of these roles asks for API keys. Says what whoever started it should know of that: that there
/// are no keys yet, or that everybody is let in.
pub async fn asks_for_keys(name: &str, address: SocketAddr, check: KeyCheck, roles: &[&Role]) -> bool {
    if check.leaves_open(address) {
        tracing::warn!(
            "whoever reaches {address} ({name}) may call it without a key, as --key-check off says; \
             keep it behind a gateway that checks, or leave that setting out"
        );
    }
    let asks = check.asks_at(address);
    if asks {
        for role in roles {
            role.access().tell_if_there_is_no_key().await;
        }
    }
    asks
}

/// The orders component, over HTTP.
pub fn orders_service(
    engine: &Engine,
    component: &Component,
    database: &Database,
    service: &Service,
) -> anyhow::Result<Role> {
    let blueprint = blueprint("orders", engine, component, database, service)?;
    let access = Access::new(ComponentName::Orders, database);
    Ok(Role::new("orders", HttpService::new(blueprint)?, service.clone(), access))
}

/// The invoices component, over HTTP and for messages.
pub fn invoices_service(
    engine: &Engine,
    component: &Component,
    database: &Database,
    service: &Service,
) -> anyhow::Result<(Role, MessageService)> {
    let blueprint = blueprint("invoices", engine, component, database, service)?;
    let messages = MessageService::new(blueprint.clone())?;
    let access = Access::new(ComponentName::Invoices, database);
    Ok((Role::new("invoices", HttpService::new(blueprint)?, service.clone(), access), messages))
}

fn blueprint(
    name: &'static str,
    engine: &Engine,
    component: &Component,
    database: &Database,
    service: &Service,
) -> anyhow::Result<Blueprint> {
    Blueprint::new(name, engine, component, Arc::new(database.clone()), service.clone())
}
