//! Orders and invoices on Spin, where that is installed, fed with events by our roles.

use anyhow::{Context, Result, ensure};
use waybill_tests::{Direction, Load, LoadReport, Process, Spin, TcpProxy, eventually};

use crate::rabbitmq::{LIMIT, Roles, TOKEN};
use crate::role_outages::kept_and_invoiced;

const ORDERS: usize = 5_000;

#[tokio::test]
async fn spin_is_killed_in_a_load_over_rabbitmq_and_nothing_is_lost() -> Result<()> {
    let Some((mut spin, roles)) = prepare().await? else { return Ok(()) };
    let (_relay, _push) = (roles.relay().await?, roles.push(&spin.events()).await?);
    let mut report = LoadReport::default();
    for until in [ORDERS / 3, ORDERS * 2 / 3] {
        let load = Load::start(&spin.http(), ORDERS, 16);
        load.acknowledged(until - report.acknowledged.len()).await?;
        spin.kill().await?;
        report.acknowledged.extend(load.finish().await?.acknowledged);
        spin.restart().await?;
    }
    let missing = ORDERS - report.acknowledged.len();
    let rest = Load::start(&spin.http(), missing, 16).finish().await?;
    rest.complete(missing)?;
    report.acknowledged.extend(rest.acknowledged);
    kept_and_invoiced(&roles, &report).await
}

#[tokio::test]
async fn an_answer_of_spin_that_is_lost_leads_to_a_second_delivery_and_one_invoice() -> Result<()> {
    let Some((spin, roles)) = prepare().await? else { return Ok(()) };
    let network = TcpProxy::start(spin.http().authority()).await?;
    let target = format!("http://{}/events", network.address());
    let relay = roles.role(&["relay", "--to", &target]).variable("WAYBILL_EVENTS_TOKEN", TOKEN);
    let _relay = Process::start(&relay).await?;
    network.stall(Direction::ToClient);
    let order = spin.http().post_json("/orders", r#"{"amount":5000}"#).await?.json()?;
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

/// `None` if Spin, PostgreSQL or RabbitMQ is not installed.
async fn prepare() -> Result<Option<(Spin, Roles)>> {
    let Some(program) = Spin::program() else { return Ok(None) };
    let Some(roles) = Roles::prepare().await? else { return Ok(None) };
    let spin = Spin::start(program, &roles.postgres, TOKEN, &[]).await?;
    Ok(Some((spin, roles)))
}
