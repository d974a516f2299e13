//! What `values.schema.json` takes, and what it refuses.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use waybill_chart_tests::{Chart, Pod};

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
        ("gateway.rateLimitPerMinute=1000000000", "gateway.rateLimitPerMinute"),
    ] {
        // Helm 4 has slashes in the path of a value, Helm 3 dots.
        let refusal = Chart::ours().refusal(value)?.replace('/', ".");
        ensure!(refusal.contains(named), "{value}: {refusal}");
    }
    Ok(())
}

#[test]
fn numbers_are_rendered_as_they_are_given() -> Result<()> {
    if lacks_helm() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let values = folder.path().join("values.yaml");
    fs::write(&values, "orders: { replicas: 0 }\ngateway: { rateLimitPerMinute: 999999999 }\n")?;
    let manifests = Chart::ours().render(Some(&values))?;
    let pod = |component: &str| {
        let mut pods = Pod::all(&manifests);
        pods.find(|pod| pod.component() == component).with_context(|| format!("no {component}"))
    };
    for (component, replicas) in [("orders", 0), ("invoices", 2), ("audit", 1)] {
        let rendered = &pod(component)?.owner["spec"]["replicas"];
        ensure!(*rendered == replicas, "{component}: {rendered}");
    }
    let limit = pod("gateway")?.value("RATE_LIMIT_PER_MINUTE");
    ensure!(limit == Some("999999999"), "{limit:?}");
    Ok(())
}
