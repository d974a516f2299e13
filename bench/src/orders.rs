//! `POST /orders` and `GET /orders/{id}`: Waybill with reused and with fresh instances, against its native twin.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;
use waybill_tests::{Http, Postgres};

use crate::load::{self, Request, Times};
use crate::process::{cpu_time, memory_kib};
use crate::report::{self, Report};
use crate::servers;

/// How long a contender may take until it serves.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How long the server is written to before anything is measured, and each contender before it is.
pub const WARM_UP_SECONDS: u32 = 2;

/// Requests in a second of the open load.
const STEADY: u32 = 500;

/// The contenders, by the names under which they are shown.
const CONTENDERS: [(&str, &[&str]); 3] = [
    ("reused", &["serve", "orders", "--orders-listen", "127.0.0.1:0"]),
    ("fresh", &["serve", "orders", "--orders-listen", "127.0.0.1:0", "--requests-per-instance", "1"]),
    ("native", &[]),
];

/// Measures all, alternating.
pub async fn measure(rounds: usize, seconds: u32) -> Result<Report> {
    let postgres = servers::postgres().await?;
    let folder = tempfile::tempdir()?;
    let mut report = Report::new("Orders", "32 connections, as fast as they go; real PostgreSQL with fsync")
        .against("native");
    warm_up(&postgres, &folder).await?;
    for round in 1..=rounds {
        for (name, words) in CONTENDERS {
            clear(&postgres).await?;
            let found = contend(words, &postgres, &folder, seconds).await.context(name)?;
            println!("round {round}, {name}: {}", report::line(&found));
            report.add(name, &found);
        }
    }
    Ok(report)
}

/// Gives each contender a database without orders.
pub async fn clear(postgres: &Postgres) -> Result<()> {
    let client = postgres.client("orders").await?;
    client.batch_execute("TRUNCATE outbox, orders, order_lines").await?;
    client.batch_execute("VACUUM ANALYZE").await?;
    // Otherwise a checkpoint could fall into the same contender's time in each round, and count as its tail latency.
    Ok(client.batch_execute("CHECKPOINT").await?)
}

/// A new server makes its first files of the write-ahead log while it is written to, which the first client would pay for.
async fn warm_up(postgres: &Postgres, folder: &TempDir) -> Result<()> {
    let mut it = Contender::start(&[], postgres, folder).await?;
    load::closed(&it.base, &Request::Place, WARM_UP_SECONDS, folder.path()).await?;
    Ok(it.child.kill().await?)
}

/// A contender that serves.
pub struct Contender {
    pub child: Child,
    pub pid: u32,
    pub base: String,
    /// From its start to the answer to its first order.
    pub first_201: Duration,
}

impl Contender {
    pub async fn start(words: &[&str], postgres: &Postgres, folder: &TempDir) -> Result<Self> {
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
) -> Result<Vec<(String, f64)>> {
    // The first start has created whatever it creates.
    Contender::start(words, postgres, folder).await?.child.kill().await?;
    let mut it = Contender::start(words, postgres, folder).await?;
    let idle_kib = memory_kib(it.pid)?.0;
    load::closed(&it.base, &Request::Place, WARM_UP_SECONDS, folder.path()).await?;
    let before = cpu_time(it.pid)?;
    let place = load::closed(&it.base, &Request::Place, seconds, folder.path()).await?;
    let place_cpu = cpu_time(it.pid)?.saturating_sub(before);
    let id = any_order(&it.base).await?;
    let get = Request::Get(format!("/orders/{id}"));
    let before = cpu_time(it.pid)?;
    let show = load::closed(&it.base, &get, seconds, folder.path()).await?;
    let show_cpu = cpu_time(it.pid)?.saturating_sub(before);
    let steady = load::open(&it.base, STEADY, seconds).await?;
    let steady = Times::of(steady.iter().map(|order| order.took).collect());
    let most_kib = memory_kib(it.pid)?.1;
    it.child.kill().await?;
    let each = |cpu: Duration, requests: u64| cpu.as_secs_f64() * 1000.0 / requests as f64;
    let mut found = vec![
        ("POST per s".to_owned(), place.per_second()),
        ("POST CPU ms".to_owned(), each(place_cpu, place.requests)),
    ];
    found.extend(place.times().named("POST "));
    found.push(("GET per s".to_owned(), show.per_second()));
    found.push(("GET CPU ms".to_owned(), each(show_cpu, show.requests)));
    found.extend(show.times().named("GET "));
    found.extend(steady.named(&format!("POST at {STEADY}/s ")));
    found.push(("start to 201 ms".to_owned(), it.first_201.as_secs_f64() * 1000.0));
    found.push(("idle MiB".to_owned(), idle_kib as f64 / 1024.0));
    found.push(("most MiB".to_owned(), most_kib as f64 / 1024.0));
    Ok(found)
}

/// The identifier of an order that is there.
pub async fn any_order(base: &str) -> Result<String> {
    let answer = Http::new(base).post_json("/orders", r#"{"amount": 5000}"#).await?;
    let order: Value = answer.json()?;
    Ok(order["id"].as_str().context("no id")?.to_owned())
}
