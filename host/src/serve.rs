//! `waybill serve`: one service in a process of its own, in any number of copies.

use std::sync::Arc;

use wasmtime::component::Component;
use waybill_postgres::{Database, SessionSettings};
use waybill_telemetry::Service;

use crate::{
    components, databases,
    deliver::{HandleMessages, Receiver},
    health::Health,
    http::{Listener, Role},
    running::{Running, announce},
    runtime::{Blueprint, Engine, HttpService, MessageService},
    settings::{ComponentName, LogSettings, ServeInvoicesSettings, ServeOrdersSettings, ServeSettings},
};

/// Runs `waybill serve` until it is asked to end.
pub async fn run(settings: ServeSettings, logs: &LogSettings) -> anyhow::Result<()> {
    match settings {
        ServeSettings::Orders(settings) => orders(*settings, logs).await,
        ServeSettings::Invoices(settings) => invoices(*settings, logs).await,
    }
}

async fn orders(settings: ServeOrdersSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut running = Running::start(logs)?;
    let listener = Listener::bind(settings.listen.orders_listen, "--orders-listen").await?;
    let hosting = &settings.hosting;
    running.bind_admin(&hosting.admin).await?;
    let (database, (engine, [component])) = tokio::try_join!(
        databases::open_shared(ComponentName::Orders, &hosting.databases, SessionSettings::default()),
        components::compile([ComponentName::Orders], hosting),
    )?;
    running.keep_database("orders", &database);
    running.keep_engine(&engine);
    let role = orders_service(&engine, &component, &database, &running.telemetry.service("orders"))?;
    announce("orders", listener.address());
    running.serve_admin(Health::new().with_database(&database));
    running.say_ready()?;
    running.serve_role(listener, role);
    running.until_asked_to_end().await
}

async fn invoices(settings: ServeInvoicesSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut running = Running::start(logs)?;
    let (broker, token) = (settings.broker.config("invoices")?, settings.events.checked()?);
    let listener = Listener::bind(settings.listen.invoices_listen, "--invoices-listen").await?;
    let hosting = &settings.hosting;
    running.bind_admin(&hosting.admin).await?;
    let told = databases::told(token.as_ref(), settings.webhooks);
    let (database, (engine, [component])) = tokio::try_join!(
        databases::open_shared(ComponentName::Invoices, &hosting.databases, told),
        components::compile([ComponentName::Invoices], hosting),
    )?;
    running.keep_database("invoices", &database);
    running.keep_engine(&engine);
    let service = running.telemetry.service("invoices");
    let (mut role, messages) = invoices_service(&engine, &component, &database, &service)?;
    let mut health = Health::new().with_database(&database);
    if let Some(config) = broker {
        let broker = running.link_broker(config)?;
        running.consume(&broker, HandleMessages::new(Receiver::new(messages, database, service)));
        role = role.with_health(Health::new().with_broker(&broker));
        health = health.with_broker(&broker);
    }
    announce("invoices", listener.address());
    running.serve_admin(health);
    running.say_ready()?;
    running.serve_role(listener, role);
    running.until_asked_to_end().await
}

/// The orders component, over HTTP.
pub fn orders_service(
    engine: &Engine,
    component: &Component,
    database: &Database,
    service: &Service,
) -> anyhow::Result<Role> {
    let blueprint = blueprint("orders", engine, component, database, service)?;
    Ok(Role::new("orders", HttpService::new(blueprint)?, service.clone()))
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
    Ok((Role::new("invoices", HttpService::new(blueprint)?, service.clone()), messages))
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
