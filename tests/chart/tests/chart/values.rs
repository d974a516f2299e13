//! What `values.schema.json` takes, and what it refuses.

use anyhow::{Result, ensure};
use waybill_chart_tests::Chart;

use crate::lacks_helm;

#[test]
fn a_value_that_cannot_be_is_refused_by_its_name() -> Result<()> {
    if lacks_helm() {
        return Ok(());
    }
    for (value, named) in [
        ("orders.setings.RUST_LOG=debug", "setings"),
        ("settings.WAYBILL_SECRETS_KEY=secret", "WAYBILL_SECRETS_KEY"),
        ("settings.ORDERS_DATABASE_URL=secret", "ORDERS_DATABASE_URL"),
        ("settings.WAYBILL_DRAIN_DELAY_S=60", "WAYBILL_DRAIN_DELAY_S"),
        ("databases.orders.secret=", "databases.orders.secret"),
        ("webhooks.secretsKey.secret=", "webhooks.secretsKey.secret"),
        ("broker.enabled=false", "events.secret"),
        ("broker.managementUrl=http://user:secret@broker:15672", "broker.managementUrl"),
        ("drainDelayS=0", "drainDelayS"),
        ("image.digest=0.1.0", "image.digest"),
        ("ingress.enabled=true", "ingress.host"),
        ("orders.resources.limits.memory=null", "orders.resources.limits"),
        ("keyCheck=auto", "keyCheck"),
    ] {
        // Helm 4 has slashes in the path of a value, Helm 3 dots.
        let refusal = Chart::ours().refusal(value)?.replace('/', ".");
        ensure!(refusal.contains(named), "{value}: {refusal}");
    }
    Ok(())
}
