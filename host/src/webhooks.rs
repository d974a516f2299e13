//! `waybill webhooks`: what has happened to invoices, to those who want to hear of it.

use waybill_postgres::Database;
use waybill_telemetry::Service;
use waybill_webhooks::{Webhooks, WebhooksConfig};

use crate::databases;
use crate::health::Health;
use crate::running::Running;
use crate::settings::{ComponentName, LogSettings, WebhooksRoleSettings, WebhooksSettings};

/// Runs `waybill webhooks` until it is asked to end.
pub async fn run(settings: WebhooksRoleSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut running = Running::start("webhooks", logs)?;
    running.bind_admin(&settings.admin).await?;
    let session_settings = databases::invoices_session_settings(None, settings.webhooks);
    let database =
        databases::open_shared(ComponentName::Invoices, &settings.databases, session_settings).await?;
    running.keep_database("invoices", &database);
    let service = running.telemetry.service("invoices");
    let webhooks = of(&database, settings.webhooks, service)?;
    let health = Health::new().with_database("invoices_database", &database).with_webhooks(webhooks.status());
    running.webhooks(webhooks);
    running.serve_admin(health);
    running.say_ready()?;
    running.until_asked_to_end().await
}

/// The relay of the webhooks in the invoices database.
pub fn of(database: &Database, settings: WebhooksSettings, service: Service) -> anyhow::Result<Webhooks> {
    let config =
        WebhooksConfig { allow_private: settings.webhooks_allow_private, ..WebhooksConfig::default() };
    Webhooks::new(database.clone(), config, service)
}
