//! The same services on every host that is here: behaviours kept, `POST /orders` and `GET /orders/{id}`, memory and cold start. The table of
//! `docs/hosts.md` is made by this.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use conformance::{Elsewhere, Host};
use tempfile::TempDir;
use waybill_tests::{OtherHost, Postgres, Spin, Wash, Wasi, component_path, proportional_memory_kib};

use crate::hosts_page::{self, Absent, COLD_START, GET_CPU, GETS, KEPT, MEMORY, POST_CPU, POSTS};
use crate::load::{self, Request};
use crate::orders::{Contender, WARM_UP_SECONDS, any_order, clear};
use crate::process::cpu_time_of_all;
use crate::report::{self, Report};
use crate::servers;

/// Nothing is sent to `POST /events` here.
const EVENTS_TOKEN: &str = "unused-unused-unused-unused-unused";

/// A host with components for one version of WASI.
#[derive(Clone, Copy, Debug)]
struct Row {
    name: &'static str,
    program: Program,
}

#[derive(Clone, Copy, Debug)]
enum Program {
    Waybill(Wasi),
    Spin,
    Wash(Wasi),
    /// Why it cannot be measured anywhere by this command.
    None(&'static str),
}

const ROWS: [Row; 7] = [
    Row { name: "own host, WASI 0.2", program: Program::Waybill(Wasi::V0_2) },
    Row { name: "own host, WASI 0.3", program: Program::Waybill(Wasi::V0_3) },
    Row { name: "Spin, WASI 0.2", program: Program::Spin },
    Row {
        name: "Spin, WASI 0.3",
        program: Program::None(
            "`spin.toml` names the components of WASI 0.2; its adapter for SQL is built for that version only",
        ),
    },
    Row { name: "wasmCloud 2, WASI 0.2", program: Program::Wash(Wasi::V0_2) },
    Row { name: "wasmCloud 2, WASI 0.3", program: Program::Wash(Wasi::V0_3) },
    Row {
        name: "wasmCloud 1.9",
        program: Program::None(
            "ended upstream; `cargo xtask conform --host wasmcloud` checks its behaviours",
        ),
    },
];

/// Measures all that are here, alternating, after it has checked the behaviours of each, and writes the page if that is asked for.
pub async fn measure(rounds: usize, seconds: u32) -> Result<Report> {
    let mut report = Report::new("Hosts", "32 connections, as fast as they go; real PostgreSQL with fsync");
    let (mut here, mut absent) = (Vec::new(), Vec::new());
    for row in ROWS {
        match row.program.reason() {
            None => here.push(row),
            Some(reason) => absent.push(Absent { name: row.name, reason }),
        }
    }
    for row in &here {
        report.add(row.name, &[(KEPT.to_owned(), row.program.behaviours_kept().await.context(row.name)?)]);
    }
    let postgres = servers::postgres().await?;
    let folder = tempfile::tempdir()?;
    for round in 1..=rounds {
        for row in &here {
            clear(&postgres).await?;
            let found = row.program.measure(&postgres, &folder, seconds).await.context(row.name)?;
            println!("round {round}, {}: {}", row.name, report::line(&found));
            report.add(row.name, &found);
        }
    }
    for Absent { name, reason } in &absent {
        println!("not here: {name} ({reason})");
    }
    let names = ROWS.map(|row| row.name);
    hosts_page::write_if_asked(&report, &names, &absent, rounds, seconds)?;
    Ok(report)
}

impl Program {
    /// Why it is not measured here; `None` if it is.
    fn reason(self) -> Option<String> {
        match self {
            Self::None(reason) => Some(reason.to_owned()),
            Self::Spin if Spin::program().is_none() => {
                Some("not here: no `SPIN_BIN`, no `spin` on the PATH".to_owned())
            }
            Self::Wash(_) if Wash::program().is_none() => {
                Some("not here: `wash` is not installed".to_owned())
            }
            Self::Waybill(_) | Self::Spin | Self::Wash(_) => None,
        }
    }

