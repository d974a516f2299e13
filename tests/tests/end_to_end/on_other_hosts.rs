//! What must hold on every host that is not ours, whose events come by `POST /events`.

use anyhow::{Context, Result, ensure};
use waybill_tests::{Direction, Load, LoadReport, OtherHost, Process, TcpProxy, eventually};

use crate::rabbitmq::{LIMIT, Roles, TOKEN};

/// How many orders [`killed_in_a_load`] sends: by hand more than in each run of the tests, by `WAYBILL_KILL_ORDERS=5000`.
pub(crate) fn orders_between_kills(usual: usize) -> Result<usize> {
    std::env::var("WAYBILL_KILL_ORDERS").map_or(Ok(usual), |text| text.parse().context("WAYBILL_KILL_ORDERS"))
}

/// Sends orders until `orders` are acknowledged, and kills the host after each third of them.
pub(crate) async fn killed_in_a_load(host: &mut impl OtherHost, orders: usize) -> Result<LoadReport> {
    let mut report = LoadReport::default();
    for until in [orders / 3, orders * 2 / 3] {
        let load = Load::start(&host.orders(), orders, 16);
        load.acknowledged(until - report.acknowledged.len()).await?;
        host.kill().await?;
        report.acknowledged.extend(load.finish().await?.acknowledged);
        host.restart().await?;
    }
    let missing = orders - report.acknowledged.len();
    let rest = Load::start(&host.orders(), missing, 16).finish().await?;
    rest.complete(missing)?;
    report.acknowledged.extend(rest.acknowledged);
    Ok(report)
}

/// The relay that posts events to the host, or to a proxy before it.
pub(crate) async fn relay_to(roles: &Roles, events: &str) -> Result<Process> {
    let relay = roles.role(&["relay", "--to", events]).variable("WAYBILL_EVENTS_TOKEN", TOKEN);
    Process::start(&relay).await
}

/// Loses the answer to an event's delivery: it is delivered again, and there is one invoice.
pub(crate) async fn an_answer_is_lost(host: &impl OtherHost, roles: &Roles) -> Result<()> {
    let events = host.events();
    let address = events.trim_start_matches("http://").trim_end_matches("/events");
    let network = TcpProxy::start(address).await?;
    let _relay = relay_to(roles, &format!("http://{}/events", network.address())).await?;
    network.stall(Direction::ToClient);
    let order = host.orders().post_json("/orders", r#"{"amount":5000}"#).await?.json()?;
    let id = order["id"].as_str().context("an order without an id")?;
    roles.invoiced(1).await?;
    let waiting = "SELECT count(*) FROM outbox";
    ensure!(roles.postgres.number("orders", waiting).await? == 1, "the event is not confirmed");

    network.cut();
    network.heal();
    eventually("the event to be confirmed", LIMIT, async || {
        Ok((roles.postgres.number("orders", waiting).await? == 0).then_some(()))
    })
    .await?;
    let invoices = format!("SELECT count(*) FROM invoices WHERE order_id = '{id}'");
    ensure!(roles.postgres.number("invoices", &invoices).await? == 1, "one invoice");
    roles.audit_is_clean().await
}
