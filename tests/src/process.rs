//! The real binary, as a process of its own: any command, and any role while it runs.

use std::collections::{HashMap, VecDeque};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::time::{sleep, timeout};

use crate::process_usage::{memory_kib, processor_time, proportional_memory_kib};
use crate::waybill_config::WaybillConfig;
use crate::{Http, Signal, eventually};

/// How long the program may take until it serves, however busy the machine is.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How long a program may take that should end by itself.
const END_LIMIT: Duration = Duration::from_mins(1);

/// How long a program may take until it has done what it was given to do.
const IDLE_LIMIT: Duration = Duration::from_mins(2);

/// The time for which a program has to use next to no processor to count as idle.
const IDLE_SPAN: Duration = Duration::from_secs(1);

/// How often a program's memory is looked at that ends by itself.
const WATCH_INTERVAL: Duration = Duration::from_millis(5);

/// Lines of its log that are kept for a test that fails.
const LOG_LINES: usize = 20_000;

/// A role that runs.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: Log,
    /// Kept open: what it prints after `ready` must find a reader.
    stdout: Lines<BufReader<ChildStdout>>,
    addresses: HashMap<String, Http>,
    /// From its start until it said that it is ready.
    pub started_in: Duration,
}

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote for programs.
    pub stdout: String,
    /// What it wrote for people.
    pub stderr: String,
    /// From the start, or from the signal, to the end.
    pub after: Duration,
    /// The most resident memory that was seen, in KiB; it was looked at every few milliseconds.
    pub peak_memory_kib: u64,
}

impl Ended {
    /// What it wrote for programs, if it succeeded.
    pub fn succeeded(&self) -> Result<&str> {
        ensure!(self.status.success(), "{}: {}{}", self.status, self.stdout, self.stderr);
        Ok(&self.stdout)
    }
}

impl Process {
    /// Starts a role and waits until it says that it is ready.
    pub async fn start(config: &WaybillConfig) -> Result<Self> {
        let start = Instant::now();
        let mut child = config.spawn()?;
        let log = child.stderr.take().map_or_else(Log::default, Log::of);
        let mut stdout = BufReader::new(child.stdout.take().context("no standard output")?).lines();
        let mut addresses = HashMap::new();
        let ready = async {
            while let Some(line) = stdout.next_line().await? {
                let mut words = line.split_whitespace();
                match (words.next(), words.next()) {
                    (Some("ready"), _) => return anyhow::Ok(()),
                    (Some(name), Some(url)) if url.starts_with("http://") => {
                        addresses.insert(name.to_owned(), Http::new(url));
                    }
                    _ => {}
                }
            }
            let status = child.wait().await?;
            bail!("waybill ended at its start ({status})")
        };
        let ready =
            timeout(START_LIMIT, ready).await.unwrap_or_else(|_| bail!("waybill was not ready in time"));
        ready.with_context(|| log.text())?;
        Ok(Self { child, log, stdout, addresses, started_in: start.elapsed() })
    }

    /// Runs a command that ends by itself.
    pub async fn run(config: &WaybillConfig) -> Result<Ended> {
        let start = Instant::now();
        let child = config.spawn()?;
        let pid = child.id();
        let mut peak_memory_kib = 0;
        let watch = async {
            loop {
                // The kernel keeps the highest value; once the program has ended there is none.
                let peak = pid.and_then(|pid| memory_kib(pid, "VmHWM:").ok());
                peak_memory_kib = peak.unwrap_or(0).max(peak_memory_kib);
                sleep(WATCH_INTERVAL).await;
            }
        };
        let output = tokio::select! {
            output = timeout(END_LIMIT, child.wait_with_output()) => output,
            never = watch => never,
        };
        let output =
            output.with_context(|| format!("waybill {:?} did not end in time", config.command))??;
        Ok(Ended {
            status: output.status,
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            after: start.elapsed(),
            peak_memory_kib,
        })
    }

    /// The address that it named: `orders`, `invoices`, `gateway`, `admin` or `traces`.
    pub fn address(&self, name: &str) -> Result<Http> {
        self.addresses.get(name).cloned().with_context(|| format!("it named no address for {name}"))
    }

    pub fn id(&self) -> Result<u32> {
        self.child.id().context("waybill has already ended")
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        signal.send(self.id()?)
    }

    /// Kills it (SIGKILL).
    pub async fn kill(mut self) -> Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Waits until it has ended, after a signal that asked it to.
    pub async fn ended(mut self) -> Result<Ended> {
        let start = Instant::now();
        let peak_memory_kib = self.peak_memory_kib().unwrap_or(0);
        let status = timeout(END_LIMIT, self.child.wait()).await.context("waybill did not end in time")??;
        let mut stdout = String::new();
        while let Some(line) = self.stdout.next_line().await? {
            stdout.push_str(&line);
            stdout.push('\n');
        }
        Ok(Ended { status, stdout, stderr: self.log.text(), after: start.elapsed(), peak_memory_kib })
    }

    /// Ends it in order, as a supervisor would.
    pub async fn stop(self) -> Result<Ended> {
        self.signal(Signal::Term)?;
        self.ended().await
    }

    /// What it has written to memory and keeps, in KiB. Pages of files, such as those of its own program, are not in it: how many of them
    /// are there depends on the build, and the kernel takes them back when it needs to.
    pub fn own_memory_kib(&self) -> Result<u64> {
        memory_kib(self.id()?, "RssAnon:")
    }

    /// The memory of it and of all that it has started, in KiB; what several share counts once.
    pub fn proportional_memory_kib(&self) -> Result<u64> {
        proportional_memory_kib(self.id()?)
    }

    /// The most resident memory that it ever had, in KiB.
    pub fn peak_memory_kib(&self) -> Result<u64> {
        memory_kib(self.id()?, "VmHWM:")
    }

    /// The time that it has used of all processors.
    pub fn processor_time(&self) -> Result<Duration> {
        processor_time(self.id()?)
    }

    /// Waits until it has nothing to do.
    pub async fn idle(&self) -> Result<()> {
        let mut since = (Instant::now(), self.processor_time()?);
        eventually("waybill is idle", IDLE_LIMIT, async || {
            if since.0.elapsed() < IDLE_SPAN {
                return Ok(None);
            }
            let before = std::mem::replace(&mut since, (Instant::now(), self.processor_time()?));
            Ok((since.1.saturating_sub(before.1) < IDLE_SPAN / 20).then_some(()))
        })
        .await
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        self.log.text()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The harness shows what a test printed only when the test fails.
        let log = self.log.text();
        if !log.is_empty() {
            println!("--- waybill's log\n{log}");
        }
    }
}

/// The last lines of a log.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    fn of(stream: impl AsyncRead + Send + Unpin + 'static) -> Self {
        let kept = Self(Arc::default());
        let writer = kept.clone();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                let mut kept = writer.0.lock();
                if kept.len() == LOG_LINES {
                    kept.pop_front();
                }
                kept.push_back(line);
            }
        });
        kept
    }

    fn text(&self) -> String {
        let lines = self.0.lock();
        lines.iter().fold(String::new(), |text, line| text + line + "\n")
    }
}
