//! What the manifests of different platforms say of the same things: ports, variables, queues, paths, roles and flags. What is right
//! is what the program says of itself, by the tree of its commands.

// What fails in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod command_lines;
mod commands;
mod entry_point;
mod files;
mod infra;
mod kong;
mod limits;
mod links;
mod listeners;
mod manifests;
mod program;
mod protections;
mod spin;

use files::Files;

fn disagreements(files: &Files) -> Vec<String> {
    let mut faults = Vec::new();
    manifests::compose(files, &mut faults);
    manifests::dockerfile(files, &mut faults);
    manifests::gateway(&mut faults);
    manifests::kong(files, &mut faults);
    kong::health_checks(files, &mut faults);
    kong::settings(files, &mut faults);
    kong::overrides(files, &mut faults);
    kong::plugins_by_default(files, &mut faults);
    kong::origins(files, &mut faults);
    kong::confinement(files, &mut faults);
    listeners::of_the_program(files, &mut faults);
    listeners::of_compose(files, &mut faults);
    manifests::spin(files, &mut faults);
    spin::commands(files, &mut faults);
    spin::kubernetes(files, &mut faults);
    manifests::spinkube(files, &mut faults);
    manifests::wadm(files, &mut faults);
    protections::compose(files, &mut faults);
    protections::kubernetes(files, &mut faults);
    command_lines::without_secrets(files, &mut faults);
    commands::are_known(files, &mut faults);
    limits::numbers(files, &mut faults);
    if let Some(graph) = &files.graph {
        infra::graph(graph, &mut faults);
    }
    faults
}

#[tokio::test]
async fn all_manifests_agree_with_the_program() {
    let files = Files::read().await;
    let faults = disagreements(&files);
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Each mistake is found. A line is one: in this file, this text becomes (→) that one, and the fault names the file and (⇒) this.
fn assert_found(files: &Files, mistakes: &'static str) {
    for mistake in mistakes.trim().lines() {
        let (file, change) = mistake.split_once(": ").expect(mistake);
        let (change, named) = change.split_once(" ⇒ ").expect(mistake);
        let (from, to) = change.split_once(" → ").expect(mistake);
        let [from, to] = [from, to].map(|text| text.replace("\\n", "\n"));
        let Some(changed) = files.changed(file, &from, &to) else {
            assert!(file == "infra" && files.graph.is_none(), "{file} has no {from}");
            continue;
        };
        let faults = disagreements(&changed);
        let found = faults.iter().any(|fault| fault.contains(named) && fault.contains(file));
        assert!(found, "{mistake} was not found: {faults:#?}");
    }
}

#[tokio::test]
async fn a_port_a_variable_a_queue_or_a_flag_that_differs_is_found() {
    let mistakes = r#"
docker-compose.yml: 127.0.0.1:3333:3333 → 127.0.0.1:3333:3335 ⇒ 3335
docker-compose.yml: 0.0.0.0:3334 → 0.0.0.0:3344 ⇒ 3344
docker-compose.yml: 127.0.0.1:5482:5432 → 127.0.0.1:5492:5432 ⇒ 5482
docker-compose.yml: 127.0.0.1:16686:16686 → 127.0.0.1:16687:16686 ⇒ 16686
docker-compose.yml: 127.0.0.1}:8000:8000 → 127.0.0.1}:8008:8000 ⇒ 8000
docker-compose.yml: INVOICES_UPSTREAM:-invoices:3334 → INVOICES_UPSTREAM:-invoices:3335 ⇒ 3335
docker-compose.yml: WAYBILL_KEY_CHECK → WAYBILL_KEYCHECK ⇒ WAYBILL_KEYCHECK
docker-compose.yml: "serve", "orders" → "server", "orders" ⇒ server
docker-compose.yml: --every-s → --every ⇒ --every
docker-compose.yml: "/waybill", "health" → "/waybill", "healthy" ⇒ healthy
deploy/Dockerfile: EXPOSE 3333 → EXPOSE 3332 ⇒ 3333
deploy/Dockerfile: WAYBILL_INVOICES_LISTEN=0.0.0.0:3334 → WAYBILL_INVOICES_LISTEN=0.0.0.0:4334 ⇒ 4334
deploy/Dockerfile: ENV WAYBILL_COMPILED → ENV WAYBILL_COMPILE ⇒ WAYBILL_COMPILE
docs/spin.md: \nspin up\n → \nspin up --variable events_token=$WAYBILL_EVENTS_TOKEN\n ⇒ secret
docs/spin.md: \nspin up\n → \nspin up --runtime-config-file deploy/spin/runtime-config.toml\n ⇒ outbound_pg
.gitignore: /.spin\n →  ⇒ .spin
deploy/spinkube/waybill.yaml:   checks: →   runtimeConfig:\n    loadFromSecret: x\n  checks: ⇒ runtimeConfig
spin.toml: route = "/customers/..." → route = "/clients/..." ⇒ /customers
spin.toml: orders_database_url → order_database_url ⇒ order_database_url
deploy/kubernetes/relay.yaml: --admin-listen → --admin ⇒ --admin
deploy/wadm.local.yaml: 127.0.0.1:3333 → 127.0.0.1:3338 ⇒ 3338
wadm.yaml: queue: orders → queue: order ⇒ order
infra: 3334 → 3336 ⇒ 3336
infra: "/waybill","health" → "/waybill","status" ⇒ status
"#;
    assert_found(&Files::read().await, mistakes);
}

