//! What a component writes to standard error is an event of the log, as any other.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use waybill_tests::eventually;

use crate::TestEnv;

#[tokio::test]
async fn a_component_s_standard_error_has_time_level_component_and_trace() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let seller = json!({
        "name": "Ink & Paper", "taxNumber": "12/345/67890", "address": "Gasse 1", "city": "Köln", "zipCode": "50667", "country": "DE",
        "email": "rechnung@example.com", "exemptionReason": "§ 19 UStG",
    });
    waybill.gateway.put_json("/seller", seller.to_string()).await?.expect(200)?;
    // Only the seller decides that it charges no tax, so the invoices component rejects it.
    let line = json!({ "sku": "a", "description": "A", "quantity": 1, "unitPrice": 100, "taxRateBasisPoints": 1900 });
    waybill.gateway.post_json("/orders", json!({ "lines": [line] }).to_string()).await?.expect(201)?;
    let line = eventually("the component's line", Duration::from_secs(20), async || {
        Ok(waybill.log().lines().find(|line| line.contains("standard error: rejected")).map(str::to_owned))
    })
    .await?;
    let mut words = line.split_whitespace();
    let time = words.next().unwrap_or_default();
    ensure!(time.starts_with("20") && time.ends_with('Z'), "no time: {line}");
    ensure!(words.next() == Some("WARN"), "no level: {line}");
    ensure!(line.contains(r#"component="invoices""#), "{line}");
    let (_, trace) = line.split_once("trace_id=").context("no trace")?;
    let trace = trace.split_whitespace().next().unwrap_or_default();
    ensure!(trace.len() == 32 && trace.bytes().all(|byte| byte.is_ascii_hexdigit()), "{line}");
    Ok(())
}
