//! The real binary, as a process of its own: any command, and any role while it runs.

use std::collections::{HashMap, VecDeque};
use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{sleep, timeout};

use crate::{Http, Postgres, Signal, eventually};

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

/// How to start it.
#[derive(Clone, Debug)]
pub struct WaybillConfig {
    command: Vec<OsString>,
    working_folder: PathBuf,
    environment: Vec<(String, String)>,
    log_file: Option<PathBuf>,
}

impl WaybillConfig {
    /// `waybill up` in `folder`, which must exist, on free ports and with its data in `folder/data`.
    pub fn up(folder: &Path) -> Self {
        Self::up_at(folder, "127.0.0.1:0")
    }

    /// The same on another address, such as `0.0.0.0:0`.
    pub fn up_at(folder: &Path, address: &str) -> Self {
        let mut config = Self::command(["up"], folder).argument("--data").argument(folder.join("data"));
        config = config.variable("WAYBILL_TRACES_LISTEN", "127.0.0.1:0");
        for listener in ["--orders-listen", "--invoices-listen", "--gateway-listen"] {
            config = config.argument(listener).argument(address);
        }
        config
    }

    /// Any command of the program, started in `working_folder`, where no `.env` file of the developer's is found.
    pub fn command<S: Into<OsString>>(words: impl IntoIterator<Item = S>, working_folder: &Path) -> Self {
        let command = words.into_iter().map(Into::into).collect();
        Self { command, working_folder: working_folder.to_owned(), environment: Vec::new(), log_file: None }
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.command.push(argument.into());
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Appends its log to a file, which outlives it, in place of keeping the last lines of it.
    #[must_use]
    pub fn log_file(mut self, path: PathBuf) -> Self {
        self.log_file = Some(path);
        self
    }

    /// Opens the admin listener on a free port.
    #[must_use]
    pub fn admin(self) -> Self {
        self.argument("--admin-listen").argument("127.0.0.1:0")
    }

    /// Uses the two databases of a server.
    #[must_use]
    pub fn databases(self, postgres: &Postgres) -> Self {
        self.variable("ORDERS_DATABASE_URL", postgres.url("orders"))
            .variable("INVOICES_DATABASE_URL", postgres.url("invoices"))
    }

    fn spawn(&self) -> Result<Child> {
        let binary = binary()?;
        let mut command = Command::new(&binary);
        command.args(&self.command).current_dir(&self.working_folder).kill_on_drop(true);
        // Only what the test says counts, not what the developer's shell happens to have set.
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            let ours = ["WAYBILL_", "OTEL_", "ORDERS_", "INVOICES_", "BROKER_", "RUST_LOG"];
            // But for the PostgreSQL that all of them run.
            if name != "WAYBILL_POSTGRES" && ours.iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name.as_ref());
            }
        }
        // Compiled once for all tests, and not once for each folder.
        command.env("WAYBILL_COMPILED", binary.with_file_name("compiled"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(match &self.log_file {
            Some(path) => File::options().create(true).append(true).open(path)?.into(),
            None => Stdio::piped(),
        });
        command.spawn().with_context(|| format!("{} could not be started", binary.display()))
    }
}

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

    /// The address that it named: `orders`, `invoices`, `gateway` or `health`.
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

    /// Its resident memory in KiB.
    pub fn memory_kib(&self) -> Result<u64> {
        memory_kib(self.id()?, "VmRSS:")
    }

    /// The memory of it and of all that it has started, in KiB; what several share counts once.
    pub fn proportional_memory_kib(&self) -> Result<u64> {
        let processes: Vec<(u32, u32)> =
            std::fs::read_dir("/proc")?.flatten().filter_map(|entry| parent(&entry.path())).collect();
        let mut family = vec![self.id()?];
        let mut sum = 0;
        while let Some(pid) = family.pop() {
            sum += line_kib(&format!("/proc/{pid}/smaps_rollup"), "Pss:")?;
            family.extend(processes.iter().filter(|(_, parent)| *parent == pid).map(|(child, _)| child));
        }
        Ok(sum)
    }

    /// The most resident memory that it ever had, in KiB.
    pub fn peak_memory_kib(&self) -> Result<u64> {
        memory_kib(self.id()?, "VmHWM:")
    }

    /// The time that it has used of all processors.
    pub fn processor_time(&self) -> Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.id()?))?;
        // Its name, in brackets, may have blanks. User and system time are the 12th and 13th field after it, in hundredths of a second.
        let (_, fields) = stat.rsplit_once(')').context("no name")?;
        let times = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
        let hundredths = times.sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(hundredths * 10))
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

fn memory_kib(pid: u32, name: &str) -> Result<u64> {
    line_kib(&format!("/proc/{pid}/status"), name)
}

/// A process and its parent, by its folder in /proc.
fn parent(folder: &Path) -> Option<(u32, u32)> {
    let process = folder.file_name()?.to_str()?.parse().ok()?;
    let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
    // The name, in parentheses, may have spaces and parentheses in it; the state and the parent follow.
    let parent = stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()?;
    Some((process, parent))
}

fn line_kib(file: &str, name: &str) -> Result<u64> {
    let text = std::fs::read_to_string(file)?;
    let line = text.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
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

/// The binary under test: `WAYBILL_BIN`, or the one that was built beside this test.
fn binary() -> Result<PathBuf> {
    let binary = match env::var_os("WAYBILL_BIN") {
        Some(path) => PathBuf::from(path),
        // Tests lie in <target>/debug/deps.
        None => {
            env::current_exe()?.parent().and_then(Path::parent).context("no target folder")?.join("waybill")
        }
    };
    if !binary.exists() {
        bail!("{} is not built; run the tests by `cargo xtask test NAME`", binary.display());
    }
    Ok(binary)
}
