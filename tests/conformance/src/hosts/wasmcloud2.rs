//! wasmCloud 2, with the relay that feeds it.

use anyhow::Result;
use tempfile::TempDir;
use waybill_tests::{Postgres, Process, Wash, WaybillConfig};

use crate::system::EVENTS_TOKEN;
use crate::{Databases, System};

/// `None` if wasmCloud 2, NATS or PostgreSQL is not installed.
pub async fn start() -> Result<Option<System>> {
    let postgres = Postgres::start_migrated().await?;
    let Some(wash) = Wash::start(&postgres, EVENTS_TOKEN, &[]).await? else { return Ok(None) };
    let folder = TempDir::with_prefix("waybill-")?;
    let relay = WaybillConfig::command(["relay", "--to"], folder.path())
        .argument(wash.events())
        .databases(&postgres)
        .variable("WAYBILL_EVENTS_TOKEN", EVENTS_TOKEN);
    let relay = Process::start(&relay).await?;
    Ok(Some(System {
        orders: wash.orders(),
        invoices: wash.invoices(),
        gateway: None,
        events_token: Some(EVENTS_TOKEN.to_owned()),
        databases: Some(Databases::of(&postgres)),
        traces: None,
        is_ours: true,
        running: vec![Box::new(relay), Box::new(wash), Box::new(postgres), Box::new(folder)],
    }))
}
