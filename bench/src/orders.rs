//! `POST /orders` and `GET /orders/{id}`: Waybill with reused and with fresh instances, against its native twin.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use waybill_tests::{Http, Postgres, Process, WaybillConfig};

use crate::load::{self, Request};
use crate::process::{cpu_time, memory_kib};

/// How long a contender may take until it serves.
const START_LIMIT: Duration = Duration::from_mins(1);

/// Requests in a second of the open load.
const STEADY: u32 = 500;

/// The contenders, by the names under which they are shown.
const CONTENDERS: [(&str, &[&str]); 3] = [
    ("reused", &["serve", "orders", "--orders-listen", "127.0.0.1:0"]),
    ("fresh", &["serve", "orders", "--orders-listen", "127.0.0.1:0", "--requests-per-instance", "1"]),
    ("native", &[]),
];

/// What each round measured of each contender.
type Measured = BTreeMap<&'static str, BTreeMap<&'static str, Vec<f64>>>;

/// Measures all, alternating, prints a table of medians and ratios, and writes everything to `output`.
pub async fn measure(rounds: usize, seconds: u32, output: &Path) -> Result<()> {
    let mut postgres = Postgres::start().await?.context("PostgreSQL is not installed")?;
    postgres.keep_quiet();
    let folder = tempfile::tempdir()?;
    let migrate = WaybillConfig::command(["migrate"], folder.path()).databases(&postgres);
    let migrated = Process::run(&migrate).await?;
    ensure!(migrated.status.success(), "{}", migrated.stderr);
    let mut measured = Measured::new();
    for round in 1..=rounds {
        for (name, words) in CONTENDERS {
            let client = postgres.client("orders").await?;
            client.batch_execute("TRUNCATE outbox, orders, order_lines").await?;
            client.batch_execute("VACUUM ANALYZE").await?;
            let found = contend(words, &postgres, &folder, seconds).await.context(name)?;
            let line: Vec<_> = found.iter().map(|(what, value)| format!("{what} {value:.3}")).collect();
            println!("round {round}, {name}: {}", line.join(", "));
            for (what, value) in found {
                measured.entry(name).or_default().entry(what).or_default().push(value);
            }
        }
    }
    show(&measured);
    let document = json!({ "rounds": rounds, "seconds": seconds, "measured": measured });
    tokio::fs::write(output, serde_json::to_string_pretty(&document)?).await?;
    println!("All of it is in {}", output.display());
    Ok(())
}

/// A contender that serves.
struct Contender {
    child: Child,
    pid: u32,
    base: String,
    first_201: Duration,
}

impl Contender {
    async fn start(words: &[&str], postgres: &Postgres, folder: &TempDir) -> Result<Self> {
        let begun = Instant::now();
        let mut command = if words.is_empty() {
            let mut twin = Command::new(std::env::current_exe()?);
            twin.args(["twin", "--listen", "127.0.0.1:0", "--database", &postgres.url("orders")]);
            twin
        } else {
            let mut waybill =
                Command::new(std::env::var_os("WAYBILL_BIN").context("WAYBILL_BIN is not set")?);
            waybill.args(words).env("ORDERS_DATABASE_URL", postgres.url("orders")).env("RUST_LOG", "warn");
            waybill.env("WAYBILL_COMPILED", folder.path().join("compiled"));
            waybill
        };
        command.current_dir(folder.path()).stdout(std::process::Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let address = async {
            let mut base = None;
            while let Some(line) = lines.next_line().await? {
                base = line.strip_prefix("orders").map(|rest| rest.trim().to_owned()).or(base);
                if line == "ready" {
                    break;
                }
            }
            base.context("it ended before it served")
        };
        let base = timeout(START_LIMIT, address).await.context("it does not serve")??;
        let answer = Http::new(&base).post_json("/orders", r#"{"amount": 5000}"#).await?;
        ensure!(answer.status == 201, "{} {}", answer.status, answer.text());
        let pid = child.id().context("it has ended")?;
        Ok(Self { child, pid, base, first_201: begun.elapsed() })
    }
}

async fn contend(
    words: &[&str],
    postgres: &Postgres,
    folder: &TempDir,
    seconds: u32,
) -> Result<Vec<(&'static str, f64)>> {
    // Whatever is made at the first start is made.
    Contender::start(words, postgres, folder).await?.child.kill().await?;
    let mut it = Contender::start(words, postgres, folder).await?;
    let idle_kib = memory_kib(it.pid)?.0;
    load::closed(&it.base, &Request::Place, 2, folder.path()).await?;
    let before = cpu_time(it.pid)?;
    let place = load::closed(&it.base, &Request::Place, seconds, folder.path()).await?;
    let place_cpu = cpu_time(it.pid)?.saturating_sub(before);
    let id = any_order(&it.base).await?;
    let get = Request::Get(format!("/orders/{id}"));
    let before = cpu_time(it.pid)?;
    let show = load::closed(&it.base, &get, seconds, folder.path()).await?;
    let show_cpu = cpu_time(it.pid)?.saturating_sub(before);
    let steady = load::open(&it.base, STEADY, seconds).await?;
    let most_kib = memory_kib(it.pid)?.1;
    it.child.kill().await?;
    let ms = |us: u64| us as f64 / 1000.0;
    let each = |cpu: Duration, requests: u64| cpu.as_secs_f64() * 1000.0 / requests as f64;
    Ok(vec![
        ("POST per s", place.per_second()),
        ("POST cpu ms", each(place_cpu, place.requests)),
        ("POST p50 ms", ms(place.p50_us)),
        ("POST p99 ms", ms(place.p99_us)),
        ("POST p99.9 ms", ms(place.p999_us)),
        ("GET per s", show.per_second()),
        ("GET cpu ms", each(show_cpu, show.requests)),
        ("500/s p50 ms", ms(steady.p50_us)),
        ("500/s p99 ms", ms(steady.p99_us)),
        ("500/s p99.9 ms", ms(steady.p999_us)),
        ("start to 201 ms", it.first_201.as_secs_f64() * 1000.0),
        ("idle MiB", idle_kib as f64 / 1024.0),
        ("most MiB", most_kib as f64 / 1024.0),
    ])
}

async fn any_order(base: &str) -> Result<String> {
    let answer = Http::new(base).post_json("/orders", r#"{"amount": 5000}"#).await?;
    let order: Value = answer.json()?;
    Ok(order["id"].as_str().context("no id")?.to_owned())
}

/// Medians with their spread, and how they are to the native twin's.
fn show(measured: &Measured) {
    let Some(native) = measured.get("native") else { return };
    println!("\n{:<16} {:>24} {:>24} {:>24}   reused/native  fresh/native", "", "reused", "fresh", "native");
    for what in native.keys() {
        let of = |name: &str| measured.get(name).and_then(|it| it.get(what)).map(|it| Spread::of(it));
        let (Some(reused), Some(fresh), Some(native)) = (of("reused"), of("fresh"), of("native")) else {
            continue;
        };
        println!(
            "{what:<16} {:>24} {:>24} {:>24}   {:>13.2} {:>13.2}",
            reused.to_string(),
            fresh.to_string(),
            native.to_string(),
            reused.median / native.median,
            fresh.median / native.median,
        );
    }
}

struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Self {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        Self { least: at(0), median: at(values.len() / 2), most: at(values.len().saturating_sub(1)) }
    }
}

impl std::fmt::Display for Spread {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{:.3} ({:.3}–{:.3})", self.median, self.least, self.most)
    }
}
