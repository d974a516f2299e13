//! From the start of the whole program on a folder that exists to its first order, with the PostgreSQL that it runs by itself and with servers.

use std::time::Instant;

use anyhow::{Result, ensure};
use waybill_tests::{Waybill, WaybillConfig};

use crate::report::Report;
use crate::servers;

/// Measures both, alternating.
pub async fn measure(rounds: usize) -> Result<Report> {
    let postgres = servers::postgres().await?;
    let folders = (tempfile::tempdir()?, tempfile::tempdir()?);
    let ways = [
        ("own", WaybillConfig::up(folders.0.path())),
        ("servers", WaybillConfig::up(folders.1.path()).databases(&postgres)),
    ];
    let mut report = Report::new("Start", "`waybill up` on a folder that exists");
    // The first start makes the folder.
    for (_, config) in &ways {
        start(config).await?;
    }
    for round in 1..=rounds {
        for (name, config) in &ways {
            let found = start(config).await?;
            println!("round {round}, {name}: {:.0} ms to the first 201, {:.1} MiB", found[0].1, found[1].1);
            report.add(name, &found);
        }
    }
    Ok(report)
}

async fn start(config: &WaybillConfig) -> Result<Vec<(String, f64)>> {
    let begun = Instant::now();
    let waybill = Waybill::start(config).await?;
    let answer = waybill.orders.post_json("/orders", r#"{"amount": 5000}"#).await?;
    ensure!(answer.status == 201, "{} {}", answer.status, answer.text());
    let took = begun.elapsed();
    let memory = waybill.proportional_memory_kib()?;
    waybill.stop().await?;
    Ok(vec![
        ("start to 201 ms".to_owned(), took.as_secs_f64() * 1000.0),
        ("then MiB, PostgreSQL included".to_owned(), memory as f64 / 1024.0),
    ])
}
