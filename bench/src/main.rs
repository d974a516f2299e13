//! `cargo xtask bench`: Waybill measured against what it is built on. Both sides run on the same servers in one run,
//! alternating, so that the ratio means something on any machine.

#![allow(clippy::cast_precision_loss, reason = "rates and ratios need no more than a float has")]

mod bare_publisher;
mod load;
mod orders;
mod process;
mod relay_drain;
mod twin;

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;

/// What is measured.
#[derive(Parser)]
#[command(bin_name = "cargo xtask bench")]
enum Command {
    /// How fast the relay drains a backlog into RabbitMQ, against a bare lapin publisher with the same confirms.
    Relay {
        /// Events of the backlog.
        #[arg(long, default_value_t = 100_000)]
        events: u32,
        /// Rounds; the medians are compared.
        #[arg(long, default_value_t = 3)]
        rounds: usize,
    },
    /// The orders service with reused and with fresh instances, against a native one over the same statements.
    Orders {
        /// Rounds; the medians are compared.
        #[arg(long, default_value_t = 5)]
        rounds: usize,
        /// Seconds of each load.
        #[arg(long, default_value_t = 10)]
        seconds: u32,
        /// Where everything that was measured goes, as JSON.
        #[arg(long, default_value = "orders.json")]
        output: PathBuf,
    },
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
    match Command::parse() {
        Command::Relay { events, rounds } => relay_drain::measure(events, rounds).await,
        Command::Orders { rounds, seconds, output } => orders::measure(rounds, seconds, &output).await,
        Command::Twin { listen, database } => twin::serve(listen, &database).await,
    }
}
