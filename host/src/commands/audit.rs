//! `waybill audit`: proves that nothing was lost, or lists what was.

use std::fmt;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tokio::time::{MissedTickBehavior, interval};
use waybill_broker::Broker;
use waybill_postgres::Database;

use crate::audit::{Chain, Finding, Options, Summary, audit};
use crate::databases::{self, Databases};
use crate::health::Health;
use crate::metrics::watch;
use crate::output::{self, OutputError};
use crate::process::Process;
use crate::settings::{AuditSettings, ComponentName, LogSettings};

/// Runs `waybill audit`: exits with 0 without findings, with 1 if there are some; an error means that the audit failed.
pub async fn run(settings: AuditSettings, logs: &LogSettings) -> anyhow::Result<ExitCode> {
    let mut process = Process::start("audit", logs)?;
    let broker = settings.broker.config("audit")?;
    let names = [ComponentName::Orders, ComponentName::Invoices];
    for name in names {
        databases::ensure_exists(name, &settings.databases)?;
    }
    let databases = Databases::join(&settings.databases, &names).await?;
    process.keep_local_postgres(databases.local());
    let orders = databases.open_to_read(ComponentName::Orders).await?;
    process.keep_database("orders", &orders);
    let invoices = databases.open_to_read(ComponentName::Invoices).await?;
    process.keep_database("invoices", &invoices);
    let broker = match broker {
        Some(config) => {
            let broker = process.link_broker(config)?;
            broker.ready().await?;
            Some(broker)
        }
        None => None,
    };
    let options = Options { grace: Duration::from_secs(settings.grace_s.into()) };
    let output = Output { json: settings.json, written: Ok(()) };
    let mut audited = Audit { orders, invoices, broker, options, output };
    if let Some(every_s) = settings.every_s {
        process.bind_admin(&settings.admin).await?;
        let health = Health::new()
            .with_database("orders_database", &audited.orders)
            .with_database("invoices_database", &audited.invoices);
        process.serve_admin(health);
        process.say_ready()?;
        let every = Duration::from_secs(every_s.into());
        process.until_asked_to_end_while(audited.repeat(every)).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let summary = audited.run().await?;
    process.end().await;
    match audited.output.written {
        // A reader such as `head` has seen enough; the exit code says what was found.
        Ok(()) | Err(OutputError::Closed) => {}
        Err(error) => return Err(error).context("the findings could not be written"),
    }
    Ok(if summary.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is audited, and where the findings go.
struct Audit {
    orders: Database,
    invoices: Database,
    broker: Option<Broker>,
    options: Options,
    output: Output,
}

impl Audit {
    async fn run(&mut self) -> anyhow::Result<Summary> {
        let queues = match &self.broker {
            Some(broker) => Some(Queues::read(broker).await?),
            None => None,
        };
        let Self { orders, invoices, options, output, .. } = self;
        let summary = audit(orders, invoices, options, &mut |finding| output.finding(finding)).await;
        let summary = summary.context("the audit failed")?;
        output.summary(&summary, queues.as_ref());
        Ok(summary)
    }

    /// A failed audit is logged, and the next one runs at its time; metrics show the age of the last one that succeeded.
    async fn repeat(mut self, every: Duration) {
        let mut times = interval(every);
        times.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            times.tick().await;
            match self.run().await {
                Ok(summary) => watch::audit(&summary),
                Err(error) => tracing::warn!("an audit failed: {error:#}"),
            }
        }
    }
}

/// Messages in RabbitMQ.
struct Queues {
    waiting: u64,
    retrying: u64,
    dead: u64,
}

impl Queues {
    async fn read(broker: &Broker) -> anyhow::Result<Self> {
        let config = broker.config();
        let mut retrying = 0;
        for delay in &config.retry_delays {
            retrying += u64::from(broker.depth(&config.retry_queue(*delay)).await?.0);
        }
        let isolated = broker.depth(&config.isolated_queue()).await?.0;
        let waiting = u64::from(broker.depth(&config.queue).await?.0) + u64::from(isolated);
        let dead = broker.depth(&config.dead_letter_queue()).await?.0.into();
        Ok(Self { waiting, retrying, dead })
    }
}

/// Standard output, as text or as JSON, one line for each finding and then the summary.
struct Output {
    json: bool,
    /// The first failure, after which nothing is written.
    written: Result<(), OutputError>,
}

impl Output {
    fn finding(&mut self, finding: &Finding) {
        if self.json { self.line(&json!(finding)) } else { self.line(finding) }
    }

    fn summary(&mut self, summary: &Summary, queues: Option<&Queues>) {
        if self.json {
            return self.line(&as_json(summary, queues));
        }
        let Summary { orders, young: _, invoices, outbox_pending, chains, findings, next_steps } = summary;
        self.line(&format_args!(
            "{orders} orders, {invoices} invoices, {outbox_pending} events in the outbox"
        ));
        if let Some(Queues { waiting, retrying, dead }) = queues {
            self.line(&format_args!(
                "RabbitMQ: {waiting} messages are ready, {retrying} wait for a retry, {dead} dead letters"
            ));
        }
        for Chain { series, last_number, sha256 } in chains {
            self.line(&format_args!("series {series} ends with the number {last_number}, hash {sha256}"));
        }
        for (kind, count) in findings {
            self.line(&format_args!("{kind}: {count}"));
        }
        self.line(&verdict(summary));
        for step in next_steps {
            self.line(&format_args!("Next: {step}"));
        }
    }

    fn line(&mut self, line: &dyn fmt::Display) {
        if self.written.is_ok() {
            self.written = output::line(line);
        }
    }
}

/// What the audit proved, and what it did not look at.
fn verdict(Summary { young, findings, .. }: &Summary) -> String {
    match (findings.is_empty(), young) {
        (true, 0) => "clean: every order has its invoice, the numbers have no gap, and documents are as they were issued".to_owned(),
        (true, young) => format!(
            "clean but for young orders: every other order has its invoice, the numbers have no gap, and documents are as they were \
             issued; not judged: {young} without an invoice yet, younger than --grace-s"
        ),
        (false, 0) => "not clean".to_owned(),
        (false, young) => {
            format!("not clean; not judged: {young} orders without an invoice yet, younger than --grace-s")
        }
    }
}

fn as_json(summary: &Summary, queues: Option<&Queues>) -> serde_json::Value {
    let mut document = json!(summary);
    document["kind"] = json!("summary");
    document["clean"] = json!(summary.is_clean());
    if let Some(Queues { waiting, retrying, dead }) = queues {
        document["queues"] = json!({ "waiting": waiting, "retrying": retrying, "deadLetters": dead });
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_claims_nothing_of_orders_that_were_not_judged() {
        let summary = |young, findings: u64| Summary {
            young,
            findings: (findings > 0).then_some(("number_gap", findings)).into_iter().collect(),
            ..Summary::default()
        };
        assert!(verdict(&summary(0, 0)).starts_with("clean: every order has its invoice"));
        let young = verdict(&summary(1363, 0));
        assert!(young.starts_with("clean but for young orders") && young.contains("1363"), "{young}");
        assert!(!young.contains("every order has"), "{young}");
        for young in [0, 1] {
            let found = verdict(&summary(young, 1));
            assert!(found.starts_with("not clean") && found.contains("not judged") == (young > 0), "{found}");
        }
    }
}
