//! A server that is started, watched, started again, and stopped.

use std::{
    path::{Path, PathBuf},
    process::{Child, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::{Cluster, Contents, Error, Programs, Search, lock::Lock, log};

/// How long the first start may take. After a kill the server first repeats what is in the write-ahead log.
const START_LIMIT: Duration = Duration::from_mins(5);

/// How often it is asked meanwhile whether it takes connections; it says so in a file, as `pg_ctl` reads it.
const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// How long the remains of a killed server, its processes and their shared memory, may keep a new one from starting.
const REMAINS_LIMIT: Duration = Duration::from_secs(30);

/// The waits before a server that ended is started again.
const BACKOFF_LEAST: Duration = Duration::from_millis(50);
const BACKOFF_MOST: Duration = Duration::from_secs(5);

/// A server that lived this long was a good one: the next start comes without a long wait.
const SETTLED: Duration = Duration::from_secs(10);

/// How long an immediate shutdown may take before the server is killed.
const QUIT_LIMIT: Duration = Duration::from_secs(5);

/// What to run.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data folder, which is made when it is missing. A lock file and, for a while, a folder with the same name and other
    /// extensions lie beside it.
    pub folder: PathBuf,
    /// Which programs run it.
    pub search: Search,
    /// What a new folder gets.
    pub contents: Contents,
    /// Settings of PostgreSQL, by name, that go before those that it is started with otherwise.
    pub settings: Vec<(String, String)>,
}

/// A server of this process, or, if another process had the folder first, a way to that one's.
#[derive(Debug)]
pub struct LocalPostgres {
    cluster: Cluster,
    socket_folder: PathBuf,
    supervised: Option<Supervised>,
}

#[derive(Debug)]
struct Supervised {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl LocalPostgres {
    /// Starts the server and waits until it takes connections. The folder must be in nobody else's use.
    pub fn start(config: &Config) -> Result<Self, Error> {
        let lock = Lock::take(&config.folder)?.ok_or_else(|| Error::InUse(config.folder.clone()))?;
        Self::start_with(lock, config)
    }

    /// The server of whichever process has the folder; if none has, one is started as by [`LocalPostgres::start`].
    pub fn join(config: &Config) -> Result<Self, Error> {
        let begun = Instant::now();
        loop {
            if let Some(lock) = Lock::take(&config.folder)? {
                return Self::start_with(lock, config);
            }
            // The other process may still be making the folder.
            if let Ok(cluster) = Cluster::open(&config.folder, &config.search)
                && cluster.is_ready()
            {
                let socket_folder = cluster.socket_folder()?;
                return Ok(Self { cluster, socket_folder, supervised: None });
            }
            if begun.elapsed() > REMAINS_LIMIT {
                return Err(Error::InUse(config.folder.clone()));
            }
            thread::sleep(LOOK_INTERVAL);
        }
    }

    fn start_with(lock: Lock, config: &Config) -> Result<Self, Error> {
        let cluster = Cluster::open_or_create(&config.folder, &config.search, &config.contents)?;
        let socket_folder = cluster.socket_folder()?;
        cluster.end_orphan()?;
        let shared = Arc::new(Shared::default());
        let supervisor = Supervisor {
            cluster: cluster.clone(),
            settings: config.settings.clone(),
            shared: Arc::clone(&shared),
        };
        let thread = thread::Builder::new()
            .name("postgres".into())
            .spawn(move || {
                supervisor.run();
                drop(lock);
            })
            .map_err(|error| failed(&cluster, error.to_string()))?;
        let server = Self {
            cluster,
            socket_folder,
            supervised: Some(Supervised { shared: Arc::clone(&shared), thread: Mutex::new(Some(thread)) }),
        };
        shared.wait_until_ready().map_err(|reason| failed(&server.cluster, reason))?;
        Ok(server)
    }

    /// The folder of its socket, as clients name it (libpq's `host`).
    pub fn socket_folder(&self) -> &Path {
        &self.socket_folder
    }

    /// Where the data is.
    pub fn folder(&self) -> &Path {
        self.cluster.folder()
    }

    /// The programs that run it.
    pub fn programs(&self) -> &Programs {
        self.cluster.programs()
    }

    /// The process that is the server; `None` while there is none, or if it is another process's.
    pub fn process_id(&self) -> Option<u32> {
        let process = self.supervised.as_ref()?.shared.lock().process?;
        u32::try_from(process.as_raw_nonzero().get()).ok()
    }

    /// Whether it takes connections; the error says why not. Always well if the server is another process's.
    pub fn health(&self) -> Result<(), String> {
        let Some(supervised) = &self.supervised else { return Ok(()) };
        match &supervised.shared.lock().state {
            State::Ready => Ok(()),
            State::Starting => Err("PostgreSQL is starting".to_owned()),
            State::Down(reason) => Err(reason.clone()),
            State::Ended => Err("PostgreSQL was stopped".to_owned()),
        }
    }

    /// Stops a server of this process: sessions end, everything is written, within `limit`; then what is left of it ends at once, and
    /// the next start repeats the write-ahead log. Returns whether it ended within the limit.
    pub fn stop(&self, limit: Duration) -> bool {
        self.supervised.as_ref().is_none_or(|supervised| supervised.stop(Signal::INT, limit))
    }

    /// Kills a server of this process (SIGKILL) and leaves it so, for tests of what a crash leaves behind.
    pub fn kill(&self) {
        if let Some(supervised) = &self.supervised {
            supervised.stop(Signal::KILL, QUIT_LIMIT);
        }
    }
}

impl Supervised {
    fn stop(&self, signal: Signal, limit: Duration) -> bool {
        let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() else {
            return true;
        };
        let in_time = self.shared.stop(signal, limit);
        // It has nothing left to do but to give the lock back.
        let _ = thread.join();
        in_time
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.stop(Signal::QUIT, QUIT_LIMIT);
    }
}

fn failed(cluster: &Cluster, reason: String) -> Error {
    if reason.contains("No space left on device") {
        return Error::Full(cluster.folder().to_owned());
    }
    Error::Failed { program: "postgres", folder: cluster.folder().to_owned(), reason }
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Starting,
    Ready,
    /// It ended, and is started again; or, before it was ever ready, is not.
    Down(String),
    Ended,
}

/// What the supervising thread and the others know of the server.
#[derive(Debug, Default)]
struct Shared {
    known: Mutex<Known>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Known {
    state: State,
    /// Set for as long as the process has not been waited for, so that its number is nobody else's.
    process: Option<Pid>,
    /// How the server is to be stopped.
    stop: Option<Signal>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        self.lock().state = state;
        self.changed.notify_all();
    }

    fn is_stopping(&self) -> bool {
        self.lock().stop.is_some()
    }

    /// Waits for what the first start comes to.
    fn wait_until_ready(&self) -> Result<(), String> {
        let starting = |known: &mut Known| matches!(known.state, State::Starting);
        let (known, waited) = self
            .changed
            .wait_timeout_while(self.lock(), START_LIMIT, starting)
            .unwrap_or_else(PoisonError::into_inner);
        match &known.state {
            State::Ready => Ok(()),
            State::Down(reason) => Err(reason.clone()),
            State::Ended => Err("it was stopped".to_owned()),
            State::Starting => {
                debug_assert!(waited.timed_out());
                Err(format!("it took no connections within {START_LIMIT:?}"))
            }
        }
    }

    /// Waits before the next start, unless the server is to be stopped.
    fn pause(&self, wait: Duration) {
        let running = |known: &mut Known| known.stop.is_none();
        drop(self.changed.wait_timeout_while(self.lock(), wait, running));
    }

    /// Asks the server to end, ever more firmly, and waits until it has. Returns whether the first signal was enough.
    fn stop(&self, signal: Signal, limit: Duration) -> bool {
        for (signal, limit) in [(signal, limit), (Signal::QUIT, QUIT_LIMIT), (Signal::KILL, QUIT_LIMIT)] {
            let mut known = self.lock();
            let is_first = known.stop.is_none();
            known.stop = Some(signal);
            if let Some(process) = known.process {
                // It may have ended already, which is what is wanted.
                let _ = kill_process(process, signal);
            }
            self.changed.notify_all();
            let running = |known: &mut Known| !matches!(known.state, State::Ended);
            let (known, _) = self
                .changed
                .wait_timeout_while(known, limit, running)
                .unwrap_or_else(PoisonError::into_inner);
            if matches!(known.state, State::Ended) {
                return is_first;
            }
        }
        false
    }
}

/// The thread that the server belongs to: the kernel ends the server when this thread is gone.
struct Supervisor {
    cluster: Cluster,
    settings: Vec<(String, String)>,
    shared: Arc<Shared>,
}

impl Supervisor {
    fn run(&self) {
        let (mut wait, mut was_ready, begun) = (BACKOFF_LEAST, false, Instant::now());
        while !self.shared.is_stopping() {
            let since = Instant::now();
            let (ready, reason) = self.run_once();
            was_ready |= ready;
            if self.shared.is_stopping() {
                break;
            }
            let retry = was_ready || (is_of_remains(&reason) && begun.elapsed() < REMAINS_LIMIT);
            if !retry {
                self.shared.set(State::Down(reason));
                return;
            }
            if was_ready {
                tracing::warn!("PostgreSQL ended and is started again: {reason}");
                self.shared.set(State::Down(format!("PostgreSQL ended: {reason}")));
            }
            if since.elapsed() > SETTLED {
                wait = BACKOFF_LEAST;
            }
            self.shared.pause(wait);
            wait = (wait * 2).min(BACKOFF_MOST);
        }
        self.shared.set(State::Ended);
    }

    /// Runs the server until it ends. Returns whether it was ready once, and why it ended.
    fn run_once(&self) -> (bool, String) {
        let settings = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut command = self.cluster.server(settings);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return (false, error.to_string()),
        };
        let stderr = child.stderr.take();
        let logged = thread::spawn(move || stderr.map(log::pass_on).unwrap_or_default());
        let was_ready = self.watch(&mut child);
        let status = match child.wait() {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        };
        // Its processes have its standard error too; they end with it.
        let last = logged.join().unwrap_or_default();
        (was_ready, if last.is_empty() { status } else { format!("{status}: {last}") })
    }

    /// Waits until the server has ended, without taking the number of its process from it yet.
    fn watch(&self, child: &mut Child) -> bool {
        let Some(process) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return false };
        {
            let mut known = self.shared.lock();
            known.process = Some(process);
            if let Some(signal) = known.stop {
                let _ = kill_process(process, signal);
            }
        }
        let mut ready = false;
        while !has_ended(process, WaitIdOptions::NOHANG) {
            if self.cluster.is_ready_as(process) {
                ready = true;
                self.shared.set(State::Ready);
                has_ended(process, WaitIdOptions::empty());
                break;
            }
            thread::sleep(LOOK_INTERVAL);
        }
        self.shared.lock().process = None;
        ready
    }
}

/// Whether a child has ended; without NOHANG it is waited for. The child stays to be waited for.
fn has_ended(process: Pid, how: WaitIdOptions) -> bool {
    loop {
        match waitid(WaitId::Pid(process), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | how) {
            Ok(status) => return status.is_some(),
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return true,
        }
    }
}

/// Whether a start failed on what is left of a server that was killed, which goes away by itself.
fn is_of_remains(reason: &str) -> bool {
    reason.contains("pre-existing shared memory block")
        || reason.contains("lock file \"postmaster.pid\" already exists")
}