#[tokio::test]
async fn a_protection_that_is_off_is_found() {
    let mistakes = r#"
docker-compose.yml: [*telemetry, *management] → *telemetry ⇒ relay: without BROKER_MANAGEMENT_URL
docker-compose.yml: [*telemetry, *drain, *management] → [*telemetry, *drain] ⇒ invoices: without BROKER_MANAGEMENT_URL
docker-compose.yml: [*telemetry, *drain] → *telemetry ⇒ orders: without WAYBILL_DRAIN_DELAY_S
docker-compose.yml: WAYBILL_DRAIN_DELAY_S: 15 → WAYBILL_DRAIN_DELAY_S: 40 ⇒ killed
docker-compose.yml: stop_grace_period: 45s → stop_grace_period: 25s ⇒ killed
docker-compose.yml: working_dir: /webhooks-key → working_dir: / ⇒ WAYBILL_SECRETS_KEY
docker-compose.yml: test -s .env → test -s .key ⇒ WAYBILL_SECRETS_KEY
docker-compose.yml: head -c 32 → head -c 16 ⇒ WAYBILL_SECRETS_KEY
docker-compose.yml: webhooks-key: { condition: service_completed_successfully } →  ⇒ WAYBILL_SECRETS_KEY
deploy/kubernetes/webhooks.yaml: WAYBILL_SECRETS_KEY → OTEL_KEY ⇒ WAYBILL_SECRETS_KEY
deploy/kubernetes/webhooks.yaml: key: secrets-key → key: webhooks-key ⇒ WAYBILL_SECRETS_KEY
infra: BROKER_MANAGEMENT_URL → OTEL_URL ⇒ relay: without BROKER_MANAGEMENT_URL
infra: WAYBILL_SECRETS_KEY → OTEL_KEY ⇒ webhooks: without WAYBILL_SECRETS_KEY
infra: WAYBILL_DRAIN_DELAY_S → OTEL_DELAY ⇒ orders: without WAYBILL_DRAIN_DELAY_S
infra: "stopTimeout":45 → "stopTimeout":20 ⇒ killed
"#;
    assert_found(&Files::read().await, mistakes);
}

#[tokio::test]
async fn a_number_that_is_not_the_programs_is_found() {
    let mistakes = "
docs/limits.md: | Prepared statements of a connection | 256 | → | Prepared statements | 2,256 | ⇒ PREPARED
docs/limits.md: 16 KiB, of which the log has 200 → 16 KiB, of which the log has 300 ⇒ REASON_CHARS
docs/limits.md: | Sessions | → | Kept sessions | ⇒ SESSIONS
docs/limits.md: | 64, so 64 MiB → | 128, so 64 MiB ⇒ WAYBILL_PREFETCH
docs/limits.md: | 24 MiB | `WAYBILL_BUFFER → | 25 MiB | `WAYBILL_BUFFER ⇒ WAYBILL_BUFFER_MEMORY_MIB
";
    assert_found(&Files::read().await, mistakes);
}

