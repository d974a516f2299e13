//! The relay with this transport, on a real outbox.

use std::fs;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::Value;
use waybill_example_file_transport::ToFile;
use waybill_postgres::Database;
use waybill_relay::{Relay, RelayConfig};
use waybill_telemetry::Service;

const LIMIT: Duration = Duration::from_secs(20);
const SCHEMA: &str = include_str!("../../../migrations/orders/V1__orders.sql");
const TWO_EVENTS: &str = r"
    INSERT INTO outbox (id, event_type, order_id, payload)
    SELECT gen_random_uuid(), 'order.created', gen_random_uuid(), json_build_object('amount', n) FROM generate_series(1, 2) AS n";

#[tokio::test]
async fn an_event_leaves_the_outbox_when_the_file_has_it() -> Result<()> {
    let config =
        waybill_test_database::database("outbox", async |database| Ok(database.query_batch(SCHEMA).await?));
    let database = Database::connect(config.await?).await?;
    database.rows(TWO_EVENTS, &[]).await?;
    let folder = tempfile::tempdir()?;

    // A path that cannot be written: nothing is lost, and no attempt is counted.
    let unavailable = ToFile(folder.path().join("missing/events.jsonl"));
    let relay = Relay::new(database.clone(), unavailable, RelayConfig::default(), Service::off());
    let step = relay.step().await?;
    ensure!(step.delivered == 0 && step.failed == 0, "{step:?}");

    drop(relay);
    let file = folder.path().join("events.jsonl");
    let relay = Relay::new(database.clone(), ToFile(file.clone()), RelayConfig::default(), Service::off());
    let both = async {
        let mut delivered = 0;
        // The former relay's lock ends with its session, a moment later.
        while delivered < 2 {
            delivered += relay.step().await?.delivered;
        }
        anyhow::Ok(())
    };
    tokio::time::timeout(LIMIT, both).await??;
    let lines = fs::read_to_string(file)?;
    let mut amounts = Vec::new();
    for line in lines.lines() {
        let event: Value = serde_json::from_str(line)?;
        ensure!(event["type"] == "order.created", "{event}");
        amounts.push(event["data"]["amount"].as_i64());
    }
    amounts.sort_unstable();
    ensure!(amounts == [Some(1), Some(2)], "{lines}");
    ensure!(database.rows("SELECT 1 FROM outbox", &[]).await?.is_empty(), "delivered events are deleted");
    Ok(())
}
