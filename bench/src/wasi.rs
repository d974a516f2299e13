//! `POST /orders` and `GET /orders/{id}` by the components for WASI 0.2 and for WASI 0.3, on the own host and on wasmCloud 2.

use std::time::Duration;

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use waybill_tests::{OtherHost as _, Postgres, Wash, Wasi, component_path};

use crate::load::{self, Request};
use crate::orders::{Contender, WARM_UP_SECONDS, any_order, clear};
use crate::process::{cpu_time, memory_kib};
use crate::report::{self, Report};
use crate::servers;

/// Nothing is sent to `POST /events` here.
const EVENTS_TOKEN: &str = "unused-unused-unused-unused-unused";

const VERSIONS: [(&str, Wasi); 2] = [("0.2", Wasi::V0_2), ("0.3", Wasi::V0_3)];

/// Measures both versions on both hosts, alternating.
pub async fn measure(rounds: usize, seconds: u32) -> Result<Vec<Report>> {
    let postgres = servers::postgres().await?;
    let folder = tempfile::tempdir()?;
    let about = "32 connections, as fast as they go; real PostgreSQL with fsync";
    let mut own = Report::new("WASI on the own host", about).against("0.2");
    let mut wasmcloud = Report::new("WASI on wasmCloud 2", about).against("0.2");
    for round in 1..=rounds {
        for (version, wasi) in VERSIONS {
            clear(&postgres).await?;
            let found = on_own_host(wasi, &postgres, &folder, seconds).await.context(version)?;
            println!("round {round}, own host, {version}: {}", report::line(&found));
            own.add(version, &found);
        }
        for (version, wasi) in VERSIONS {
            clear(&postgres).await?;
            let Some(found) = on_wasmcloud(wasi, &postgres, &folder, seconds).await.context(version)? else {
                println!("round {round}, wasmCloud 2: not here");
                continue;
            };
            println!("round {round}, wasmCloud 2, {version}: {}", report::line(&found));
            wasmcloud.add(version, &found);
        }
    }
    Ok(vec![own, wasmcloud])
}

async fn on_own_host(
    wasi: Wasi,
    postgres: &Postgres,
    folder: &TempDir,
    seconds: u32,
) -> Result<Vec<(String, f64)>> {
    let component = format!("orders={}", component_path(&wasi.component("orders")).display());
    let words = ["serve", "orders", "--orders-listen", "127.0.0.1:0", "--component", &component];
    let mut it = Contender::start(&words, postgres, folder).await?;
    let found = load(&it.base, it.pid, folder, seconds).await?;
    it.child.kill().await?;
    Ok(found)
}

/// `None` if wasmCloud 2 is not installed.
async fn on_wasmcloud(
    wasi: Wasi,
    postgres: &Postgres,
    folder: &TempDir,
    seconds: u32,
) -> Result<Option<Vec<(String, f64)>>> {
    let Some(mut host) = Wash::start(postgres, EVENTS_TOKEN, &[], wasi).await? else { return Ok(None) };
    let base = format!("http://{}", host.orders().authority());
    let found = load(&base, host.pid()?, folder, seconds).await?;
    host.kill().await?;
    Ok(Some(found))
}

/// What a process takes for orders that are placed and for one that is shown.
async fn load(base: &str, pid: u32, folder: &TempDir, seconds: u32) -> Result<Vec<(String, f64)>> {
    load::closed(base, &Request::Place, WARM_UP_SECONDS, folder.path()).await?;
    let show = Request::Get(format!("/orders/{}", any_order(base).await?));
    let mut found = Vec::new();
    for (name, request) in [("POST", Request::Place), ("GET", show)] {
        let before = cpu_time(pid)?;
        let seen = load::closed(base, &request, seconds, folder.path()).await?;
        let each = |cpu: Duration| cpu.as_secs_f64() * 1000.0 / seen.requests as f64;
        found.push((format!("{name} per s"), seen.per_second()));
        found.push((format!("{name} CPU ms"), each(cpu_time(pid)?.saturating_sub(before))));
        found.extend(seen.times().named(&format!("{name} ")));
    }
    found.push(("most MiB".to_owned(), memory_kib(pid)?.1 as f64 / 1024.0));
    Ok(found)
}
