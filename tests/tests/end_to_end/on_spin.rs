//! Orders and invoices on Spin, where that is installed, fed with events by our roles.

use anyhow::Result;
use waybill_tests::{OtherHost as _, Spin};

use crate::on_other_hosts::{an_answer_is_lost, killed_in_a_load};
use crate::rabbitmq::{Roles, TOKEN};
use crate::role_outages::kept_and_invoiced;

const ORDERS: usize = 5_000;

#[tokio::test]
async fn spin_is_killed_in_a_load_over_rabbitmq_and_nothing_is_lost() -> Result<()> {
    let Some((mut spin, roles)) = prepare().await? else { return Ok(()) };
    let (_relay, _push) = (roles.relay().await?, roles.push(&spin.events()).await?);
    let report = killed_in_a_load(&mut spin, ORDERS).await?;
    kept_and_invoiced(&roles, &report).await
}

#[tokio::test]
async fn an_answer_of_spin_that_is_lost_leads_to_a_second_delivery_and_one_invoice() -> Result<()> {
    let Some((spin, roles)) = prepare().await? else { return Ok(()) };
    an_answer_is_lost(&spin, &roles).await
}

/// `None` if Spin, PostgreSQL or RabbitMQ is not installed.
async fn prepare() -> Result<Option<(Spin, Roles)>> {
    let Some(program) = Spin::program() else { return Ok(None) };
    let Some(roles) = Roles::prepare().await? else { return Ok(None) };
    let spin = Spin::start(program, &roles.postgres, TOKEN, &[]).await?;
    Ok(Some((spin, roles)))
}
