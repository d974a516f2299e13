//! `waybill up` with the PostgreSQL that it runs by itself, against the same program with one that was started by hand: the same
//! version of PostgreSQL, with its own default settings and reached over TCP.

use std::path::Path;

use anyhow::{Result, ensure};
use waybill_tests::{Postgres, Waybill, WaybillConfig};

use crate::load::{self, Request};
use crate::report::Report;

/// What PostgreSQL has by itself, in place of what `waybill up` starts it with.
const DEFAULTS: &[(&str, &str)] = &[
    ("shared_buffers", "128MB"),
    ("max_wal_size", "1GB"),
    ("wal_level", "replica"),
    ("max_wal_senders", "10"),
    ("max_logical_replication_workers", "4"),
    ("max_parallel_workers_per_gather", "2"),
    ("huge_pages", "try"),
    ("jit", "on"),
];

/// How long each is written to before it is measured.
const WARM_UP_SECONDS: u32 = 2;

/// Measures both, alternating.
pub async fn measure(rounds: usize, seconds: u32) -> Result<Report> {
    let mut postgres = Postgres::start_with(DEFAULTS).await?;
    postgres.keep_quiet();
    let folders = (tempfile::tempdir()?, tempfile::tempdir()?);
    let contenders = [
        ("own", WaybillConfig::up(folders.0.path())),
        ("by hand", WaybillConfig::up(folders.1.path()).databases(&postgres)),
    ];
    let about = "`waybill up`, 32 connections that place orders as fast as they go; fsync on";
    let mut report = Report::new("Own PostgreSQL", about).against("by hand");
    for round in 1..=rounds {
        for (name, config) in &contenders {
            let rate = place(config, seconds, folders.0.path()).await?;
            println!("round {round}, {name}: {rate:.0} orders/s");
            report.add(name, &[("POST per s".to_owned(), rate)]);
        }
    }
    Ok(report)
}

async fn place(config: &WaybillConfig, seconds: u32, folder: &Path) -> Result<f64> {
    let waybill = Waybill::start(&config.clone().variable("RUST_LOG", "warn")).await?;
    let base = format!("http://{}", waybill.orders.authority());
    load::closed(&base, &Request::Place, WARM_UP_SECONDS, folder).await?;
    let seen = load::closed(&base, &Request::Place, seconds, folder).await?;
    let ended = waybill.stop().await?;
    ensure!(ended.status.success(), "it ended with {}", ended.status);
    Ok(seen.per_second())
}
