//! Two loads: as many requests as 32 connections take, by wrk; and so many in a second whatever the server does, so that a server
//! that stands still for a moment is charged with all the requests of that moment (without "coordinated omission").

use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;
use waybill_tests::Http;

/// Connections of the closed load.
const CONNECTIONS: u32 = 32;

/// Requests that may be under way in the open load; a server that lets more wait is beyond its limit.
const UNDER_WAY: usize = 4096;

/// What wrk calls at its end; times are in microseconds.
const REPORT: &str = r#"
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('REPORT {"requests":%d,"duration_us":%d,"p50_us":%d,"p99_us":%d,"p999_us":%d,"errors":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"#;

/// The request to send.
#[derive(Clone, Debug)]
pub enum Request {
    Place,
    /// `GET` of this path.
    Get(String),
}

/// The measurements of a load.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Seen {
    pub requests: u64,
    pub duration_us: u64,
    p50_us: u64,
    p99_us: u64,
    p999_us: u64,
    errors: u64,
}

impl Seen {
    pub fn per_second(&self) -> f64 {
        self.requests as f64 * 1e6 / self.duration_us as f64
    }

    pub fn times(&self) -> Times {
        let ms = |us: u64| us as f64 / 1000.0;
        Times { p50: ms(self.p50_us), p99: ms(self.p99_us), p999: ms(self.p999_us) }
    }
}

/// Sends as many requests as the server answers.
pub async fn closed(base: &str, request: &Request, seconds: u32, folder: &Path) -> Result<Seen> {
    let (path, set_up) = match request {
        Request::Place => (
            "/orders",
            "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = '{\"amount\": 5000}'\n",
        ),
        Request::Get(path) => (path.as_str(), ""),
    };
    let script = folder.join("load.lua");
    std::fs::write(&script, format!("{set_up}{REPORT}"))?;
    let mut wrk = Command::new("wrk");
    wrk.args(["--threads", "1", "--latency", "--connections", &CONNECTIONS.to_string()]);
    wrk.args(["--duration", &format!("{seconds}s"), "--script"]).arg(&script).arg(format!("{base}{path}"));
    let limit = Duration::from_secs(u64::from(seconds) + 30);
    let ended =
        timeout(limit, wrk.output()).await.context("wrk does not end")?.context("wrk is not installed")?;
    let text = String::from_utf8_lossy(&ended.stdout);
    let report =
        text.lines().find_map(|line| line.strip_prefix("REPORT ")).with_context(|| text.to_string())?;
    let seen: Seen = serde_json::from_str(report)?;
    ensure!(seen.errors == 0, "{} of {} requests failed", seen.errors, seen.requests);
    Ok(seen)
}

/// An order that was placed by the open load.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    pub id: Uuid,
    /// When it should have been sent.
    pub due: SystemTime,
    /// From the due time to the answer.
    pub took: Duration,
}

/// Places a fixed number of orders per second, and returns them in the order of their answers. Times count from when a request
/// was due.
pub async fn open(base: &str, per_second: u32, seconds: u32) -> Result<Vec<Placed>> {
    let http = Http::new(base);
    let mut placed = Vec::with_capacity((per_second * seconds) as usize);
    let mut ticks = interval(Duration::from_secs(1) / per_second);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut under_way: JoinSet<Result<Placed>> = JoinSet::new();
    for _ in 0..per_second * seconds {
        let due = ticks.tick().await;
        ensure!(under_way.len() < UNDER_WAY, "{per_second} requests a second are more than it takes");
        let http = http.clone();
        under_way.spawn(async move {
            let due_by_the_clock = SystemTime::now() - due.elapsed();
            let answer = http.post_json("/orders", r#"{"amount": 5000}"#).await?;
            let took = due.elapsed();
            ensure!(answer.status == 201, "{} {}", answer.status, answer.text());
            let id = answer.json()?["id"].as_str().context("no id")?.parse()?;
            Ok(Placed { id, due: due_by_the_clock, took })
        });
        while let Some(ended) = under_way.try_join_next() {
            placed.push(ended??);
        }
    }
    while let Some(ended) = under_way.join_next().await {
        placed.push(ended??);
    }
    Ok(placed)
}

/// How long something took, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    p50: f64,
    p99: f64,
    p999: f64,
}

impl Times {
    /// The percentiles of these.
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |per_mille: usize| {
            let index = (times.len() * per_mille / 1000).min(times.len().saturating_sub(1));
            times.get(index).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
        };
        Self { p50: at(500), p99: at(990), p999: at(999) }
    }

    /// By their names in a report, after `prefix`.
    pub fn named(&self, prefix: &str) -> Vec<(String, f64)> {
        [("p50", self.p50), ("p99", self.p99), ("p99.9", self.p999)]
            .map(|(name, ms)| (format!("{prefix}{name} ms"), ms))
            .to_vec()
    }
}

impl fmt::Display for Times {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "p50 {:.2} ms, p99 {:.2} ms, p99.9 {:.2} ms", self.p50, self.p99, self.p999)
    }
}