    /// How many behaviours of the conformance suite are kept. One that is not is an error: a host that does not do what it should is
    /// not compared.
    async fn behaviours_kept(self) -> Result<f64> {
        let (host, wasi) = match self {
            Self::Waybill(wasi) => (Host::WaybillServers, wasi),
            Self::Wash(wasi) => (Host::Wasmcloud2, wasi),
            Self::Spin | Self::None(_) => (Host::Spin, Wasi::V0_2),
        };
        let system = host.start(wasi, Elsewhere::default()).await?.context("it is not here")?;
        let report = conformance::run(&system).await;
        report.passed()?;
        Ok((report.verdicts.len() - report.not_checked().len()) as f64)
    }

    async fn measure(
        self,
        postgres: &Postgres,
        folder: &TempDir,
        seconds: u32,
    ) -> Result<Vec<(String, f64)>> {
        match self {
            Self::Waybill(wasi) => {
                let component = format!("orders={}", component_path(&wasi.component("orders")).display());
                let words = ["serve", "orders", "--orders-listen", "127.0.0.1:0", "--component", &component];
                // The first start has compiled the component.
                Contender::start(&words, postgres, folder).await?.child.kill().await?;
                let mut it = Contender::start(&words, postgres, folder).await?;
                let found = take(&it.base, it.pid, it.first_201, folder, seconds).await?;
                it.child.kill().await?;
                Ok(found)
            }
            Self::Spin => {
                let program = Spin::program().context("Spin is not here")?;
                let host = Spin::start(program, postgres, EVENTS_TOKEN, &[]).await?;
                of_other(host, Spin::pid, folder, seconds).await
            }
            Self::Wash(wasi) => {
                let host = Wash::start(postgres, EVENTS_TOKEN, &[], wasi).await?;
                of_other(host.context("wash is not here")?, Wash::pid, folder, seconds).await
            }
            Self::None(reason) => anyhow::bail!(reason),
        }
    }
}

async fn of_other<H: OtherHost>(
    mut host: H,
    pid: impl Fn(&H) -> Result<u32>,
    folder: &TempDir,
    seconds: u32,
) -> Result<Vec<(String, f64)>> {
    host.kill().await?;
    let begun = Instant::now();
    host.restart().await?;
    let answer = host.orders().post_json("/orders", r#"{"amount": 5000}"#).await?;
    ensure!(answer.status == 201, "{} {}", answer.status, answer.text());
    let cold_start = begun.elapsed();
    let base = format!("http://{}", host.orders().authority());
    let found = take(&base, pid(&host)?, cold_start, folder, seconds).await?;
    host.kill().await?;
    Ok(found)
}

/// What a host and all that it has started take for orders that are placed and for one that is shown.
async fn take(
    base: &str,
    pid: u32,
    cold_start: Duration,
    folder: &TempDir,
    seconds: u32,
) -> Result<Vec<(String, f64)>> {
    load::closed(base, &Request::Place, WARM_UP_SECONDS, folder.path()).await?;
    let show = Request::Get(format!("/orders/{}", any_order(base).await?));
    let mut found = Vec::new();
    for (rate, cpu, name, request) in
        [(POSTS, POST_CPU, "POST ", Request::Place), (GETS, GET_CPU, "GET ", show)]
    {
        let before = cpu_time_of_all(pid)?;
        let seen = load::closed(base, &request, seconds, folder.path()).await?;
        let used = cpu_time_of_all(pid)?.saturating_sub(before);
        found.push((rate.to_owned(), seen.per_second()));
        found.push((cpu.to_owned(), used.as_secs_f64() * 1000.0 / seen.requests as f64));
        found.extend(seen.times().named(name));
    }
    found.push((MEMORY.to_owned(), proportional_memory_kib(pid)? as f64 / 1024.0));
    found.push((COLD_START.to_owned(), cold_start.as_secs_f64()));
    Ok(found)
}
