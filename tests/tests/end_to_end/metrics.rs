//! Metrics, and the readiness of each role.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use waybill_tests::{
    Http, Ledger, Load, OtlpSink, Peer, Process, Rabbit, Waybill, WaybillConfig, ensure_contains, eventually,
};

use crate::TestEnv;

const LIMIT: Duration = Duration::from_secs(30);
const ORDERS: u16 = 50;

/// The metrics of a process as they are now: each series, with its labels, and its value.
pub(crate) async fn scrape(admin: &Http) -> Result<BTreeMap<String, f64>> {
    series(&scrape_text(admin).await?)
}

/// No message was tried again or became a dead letter.
pub(crate) async fn counts_no_attempt(admin: &Http) -> Result<()> {
    let metrics = scrape(admin).await?;
    for counted in ["waybill_consumer_retries_total", "waybill_consumer_dead_letters_total"] {
        let of_name = metrics.iter().filter(|(series, _)| series.starts_with(counted));
        ensure!(of_name.map(|(_, count)| count).sum::<f64>() < 0.5, "{counted}: {metrics:#?}");
    }
    Ok(())
}

/// The text that Prometheus would read.
pub(crate) async fn scrape_text(admin: &Http) -> Result<String> {
    let answer = admin.get("/metrics").await?;
    ensure!(answer.header("content-type").is_some_and(|it| it.starts_with("text/plain; version=0.0.4")));
    Ok(answer.text())
}

/// Each series of such a text, with its labels, and its value.
pub(crate) fn series(text: &str) -> Result<BTreeMap<String, f64>> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').with_context(|| line.to_owned())?;
            Ok((series.to_owned(), value.parse()?))
        })
        .collect()
}

/// The sum of all series of a name.
fn sum(metrics: &BTreeMap<String, f64>, name: &str, label: &str) -> f64 {
    let of_name = |series: &str| series.split('{').next() == Some(name) && series.contains(label);
    metrics.iter().filter(|(series, _)| of_name(series)).map(|(_, value)| value).sum()
}

#[tokio::test]
async fn what_was_done_is_counted() -> Result<()> {
    let Some(url) = Rabbit::virtual_host().await else { return Ok(()) };
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().variable("BROKER_URL", &url).admin()).await?;
    let admin = waybill.address("admin")?;
    let report = Load::start(&waybill.gateway, ORDERS.into(), 4).finish().await?;
    report.complete(ORDERS.into())?;
    Ledger::settled(&waybill).await?;
    Peer::connect(&url).await?.send_to_queue("orders", b"no json").await?;
    waybill.gateway.get("/orders/nothing").await?;

    let all = f64::from(ORDERS);
    let metrics = eventually("every counter", LIMIT, async || {
        let metrics = scrape(&admin).await?;
        let is = |name: &str, label: &str, value: f64| (sum(&metrics, name, label) - value).abs() < 0.5;
        let done = is("waybill_consumer_dead_letters_total", "rejected", 1.0)
            && is("waybill_queue_messages", "\"orders.dead\"", 1.0)
            && is("waybill_invoices_total", "", all)
            && is("waybill_relay_events_delivered_total", "", all)
            && is("waybill_consumer_acknowledged_total", "", all);
        ensure!(done, "{metrics:#?}");
        Ok(Some(metrics))
    })
    .await?;
    let count = |name: &str, label: &str| sum(&metrics, name, label);
    for (name, label, least) in [
        (
            "waybill_http_request_duration_seconds_count",
            "route=\"/orders\",service=\"orders\",status=\"201\"",
            all,
        ),
        ("waybill_http_request_duration_seconds_bucket", "status=\"201\",le=\"+Inf\"", all),
        ("waybill_http_request_duration_seconds_count", "route=\"{unknown}\"", 1.0),
        ("waybill_sql_duration_seconds_count", "database=\"orders\",outcome=\"ok\"", all),
        ("waybill_sql_duration_seconds_count", "database=\"invoices\",outcome=\"ok\"", all),
        ("waybill_events_duration_seconds_count", "outcome=\"accepted\",way=\"rabbitmq\"", all),
        ("waybill_events_duration_seconds_count", "outcome=\"rejected\"", 1.0),
        ("waybill_broker_published_total", "", all + 1.0),
        ("waybill_broker_confirmed_total", "", all + 1.0),
        ("waybill_consumer_deliveries_total", "", all + 1.0),
        ("waybill_instances_created_total", "component=\"orders\"", 1.0),
        ("waybill_instances_live", "component=\"orders\"", 1.0),
        ("waybill_database_connections", "database=\"orders\"", 1.0),
        ("waybill_broker_connected", "", 1.0),
        ("waybill_relay_active", "", 1.0),
        ("waybill_build_info", "version=", 1.0),
    ] {
        ensure!(count(name, label) >= least, "{name} {label}: {} of {least}", count(name, label));
    }
    for (name, label) in [
        ("waybill_http_requests_in_flight", ""),
        ("waybill_outbox_events", ""),
        ("waybill_outbox_oldest_age_seconds", ""),
        ("waybill_broker_returned_total", ""),
        ("waybill_broker_lossy", ""),
        ("waybill_consumer_stopped", ""),
        ("waybill_consumer_in_flight", ""),
        ("waybill_instances_failed_total", ""),
    ] {
        ensure!(metrics.keys().any(|series| series.starts_with(name)), "{name} is not there");
        ensure!(count(name, label).abs() < 0.5, "{name}: {}", count(name, label));
    }
    // No series of one order: what has identifiers in it would grow without bound.
    let id = report.acknowledged[0].id.to_string();
    ensure!(!metrics.keys().any(|series| series.contains(&id)), "an identifier is a label");
    Ok(())
}

