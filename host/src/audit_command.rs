//! `waybill audit`: proves that nothing was lost, or says what was.

use std::{
    fmt,
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context as _;
use serde_json::json;
use waybill_broker::Broker;

use crate::{
    audit::{Finding, Options, Summary, audit},
    databases,
    running::Running,
    settings::{AuditSettings, ComponentName, LogSettings},
};

/// Runs `waybill audit`: 0 when all is well, 1 when something is off; an error means that nothing can be said.
pub async fn run(settings: AuditSettings, logs: &LogSettings) -> anyhow::Result<ExitCode> {
    let mut running = Running::start(logs)?;
    let broker = settings.broker.config("audit")?;
    let orders = databases::open_to_read(ComponentName::Orders, &settings.databases).await?;
    running.keep_database("orders", &orders);
    let invoices = databases::open_to_read(ComponentName::Invoices, &settings.databases).await?;
    running.keep_database("invoices", &invoices);
    let queues = match broker {
        Some(config) => {
            let broker = running.link_broker(config)?;
            broker.ready().await?;
            Some(Queues::read(&broker).await?)
        }
        None => None,
    };
    let options = Options { grace: Duration::from_secs(settings.grace_s.into()) };
    let mut output = Output { json: settings.json, written: Ok(()) };
    let summary = audit(&orders, &invoices, &options, &mut |finding| output.finding(finding)).await;
    let summary = summary.context("the audit broke off")?;
    output.summary(&summary, queues.as_ref());
    running.end().await;
    output.written.context("what the audit found could not be written to standard output")?;
    Ok(if summary.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// How many messages wait in RabbitMQ.
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
        let waiting = broker.depth(&config.queue).await?.0.into();
        let dead = broker.depth(&config.dead_letter_queue()).await?.0.into();
        Ok(Self { waiting, retrying, dead })
    }
}

/// Standard output, as text or as JSON, one line for each finding and then the summary.
struct Output {
    json: bool,
    /// The first failure; nothing is written after it. A reader may go away, as `head` does when it has seen enough.
    written: io::Result<()>,
}

impl Output {
    fn finding(&mut self, finding: &Finding) {
        if self.json { self.line(&json!(finding)) } else { self.line(finding) }
    }

    fn summary(&mut self, summary: &Summary, queues: Option<&Queues>) {
        if self.json {
            return self.line(&as_json(summary, queues));
        }
        let Summary { orders, young, invoices, outbox_waiting, findings } = summary;
        self.line(&format_args!(
            "{orders} orders, {invoices} invoices, {outbox_waiting} events in the outbox"
        ));
        if *young > 0 {
            self.line(&format_args!("{young} orders have no invoice yet and are too young to be judged"));
        }
        if let Some(Queues { waiting, retrying, dead }) = queues {
            self.line(&format_args!(
                "RabbitMQ: {waiting} messages wait, {retrying} wait for another attempt, {dead} dead letters"
            ));
        }
        for (kind, count) in findings {
            self.line(&format_args!("{kind}: {count}"));
        }
        self.line(if summary.is_clean() {
            &"clean: every order has its invoice, and the numbers have no gap"
        } else {
            &"Next: waybill dead-letters list shows what could not be handled"
        });
    }

    fn line(&mut self, line: &dyn fmt::Display) {
        if self.written.is_ok() {
            self.written = writeln!(io::stdout(), "{line}");
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
