//! `cargo xtask conform --host wasmcloud`: the behaviours that hold on every host, on a lattice of this machine.

use anyhow::{Result, bail};
use clap::Parser;
use conformance::run;

/// Check that Waybill keeps its promises on a wasmCloud lattice, which is started for it.
#[derive(Parser)]
#[command(bin_name = "cargo xtask conform --host wasmcloud")]
struct Settings {}

#[tokio::main]
async fn main() -> Result<()> {
    let Settings {} = Settings::parse();
    let Some(system) = waybill_lattice_tests::system().await? else {
        bail!("a program that this host needs is not installed; see above");
    };
    let report = run(&system).await;
    println!("{report}");
    report.passed()
}
