//! The shipments in PostgreSQL.

use anyhow::{Context as _, Result};
use serde::Serialize;
use tokio_postgres::{Client, NoTls, Statement};
use uuid::Uuid;

pub struct Shipments {
    client: Client,
    record_event: Statement,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shipment {
    order_id: Uuid,
    /// `wait` for the payment, `ship`, or `stop`.
    next: &'static str,
    /// How many events have changed it.
    events: i32,
}

impl Shipments {
    /// Connects, and creates the tables that are missing. The second part is the connection, which has to be awaited.
    pub async fn connect(url: &str) -> Result<(Self, impl Future<Output = Result<()>>)> {
        let connecting = tokio_postgres::connect(url, NoTls).await;
        let (client, connection) = connecting.context("DATABASE_URL cannot be connected to")?;
        let connection = tokio::spawn(connection);
        client.batch_execute(include_str!("../sql/schema.sql")).await?;
        let record_event = client.prepare(include_str!("../sql/record_event.sql")).await?;
        Ok((Self { client, record_event }, async { Ok(connection.await??) }))
    }

    /// Records an event and its effect, once for each event.
    pub async fn record(&self, event: Uuid, order: Uuid, is_paid: bool, is_canceled: bool) -> Result<()> {
        self.client.execute(&self.record_event, &[&event, &order, &is_paid, &is_canceled]).await?;
        Ok(())
    }

    /// The shipments of the newest orders.
    pub async fn list(&self) -> Result<Vec<Shipment>> {
        let rows = self.client.query(include_str!("../sql/list_shipments.sql"), &[]).await?;
        rows.iter()
            .map(|row| {
                let (is_paid, is_canceled): (bool, bool) =
                    (row.try_get("is_paid")?, row.try_get("is_canceled")?);
                let next = match (is_canceled, is_paid) {
                    (true, _) => "stop",
                    (false, true) => "ship",
                    (false, false) => "wait",
                };
                Ok(Shipment { order_id: row.try_get("order_id")?, next, events: row.try_get("events")? })
            })
            .collect()
    }
}
