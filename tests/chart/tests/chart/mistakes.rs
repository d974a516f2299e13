//! Each mistake in a template is found by a rule.

use anyhow::{Context as _, Result, ensure};
use waybill_chart_tests::{Chart, rules};

use crate::{lacks_helm, values};

/// A line is one: in this file, this text becomes (→) that one, and a fault has (⇒) this in it.
fn assert_found(mistakes: &str) -> Result<()> {
    if lacks_helm() {
        return Ok(());
    }
    for mistake in mistakes.trim().lines() {
        let (file, change) = mistake.split_once(": ").context("a file")?;
        let (change, named) = change.split_once(" ⇒ ").context("a fault")?;
        let (from, to) = change.split_once(" → ").context("a change")?;
        let folder = tempfile::tempdir()?;
        let changed = Chart::changed(folder.path(), file, from, to)?;
        let faults = rules::faults(&changed.render(Some(&values("full"))).context(mistake.to_owned())?)?;
        ensure!(faults.iter().any(|fault| fault.contains(named)), "{mistake} was not found: {faults:#?}");
    }
    Ok(())
}

#[test]
fn a_right_too_many_is_found() -> Result<()> {
    assert_found(
        r#"
templates/_helpers.tpl: automountServiceAccountToken: false → automountServiceAccountToken: true ⇒ automountServiceAccountToken
templates/_helpers.tpl: enableServiceLinks: false → enableServiceLinks: true ⇒ enableServiceLinks
templates/_helpers.tpl: runAsNonRoot: true → runAsNonRoot: false ⇒ runAsNonRoot
templates/_helpers.tpl: 65532 → 0 ⇒ runs as root
templates/_helpers.tpl: RuntimeDefault → Unconfined ⇒ seccompProfile
templates/_helpers.tpl: allowPrivilegeEscalation: false → allowPrivilegeEscalation: true ⇒ allowPrivilegeEscalation
templates/_helpers.tpl: readOnlyRootFilesystem: true → readOnlyRootFilesystem: false ⇒ readOnlyRootFilesystem
templates/_helpers.tpl: drop: [ALL] → drop: [NET_RAW] ⇒ capabilities
templates/_helpers.tpl:     items: →     optionalItems: ⇒ all of a Secret
templates/migrate.yaml: {{- include "waybill.containerSecurity" . | nindent 12 }} → privileged: true ⇒ privileged
values.yaml: memory: 256Mi → memory: 512Mi ⇒ 256 MiB
values.yaml: memory: 128Mi → memory: 1Gi ⇒ more than the limit
Chart.yaml: appVersion: 0.1.0 → appVersion: 0.0.9 ⇒ another version
"#,
    )
}

#[test]
fn a_probe_that_asks_the_wrong_thing_is_found() -> Result<()> {
    assert_found(
        r"
templates/_helpers.tpl: startupProbe: → startProbe: ⇒ startupProbe
templates/_helpers.tpl: httpGet: { path: /livez, port: admin } → httpGet: { path: /health, port: admin } ⇒ /health
templates/_helpers.tpl: httpGet: { path: /readyz, port: admin } → httpGet: { path: /readyz, port: http } ⇒ the port http
templates/_helpers.tpl: timeoutSeconds: 3 → timeoutSeconds: 1 ⇒ less than 3 s
templates/_helpers.tpl: failureThreshold: 60 → failureThreshold: 5 ⇒ 10 s to start
templates/_helpers.tpl: add $values.drainDelayS 30 → add $values.drainDelayS 10 ⇒ its drain of 20 s
templates/_helpers.tpl: {{ else }}30 → {{ else }}10 ⇒ killed after 10 s
templates/gateway.yaml: path: /status, → path: /metrics, ⇒ /metrics
templates/orders.yaml: WAYBILL_DRAIN_DELAY_S → OTEL_DELAY ⇒ WAYBILL_DRAIN_DELAY_S
",
    )
}

#[test]
fn a_setting_that_no_role_has_or_that_shows_a_secret_is_found() -> Result<()> {
    assert_found(
        r"
templates/_helpers.tpl: WAYBILL_LOG_FORMAT → WAYBILL_LOGS ⇒ WAYBILL_LOGS
templates/orders.yaml: WAYBILL_KEY_CHECK → OTEL_CHECK ⇒ WAYBILL_KEY_CHECK
templates/webhooks.yaml: WAYBILL_SECRETS_KEY → WAYBILL_EVENTS_TOKEN ⇒ waybill webhooks knows no WAYBILL_EVENTS_TOKEN
templates/relay.yaml: BROKER_MANAGEMENT_URL → OTEL_URL ⇒ without BROKER_MANAGEMENT_URL
templates/gateway.yaml: ORDERS_UPSTREAM → ORDER_UPSTREAM ⇒ ORDER_UPSTREAM
templates/migrate.yaml: - name: WAYBILL_LOG_FORMAT → - name: ORDERS_DATABASE_URL ⇒ ORDERS_DATABASE_URL is there twice
templates/migrate.yaml: value: json → value: postgresql://waybill:secret@orders-db/orders ⇒ WAYBILL_LOG_FORMAT is written down
templates/ingress.yaml: kind: Ingress → kind: Secret ⇒ a secret's value
",
    )
}

#[test]
fn a_name_or_port_that_nothing_has_is_found() -> Result<()> {
    assert_found(
        r#"
templates/orders.yaml: :3333" .Values → :3335" .Values ⇒ WAYBILL_ORDERS_LISTEN
templates/invoices.yaml: "port" 3334 → "port" 3333 ⇒ WAYBILL_INVOICES_LISTEN
templates/gateway.yaml: -orders-each → -order-each ⇒ no Service
templates/_helpers.tpl: containerPort: 9464 → containerPort: 9465 ⇒ WAYBILL_ADMIN_LISTEN
templates/gateway.yaml: targetPort: http → targetPort: https ⇒ its port
templates/metrics.yaml: waybill-admin" "true" → waybill-admin" "yes" ⇒ no pod
templates/metrics.yaml: port: metrics → port: admin ⇒ no port admin
templates/ingress.yaml: name: http → name: web ⇒ a port web
templates/networkpolicy.yaml: - port: admin → - port: metrics ⇒ has no port
templates/networkpolicy.yaml: list "orders" "invoices" → list "orders" ⇒ gateway may not connect to invoices
templates/networkpolicy.yaml: [Ingress, Egress] → [Ingress] ⇒ both directions
templates/networkpolicy.yaml: with $callers → with false ⇒ may not connect to orders
templates/networkpolicy.yaml: - from: → - other: ⇒ everybody
templates/networkpolicy.yaml: "audit" (dict → "orders" (dict ⇒ no NetworkPolicy
templates/_helpers.tpl: maxUnavailable: 1 → maxUnavailable: 3 ⇒ copies
"#,
    )
}