#[tokio::test]
async fn the_outbox_is_seen_to_grow_while_nothing_can_be_delivered() -> Result<()> {
    let env = TestEnv::servers().await?;
    let Some(rabbit) = Rabbit::start().await else { return Ok(()) };
    let waybill = Waybill::start(&env.config().variable("BROKER_URL", rabbit.url()).admin()).await?;
    let admin = waybill.address("admin")?;
    rabbit.kill().await;
    let report = Load::start(&waybill.gateway, ORDERS.into(), 4).finish().await?;
    report.complete(ORDERS.into())?;
    let pending = "waybill_outbox_events{state=\"pending\"}";
    eventually("a full outbox that grows old", LIMIT, async || {
        let metrics = scrape(&admin).await?;
        let age = metrics.get("waybill_outbox_oldest_age_seconds").copied().unwrap_or(0.0);
        ensure!(metrics.get(pending).copied() == Some(f64::from(ORDERS)) && age > 1.0, "{metrics:#?}");
        let is = |name: &str| metrics.get(name).is_some_and(|value| *value > 0.5);
        ensure!(!is("waybill_broker_connected") && is("waybill_relay_waiting"), "{metrics:#?}");
        Ok(Some(()))
    })
    .await?;
    let ready = admin.get("/readyz").await?;
    ensure!(ready.status == 503 && ready.text().contains("broker: not connected"), "{}", ready.text());
    ensure!(admin.get("/livez").await?.status == 200, "it lives all the same");
    rabbit.start_again().await;
    Ledger::settled(&waybill).await?;
    eventually("an empty outbox", LIMIT, async || {
        let metrics = scrape(&admin).await?;
        Ok((metrics.get(pending).copied() == Some(0.0)).then_some(()))
    })
    .await
}

