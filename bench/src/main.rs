//! `cargo xtask bench`: Waybill measured against what it is built on. Both sides run on the same servers in one run,
//! alternating, so that the ratio means something on any machine.

mod bare_publisher;
mod relay_drain;

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
}

#[tokio::main]
async fn main() -> Result<()> {
    match Command::parse() {
        Command::Relay { events, rounds } => relay_drain::measure(events, rounds).await,
    }
}
