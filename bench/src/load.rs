//! Two loads: as many requests as 32 connections take, by wrk; and so many in a second whatever the server does, so that a server
//! that stands still for a moment is charged with all the requests of that moment (without "coordinated omission").

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
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

/// What is asked for.
#[derive(Clone, Debug)]
pub enum Request {
    /// `POST /orders`.
    Place,
    /// `GET` of this path.
    Get(String),
}

/// What a load saw.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Seen {
    pub requests: u64,
    pub duration_us: u64,
    pub p50_us: u64,
    pub p99_us: u64,
    pub p999_us: u64,
    pub errors: u64,
}

impl Seen {
    pub fn per_second(&self) -> f64 {
        self.requests as f64 * 1e6 / self.duration_us as f64
    }
}

/// As many as the server takes.
pub async fn closed(base: &str, request: &Request, seconds: u32, folder: &Path) -> Result<Seen> {
    let (path, set_up) = match request {
        Request::Place => (
            "/orders",
            "wrk.method = \"POST\"\nwrk.headers[\"Content-Type\"] = \"application/json\"\nwrk.body = '{\"amount\": 5000}'\n",
        ),
        Request::Get(path) => (path.as_str(), ""),
    };
    let script = folder.join("load.lua");
    tokio::fs::write(&script, format!("{set_up}{REPORT}")).await?;
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

/// So many in a second. A time is counted from the moment at which the request was due.
pub async fn open(base: &str, per_second: u32, seconds: u32) -> Result<Seen> {
    let http = Http::new(base);
    let times = Arc::new(Mutex::new(Vec::with_capacity((per_second * seconds) as usize)));
    let mut due = interval(Duration::from_secs(1) / per_second);
    due.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut under_way = JoinSet::new();
    let begun = Instant::now();
    for _ in 0..per_second * seconds {
        let due_at = due.tick().await;
        ensure!(under_way.len() < UNDER_WAY, "{per_second} requests a second are more than it takes");
        let (http, times) = (http.clone(), times.clone());
        under_way.spawn(async move {
            let answer = http.post_json("/orders", r#"{"amount": 5000}"#).await?;
            ensure!(answer.status == 201, "{} {}", answer.status, answer.text());
            times.lock().await.push(due_at.elapsed());
            Ok(())
        });
        while let Some(ended) = under_way.try_join_next() {
            ended??;
        }
    }
    while let Some(ended) = under_way.join_next().await {
        ended??;
    }
    let mut times = std::mem::take(&mut *times.lock().await);
    times.sort_unstable();
    let micros = |per_mille: usize| {
        let index = (times.len() * per_mille / 1000).min(times.len().saturating_sub(1));
        times.get(index).map_or(0, |time| u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
    };
    Ok(Seen {
        requests: times.len() as u64,
        duration_us: u64::try_from(begun.elapsed().as_micros())?,
        p50_us: micros(500),
        p99_us: micros(990),
        p999_us: micros(999),
        errors: 0,
    })
}