#[tokio::test]
async fn what_opens_kong_or_holds_it_up_is_found() {
    let mistakes = r#"
docker-compose.yml: migrate keys create --name → migrate keys create --names ⇒ first key
docs/compose.md: migrate keys create --name shop --scope → migrate key create --name shop --scope ⇒ first key
docker-compose.yml: ${WAYBILL_PUBLISH:-127.0.0.1}:8000 → 0.0.0.0:8000 ⇒ everybody
docker-compose.yml: WAYBILL_PUBLISH:-127.0.0.1 → WAYBILL_PUBLISH:-0.0.0.0 ⇒ everybody
docker-compose.yml: 127.0.0.1:3334:3334 → 127.0.0.1:3334:3334"\n      - "127.0.0.1:9464:9464 ⇒ 9464
docker-compose.yml: WAYBILL_KEY_CHECK: required → WAYBILL_KEY_CHECK: "off" ⇒ key check
docker-compose.yml: HTTPS_ONLY:  → KONG_ADMIN_LISTEN: 0.0.0.0:8001\n      HTTPS_ONLY:  ⇒ KONG_ADMIN_LISTEN
docker-compose.yml: cap_drop: [ALL]\n    tmpfs → tmpfs ⇒ rights
SECURITY.md: `127.0.0.1:16686` → `0.0.0.0:16686` ⇒ 16686
SECURITY.md: | `15672` | → | `15673` | ⇒ 15672
kong: orders:3333 → orders:3330 ⇒ 3330
kong: ~/credit-notes → ~/creditnotes ⇒ /credit-notes
kong: ~/customers(?:/.*)?$ → ~/events(?:/.*)?$ ⇒ /events
kong: strip_path: false → strip_path: true ⇒ strip_path
kong: tcp_failures: 0 → tcp_failures: 3 ⇒ tcp_failures
kong: [410, 500 → [500 ⇒ drains
kong: [200, 503] → [200] ⇒ database
kong: successes: 0 → successes: 1 ⇒ passive successes
kong: enabled: false\n    config:\n      origins → enabled: true\n    config:\n      origins ⇒ may call
kong settings: IDLE_TIMEOUT=20 → IDLE_TIMEOUT=60 ⇒ KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT
kong settings: KONG_ADMIN_LISTEN=off → KONG_ADMIN_LISTEN=127.0.0.1:8001 ⇒ Admin API
kong settings: KONG_ADMIN_GUI_LISTEN=off\n →  ⇒ Kong Manager
kong settings: 127.0.0.1:8000 → 0.0.0.0:8000 ⇒ KONG_PROXY_LISTEN
kong settings: 127.0.0.1:8100 → 0.0.0.0:8100 ⇒ KONG_STATUS_LISTEN
kong settings: MAX_BODY_SIZE=64k → MAX_BODY_SIZE=0 ⇒ written to disk
kong settings: BUFFER_SIZE=64k → BUFFER_SIZE=8k ⇒ written to disk
kong settings: WORKER_PROCESSES=2 → WORKER_PROCESSES=auto ⇒ memory
kong settings: KONG_HEADERS=off → KONG_HEADERS=server_tokens ⇒ version
kong settings: REPORTS=off → REPORTS=on ⇒ Kong Inc.
kong settings: INSTRUMENTATIONS=request,balancer → INSTRUMENTATIONS=off ⇒ spans
kong settings: $sent_http_x_request_id → $kong_request_id ⇒ x_request_id
kong settings: access.log waybill → access.log ⇒ KONG_PROXY_ACCESS_LOG
gateway/Dockerfile: /dev/stdout waybill → /dev/stdout ⇒ KONG_PROXY_ACCESS_LOG
gateway/Dockerfile: KONG_PREFIX=/tmp/kong → KONG_PREFIX=/tmp/kong KONG_ADMIN_LISTEN=0.0.0.0:8001 ⇒ KONG_ADMIN_LISTEN
kong: status_code_metrics: true → status_code_metrics: false ⇒ requests of Kong
kong: sampling_rate: 1.0 → sampling_rate: 0.01 ⇒ sampled
kong:         - content-disposition\n →  ⇒ exposed_headers
kong: headers: [waybill-caller] → headers: [] ⇒ caller
kong:     route: orders\n →  ⇒ key-auth
kong: name: key-auth\n    enabled: false → name: key-auth\n    enabled: true ⇒ key-auth
kong: key_in_query: false → key_in_query: true ⇒ logs
docker-compose.yml: WAYBILL_CORS_ORIGINS: ${ → WAYBILL_CORS_ORIGINS: ${OTHER_ ⇒ origins
"#;
    assert_found(&Files::read().await, mistakes);
}
