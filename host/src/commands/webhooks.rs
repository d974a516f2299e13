//! `waybill webhooks`: delivers invoice events to webhook endpoints.

use waybill_webhooks::Webhooks;

use crate::databases;
use crate::health::Health;
use crate::process::Process;
use crate::settings::{ComponentName, LogSettings, WebhooksRoleSettings};

/// Runs `waybill webhooks` until it is asked to end.
pub async fn run(settings: WebhooksRoleSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut process = Process::start("webhooks", logs)?;
    let config = settings.secrets.config(settings.webhooks)?;
    process.bind_admin(&settings.admin).await?;
    let session_settings = databases::invoices_session_settings(None, settings.webhooks);
    let database =
        databases::open_shared(ComponentName::Invoices, &settings.databases, session_settings).await?;
    process.keep_database("invoices", &database);
    let service = process.telemetry.service("invoices");
    let webhooks = Webhooks::new(database.clone(), config, service)?;
    webhooks.check_secrets().await?;
    let health = Health::new().with_database("invoices_database", &database).with_webhooks(webhooks.status());
    process.webhooks(webhooks);
    process.serve_admin(health);
    process.say_ready()?;
    process.until_asked_to_end().await
}
