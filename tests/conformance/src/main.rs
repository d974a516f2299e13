//! `cargo xtask conform`: the behaviours against one host.

#![allow(missing_docs, reason = "a name says enough where nothing outside the project links it")]
#![allow(clippy::doc_markdown, reason = "the comments of the settings are shown in a terminal")]

use anyhow::{Result, bail};
use clap::Parser;
use conformance::{Elsewhere, Host, System, run};
use waybill_tests::Wasi;

/// Check that Waybill keeps its promises on a host: waybill and waybill-servers are our own binary, spin is the program of
/// that name (SPIN_BIN, or on the PATH), wasmcloud2 is `wash host` of wasmCloud 2 (wasmcloud2-rabbitmq: with events over RabbitMQ), wasmcloud is a lattice of wasmCloud 1.9, and an
/// address is a system that runs already and that nobody else writes to meanwhile.
#[derive(Parser)]
#[command(bin_name = "cargo xtask conform")]
struct Settings {
    /// waybill, waybill-servers, spin, wasmcloud2, wasmcloud2-rabbitmq, wasmcloud, or an address such as http://localhost:3000.
    #[arg(long, value_name = "HOST")]
    host: Host,
    /// Start the host, print where it serves, and end it at Ctrl-C, in place of checking it. What was written is gone then.
    #[arg(long)]
    serve: bool,
    /// How often to check it, on a host that is started anew each time. A behaviour that fails once in many runs is a fault too.
    #[arg(long, value_name = "COUNT", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000), conflicts_with = "serve")]
    runs: u32,
    /// The version of WASI for which the components are built, 0.2 or 0.3: of waybill, waybill-servers and wasmcloud2.
    #[arg(long, value_name = "VERSION", default_value = "0.2")]
    wasi: Wasi,
    #[command(flatten)]
    elsewhere: Elsewhere,
}

#[tokio::main]
async fn main() -> Result<()> {
    let settings = Settings::parse();
    if settings.serve {
        let system = settings.start().await?;
        println!("orders    http://{}", system.orders.authority());
        println!("invoices  http://{}", system.invoices.authority());
        return Ok(tokio::signal::ctrl_c().await?);
    }
    let mut failed = Vec::new();
    for number in 1..=settings.runs {
        let report = run(&settings.start().await?).await;
        if settings.runs == 1 {
            println!("{report}");
            return report.passed();
        }
        println!("run {number} of {}: {report}\n", settings.runs);
        if report.passed().is_err() {
            failed.push(number);
        }
    }
    if !failed.is_empty() {
        bail!("not all behaviours were kept in {} of {} runs: {failed:?}", failed.len(), settings.runs);
    }
    println!("{} runs without a behaviour that was not kept", settings.runs);
    Ok(())
}

impl Settings {
    async fn start(&self) -> Result<System> {
        match self.host.start(self.wasi, self.elsewhere.clone()).await? {
            Some(system) => Ok(system),
            None => bail!("a program that this host needs is not installed; see above"),
        }
    }
}
