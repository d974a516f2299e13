//! Every behaviour that holds on every host, on a lattice.

use anyhow::{Result, ensure};

#[tokio::test]
async fn every_behaviour_holds_on_wasmcloud() -> Result<()> {
    let Some(system) = waybill_lattice_tests::system().await? else { return Ok(()) };
    let report = conformance::run(&system).await;
    println!("{report}");
    ensure!(report.not_checked().is_empty(), "not checked: {:?}", report.not_checked());
    report.passed()
}
