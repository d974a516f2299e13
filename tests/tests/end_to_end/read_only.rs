//! Databases that are there and take no writes, as after a failover to a standby.

use std::time::Duration;

use anyhow::{Result, ensure};
use waybill_tests::{Peer, Rabbit, Waybill, eventually};

use crate::TestEnv;
use crate::metrics::counts_no_attempt;

const LIMIT: Duration = Duration::from_secs(30);
const ORDER: &str = "5f0c7a52-1f0e-4bb4-9d2f-0a3f6f1f8e13";

#[tokio::test]
async fn databases_that_take_no_writes_refuse_orders_and_make_no_dead_letters() -> Result<()> {
    let env = TestEnv::servers().await?;
    let Some(url) = Rabbit::virtual_host().await else { return Ok(()) };
    let postgres = env.postgres()?;
    let config = env.config().variable("BROKER_URL", &url).admin();
    let waybill = Waybill::start(&config).await?;
    let admin = waybill.address("admin")?;
    waybill.invoices.answers("/health", 200).await?;
    let place = async || waybill.orders.post_json("/orders", r#"{"amount":5000}"#).await;

    postgres.set_read_only("on").await?;
    let refused = eventually("a refusal", LIMIT, async || {
        let answer = place().await?;
        Ok((answer.status != 201).then_some(answer))
    })
    .await?;
    ensure!(refused.status == 503 && refused.header("retry-after").is_some(), "{refused:?}");
    let event = format!(r#"{{"orderId":"{ORDER}","amount":5000,"customer":{{"id":"1651654165"}}}}"#);
    Peer::connect(&url).await?.send_to_queue("orders", event.as_bytes()).await?;
    for database in ["orders_database", "invoices_database"] {
        admin.is_not_ready(&[database, "the database is read-only"]).await?;
    }

    postgres.set_read_only("off").await?;
    waybill.invoices.invoice_of(ORDER).await?;
    counts_no_attempt(&admin).await?;
    eventually("an order that is taken", LIMIT, async || Ok((place().await?.status == 201).then_some(())))
        .await
}
