//! The last release is replaced by this version under load, copy by copy, and this version by it, in the order of docs/upgrade.md.
//!
//! `WAYBILL_LAST_RELEASE` names the program of the last release.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use waybill_tests::{Balancer, Http, Load, Postgres, Process, WaybillConfig, eventually, last_release};

use crate::TestEnv;
use crate::rabbitmq::TOKEN;
use crate::rolling_restart::{DRAIN_DELAY_S, addresses, replace};

/// Orders between two steps.
const ORDERS: usize = 50;

/// How long invoices may take to catch up.
const CATCH_UP_LIMIT: Duration = Duration::from_mins(1);

const INVOICES: &str = "SELECT count(*) FROM invoices";

/// Processes of a version over one PostgreSQL server.
struct Version<'a> {
    /// `None` is this one.
    program: Option<PathBuf>,
    env: &'a TestEnv,
    postgres: &'a Postgres,
}

impl Version<'_> {
    fn config(&self, words: &[&str]) -> WaybillConfig {
        let folder = self.env.folder.path();
        let config = WaybillConfig::command(words.iter().copied(), folder)
            .databases(self.postgres)
            .variable("WAYBILL_EVENTS_TOKEN", TOKEN);
        match &self.program {
            Some(program) => config
                .program(program)
                .variable("WAYBILL_COMPILED", folder.join("compiled").display().to_string()),
            None => config,
        }
    }

    async fn run(&self, command: &str) -> Result<()> {
        Process::run(&self.config(&[command]))
            .await?
            .succeeded()
            .map(drop)
            .with_context(|| command.to_owned())
    }

    async fn serve(&self, service: &str) -> Result<Process> {
        let listen = format!("--{service}-listen");
        let words = ["serve", service, &listen, "127.0.0.1:0", "--drain-delay-s", DRAIN_DELAY_S];
        Process::start(&self.config(&words).admin()).await.with_context(|| format!("serve {service}"))
    }

    async fn relay(&self, to: &Http) -> Result<Process> {
        let target = format!("http://{}/events", to.authority());
        Process::start(&self.config(&["relay", "--to", &target]).admin()).await.context("relay")
    }
}

/// A service in two copies behind a load balancer.
struct Service {
    name: &'static str,
    copies: [Process; 2],
    balancer: Balancer,
}

impl Service {
    async fn start(name: &'static str, version: &Version<'_>) -> Result<Self> {
        let copies = [version.serve(name).await?, version.serve(name).await?];
        let balancer = Balancer::start([addresses(&copies[0], name)?, addresses(&copies[1], name)?]).await?;
        Ok(Self { name, copies, balancer })
    }

    async fn replace(&mut self, version: &Version<'_>, load: &Load) -> Result<()> {
        for (index, copy) in self.copies.iter_mut().enumerate() {
            let new = version.serve(self.name).await?;
            replace(&self.balancer, index, copy, self.name, new).await?;
            load.acknowledged_more(ORDERS).await.with_context(|| format!("{} {index}", self.name))?;
        }
        Ok(())
    }
}

#[tokio::test]
async fn the_last_release_is_replaced_under_load_and_comes_back() -> Result<()> {
    let Some(program) = last_release() else { return Ok(()) };
    let (env, postgres) = (TestEnv::local()?, Postgres::start().await?);
    let (env, postgres) = (&env, &postgres);
    let released = Version { program: Some(program), env, postgres };
    let current = Version { program: None, env, postgres };

    released.run("migrate").await?;
    let mut orders = Service::start("orders", &released).await?;
    let mut invoices = Service::start("invoices", &released).await?;
    let mut relay = released.relay(&invoices.balancer.address()).await?;
    let load = Load::start(&orders.balancer.address(), usize::MAX, 4);
    load.acknowledged_more(ORDERS).await?;
    let issued = Document::first(&invoices.balancer.address()).await?;

    current.run("migrate").await?;
    load.acknowledged_more(ORDERS).await.context("after the migrations")?;
    invoices.replace(&current, &load).await?;
    orders.replace(&current, &load).await?;
    relay = replace_relay(relay, current.relay(&invoices.balancer.address()).await?).await?;
    load.acknowledged_more(ORDERS).await.context("with this version alone")?;
    issued.is_the_same(&invoices.balancer.address()).await?;

    orders.replace(&released, &load).await?;
    relay = replace_relay(relay, released.relay(&invoices.balancer.address()).await?).await?;
    invoices.replace(&released, &load).await?;
    load.acknowledged_more(ORDERS).await.context("with the last release again")?;
    issued.is_the_same(&invoices.balancer.address()).await?;

    load.stop();
    let report = load.finish().await?;
    println!("{} orders in {:?}", report.acknowledged.len(), report.took);
    report.complete(report.acknowledged.len())?;
    let orders = i64::try_from(report.acknowledged.len())?;
    ensure!(postgres.number("orders", "SELECT count(*) FROM orders").await? == orders);
    eventually("an invoice for each order", CATCH_UP_LIMIT, async || {
        Ok((postgres.number("invoices", INVOICES).await? >= orders).then_some(()))
    })
    .await?;
    relay.stop().await?.succeeded()?;
    ensure!(postgres.number("invoices", INVOICES).await? == orders, "more invoices than orders");
    current.run("audit").await
}

/// The new one stands by until the old one has ended.
async fn replace_relay(old: Process, new: Process) -> Result<Process> {
    old.stop().await?.succeeded()?;
    Ok(new)
}

/// A document that the last release issued and wrote.
struct Document {
    path: String,
    pdf: Vec<u8>,
}

impl Document {
    async fn first(invoices: &Http) -> Result<Self> {
        let path = eventually("an invoice", CATCH_UP_LIMIT, async || {
            let list: Value = invoices.get("/invoices?limit=1").await?.json()?;
            Ok(list["invoices"][0]["id"].as_str().map(|id| format!("/invoices/{id}")))
        })
        .await?;
        let pdf = Self::pdf(invoices, &path).await?;
        Ok(Self { path, pdf })
    }

    async fn pdf(invoices: &Http, path: &str) -> Result<Vec<u8>> {
        let answer = invoices.get_as(path, "application/pdf", "de").await?;
        answer.expect(200)?;
        Ok(answer.body.to_vec())
    }

    async fn is_the_same(&self, invoices: &Http) -> Result<()> {
        let pdf = Self::pdf(invoices, &self.path).await?;
        ensure!(pdf == self.pdf, "the PDF of {} is not what the last release wrote", self.path);
        Ok(())
    }
}
