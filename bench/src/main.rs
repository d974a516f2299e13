//! `cargo xtask bench`: Waybill measured against what it is built on. Both sides run on the same servers in one run,
//! alternating, so that the ratio means something on any machine.

#![allow(missing_docs, reason = "a name says enough where nothing outside the project links it")]
#![allow(clippy::cast_precision_loss, reason = "rates and ratios need no more than a float has")]

mod bare_publisher;
mod chart;
mod documents;
mod growth;
mod hosts;
mod hosts_page;
mod latency;
mod load;
mod local;
mod numbers;
mod orders;
mod process;
mod relay_drain;
mod report;
mod servers;
mod start;
mod twin;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use serde_json::json;

use self::report::Report;

/// Waybill measured against what it is built on.
#[derive(Parser)]
#[command(bin_name = "cargo xtask bench")]
struct Cli {
    /// What to measure; everything by default.
    #[command(subcommand)]
    what: Option<What>,
    /// Rounds; the medians are compared.
    #[arg(long, global = true, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each load.
    #[arg(long, global = true, default_value_t = 10)]
    seconds: u32,
    /// The file into which everything that was measured is written as JSON; a chart goes beside it.
    #[arg(long, global = true, default_value = "bench.json")]
    output: PathBuf,
    /// Events of the relay's backlog.
    #[arg(long, global = true, default_value_t = 1_000_000)]
    events: u32,
}

#[derive(Subcommand)]
enum What {
    /// The orders service with reused and with fresh instances, against a native one over the same statements.
    Orders,
    /// From an order to its invoice, in one process and over RabbitMQ, at 200 and 1,000 orders a second.
    Latency,
    /// Invoices with gapless numbers, against the same with numbers of a sequence.
    Numbers,
    /// How many PDFs, pages and electronic invoices one core makes in a second.
    Documents,
    /// How fast the relay drains a backlog into RabbitMQ, against a bare lapin publisher with the same confirms.
    Relay,
    /// What an order costs beside a thousand, a million and ten million that are there already.
    Growth,
    /// From the start on a folder that exists to the first order, with the PostgreSQL that it runs by itself and with servers.
    Start,
    /// `waybill up` with the PostgreSQL that it runs by itself, against the same with one that was started by hand.
    Local,
    /// The services on every host that is here, by components for WASI 0.2 and for WASI 0.3: behaviours kept, orders, memory and cold start.
    Hosts,
    /// Be the native twin of the orders service.
    #[command(hide = true)]
    Twin {
        /// Its address.
        #[arg(long)]
        listen: SocketAddr,
        /// The URL of the orders database.
        #[arg(long)]
        database: String,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    let Cli { what, rounds, seconds, output, events } = Cli::parse();
    let reports = match what {
        Some(What::Twin { listen, database }) => return twin::serve(listen, &database).await,
        Some(What::Orders) => vec![orders::measure(rounds, seconds).await?],
        Some(What::Latency) => vec![latency::measure(rounds, seconds).await?],
        Some(What::Numbers) => vec![numbers::measure(rounds, seconds).await?],
        Some(What::Documents) => vec![documents::measure(rounds, seconds)?],
        Some(What::Relay) => vec![relay_drain::measure(events, rounds).await?],
        Some(What::Growth) => vec![growth::measure(rounds, seconds).await?],
        Some(What::Local) => vec![local::measure(rounds, seconds).await?],
        Some(What::Start) => vec![start::measure(rounds).await?],
        Some(What::Hosts) => vec![hosts::measure(rounds, seconds).await?],
        None => vec![
            orders::measure(rounds, seconds).await?,
            start::measure(rounds).await?,
            local::measure(rounds, seconds).await?,
            latency::measure(rounds, seconds).await?,
            numbers::measure(rounds, seconds).await?,
            documents::measure(rounds, seconds)?,
            relay_drain::measure(events, rounds).await?,
            growth::measure(rounds, seconds).await?,
        ],
    };
    for report in &reports {
        println!("{report}");
    }
    let measured: Vec<_> = reports.iter().map(Report::json).collect();
    let document = json!({ "rounds": rounds, "seconds": seconds, "reports": measured });
    std::fs::write(&output, serde_json::to_string_pretty(&document)?)?;
    println!("All of it is in {}", output.display());
    if let Some(svg) = reports.iter().find_map(chart::of_orders) {
        let chart = output.with_extension("svg");
        std::fs::write(&chart, svg?)?;
        println!("A chart is in {}", chart.display());
    }
    Ok(())
}
