//! `waybill audit`: proves that nothing was lost, or says what was.

use std::{process::ExitCode, time::Duration};

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
    let json = settings.json;
    let mut print = |finding: &Finding| {
        if json {
            println!("{}", json!(finding));
        } else {
            println!("{finding}");
        }
    };
    let summary = audit(&orders, &invoices, &options, &mut print).await;
    let summary = summary.map_err(|error| anyhow::anyhow!("the audit broke off: {}", in_words(&error)))?;
    if json {
        println!("{}", as_json(&summary, queues.as_ref()));
    } else {
        print_text(&summary, queues.as_ref());
    }
    running.end().await;
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

fn print_text(summary: &Summary, queues: Option<&Queues>) {
    let Summary { orders, young, invoices, outbox_waiting, findings } = summary;
    println!("{orders} orders, {invoices} invoices, {outbox_waiting} events in the outbox");
    if *young > 0 {
        println!("{young} orders have no invoice yet and are too young to be judged");
    }
    if let Some(Queues { waiting, retrying, dead }) = queues {
        println!(
            "RabbitMQ: {waiting} messages wait, {retrying} wait for another attempt, {dead} dead letters"
        );
    }
    for (kind, count) in findings {
        println!("{kind}: {count}");
    }
    if summary.is_clean() {
        println!("clean: every order has its invoice, and the numbers have no gap");
    } else {
        println!("Next: waybill dead-letters list shows what could not be handled");
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

fn in_words(error: &waybill_postgres::value::QueryError) -> &str {
    use waybill_postgres::value::QueryError::{InvalidParams, InvalidQuery, Unexpected};
    match error {
        InvalidParams(text) | InvalidQuery(text) | Unexpected(text) => text,
    }
}