#[tokio::test]
async fn every_role_says_whether_it_is_ready_and_a_command_asks_it() -> Result<()> {
    let mut env = TestEnv::servers().await?;
    let Some(url) = Rabbit::virtual_host().await else { return Ok(()) };
    Waybill::run(&env.command(&["migrate"])).await?.succeeded()?;
    let mut roles = Vec::new();
    for (words, checks) in [
        (&["serve", "orders", "--orders-listen", "127.0.0.1:0"][..], &["orders_database: ok"][..]),
        (
            &["serve", "invoices", "--invoices-listen", "127.0.0.1:0"],
            &["invoices_database: ok", "broker: ok"],
        ),
        (&["relay"], &["orders_database: ok", "broker: ok", "relay: ok"]),
        (&["webhooks"], &["invoices_database: ok", "webhooks: ok"]),
        (&["push", "--to", "http://127.0.0.1:1/events"], &["broker: ok"]),
        (&["audit", "--every-s", "1"], &["orders_database: ok", "invoices_database: ok"]),
    ] {
        let config = env.command(words).variable("BROKER_URL", &url).admin();
        let role = Process::start(&config).await.with_context(|| words.join(" "))?;
        let admin = role.address("admin")?;
        admin.answers("/readyz", 200).await?;
        let text = admin.get("/readyz").await?.text();
        ensure_contains(&text, checks.iter().chain(&["process: ok"])).with_context(|| words.join(" "))?;
        ensure!(admin.get("/livez").await?.status == 200);
        scrape(&admin).await?;
        let asked = env.command(&["health", "--admin-listen", admin.authority()]);
        let ended = Process::run(&asked).await?;
        ensure!(ended.status.success() && ended.stdout == text, "{}{}", ended.stdout, ended.stderr);
        roles.push((role, admin));
    }
    let audit = &roles[5].1;
    eventually("the result of an audit", LIMIT, async || {
        let metrics = scrape(audit).await?;
        let completed = metrics.get("waybill_audit_completed_seconds").copied().unwrap_or(0.0);
        Ok((completed > 1.7e9 && metrics.get("waybill_audit_findings") == Some(&0.0)).then_some(()))
    })
    .await?;

    // Without its database the service is not ready, and is when it is back.
    let admin = &roles[0].1;
    let postgres = env.postgres_mut()?;
    postgres.stop().await?;
    admin.answers("/readyz", 503).await?;
    let asked = WaybillConfig::command(["health"], env.folder.path())
        .variable("WAYBILL_ADMIN_LISTEN", admin.authority());
    let ended = Process::run(&asked).await?;
    ensure!(ended.status.code() == Some(1) && ended.stdout.contains("not ready"), "{}", ended.stdout);
    let ended = Process::run(&asked.argument("--live")).await?;
    ensure!(ended.status.success() && ended.stdout == "alive\n", "{}", ended.stdout);
    ensure!(admin.get("/livez").await?.status == 200);
    env.postgres_mut()?.restart().await?;
    admin.answers("/readyz", 200).await?;

    let unused = env.command(&["health", "--admin-listen", "127.0.0.1:1"]);
    let ended = Process::run(&unused).await?;
    ensure!(
        ended.status.code() == Some(2) && ended.stderr.contains("WAYBILL_ADMIN_LISTEN"),
        "{}",
        ended.stderr
    );
    Ok(())
}

#[tokio::test]
async fn metrics_are_sent_by_otlp_too() -> Result<()> {
    for protocol in ["http/protobuf", "grpc"] {
        let sink = OtlpSink::start().await?;
        let env = TestEnv::local()?;
        let config = env
            .config()
            .variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint())
            .variable("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
            .variable("OTEL_METRIC_EXPORT_INTERVAL", "200");
        let waybill = Waybill::start(&config).await?;
        waybill.gateway.create("/orders", r#"{"amount":5000}"#).await?;
        eventually("the metrics", LIMIT, async || {
            let metrics = sink.metrics()?;
            let has = |name: &str| metrics.contains(&("waybill".to_owned(), name.to_owned()));
            Ok((has("waybill.http.request.duration") && has("waybill.outbox.events")).then_some(()))
        })
        .await
        .with_context(|| protocol.to_owned())?;
        waybill.stop().await?;
        sink.metrics()?;
    }
    Ok(())
}
