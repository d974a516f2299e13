//! The thread that a server belongs to, and what the others know of it.

use std::process::{Child, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::{Cluster, Failure, log};

/// How long the first start may take. After a kill the server first repeats what is in the write-ahead log.
const START_LIMIT: Duration = Duration::from_mins(5);

/// How often to check whether it takes connections, which it writes into a file, as `pg_ctl` reads it.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_millis(5);

/// How long the remains of a killed server, its processes and their shared memory, may keep a new one from starting.
pub(crate) const REMAINS_LIMIT: Duration = Duration::from_secs(30);

/// The waits before a server that ended is started again.
const BACKOFF_LEAST: Duration = Duration::from_millis(50);
const BACKOFF_MOST: Duration = Duration::from_secs(5);

/// A server that lived this long was a good one: the next start comes without a long wait.
const SETTLED: Duration = Duration::from_secs(10);

/// How long an immediate shutdown may take before the server is killed.
pub(crate) const QUIT_LIMIT: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
pub(crate) enum State {
    #[default]
    Starting,
    Ready,
    /// It was never ready, and is not started again.
    Failed(Failure),
    /// It ended, and is started again.
    Down(Failure),
    Ended,
}

/// The state of the server, which the supervising thread shares with others.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    known: Mutex<Known>,
    changed: Condvar,
}

#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) state: State,
    /// Set until the process is reaped, so that no other process has its number.
    pub(crate) process: Option<Pid>,
    /// How the server is to be stopped.
    stop: Option<Signal>,
}

impl Shared {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock()
    }

    fn set(&self, state: State) {
        self.lock().state = state;
        self.changed.notify_all();
    }

    fn is_stopping(&self) -> bool {
        self.lock().stop.is_some()
    }

    /// Waits for what the first start comes to.
    pub(crate) fn wait_until_ready(&self) -> Result<(), Failure> {
        let starting = |known: &mut Known| matches!(known.state, State::Starting);
        let mut known = self.lock();
        let waited = self.changed.wait_while_for(&mut known, starting, START_LIMIT);
        match &known.state {
            State::Ready => Ok(()),
            State::Failed(failure) | State::Down(failure) => Err(failure.clone()),
            State::Ended => Err(Failure::new("it was stopped")),
            State::Starting => {
                debug_assert!(waited.timed_out());
                Err(Failure::new(format!("it took no connections within {START_LIMIT:?}")))
            }
        }
    }

    /// Waits before the next start, unless the server is to be stopped.
    fn pause(&self, wait: Duration) {
        let running = |known: &mut Known| known.stop.is_none();
        self.changed.wait_while_for(&mut self.lock(), running, wait);
    }

    /// Asks the server to end, ever more firmly, and waits until it has. Returns whether the first signal was enough.
    pub(crate) fn stop(&self, signal: Signal, limit: Duration) -> bool {
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
            self.changed.wait_while_for(&mut known, running, limit);
            if matches!(known.state, State::Ended) {
                return is_first;
            }
        }
        false
    }
}

/// The thread that the server belongs to: the kernel ends the server when this thread is gone.
pub(crate) struct Supervisor {
    pub(crate) cluster: Cluster,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) shared: Arc<Shared>,
}

impl Supervisor {
    pub(crate) fn run(&self) {
        let (mut wait, mut was_ready, begun) = (BACKOFF_LEAST, false, Instant::now());
        while !self.shared.is_stopping() {
            let since = Instant::now();
            let (ready, failure) = self.run_once();
            was_ready |= ready;
            if self.shared.is_stopping() {
                break;
            }
            let retry = was_ready || (is_of_remains(&failure) && begun.elapsed() < REMAINS_LIMIT);
            if !retry {
                self.shared.set(State::Failed(failure));
                return;
            }
            if was_ready {
                tracing::warn!("PostgreSQL ended and is started again: {}", failure.with_cause());
                self.shared.set(State::Down(failure));
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
    fn run_once(&self) -> (bool, Failure) {
        let settings = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut command = self.cluster.server(settings);
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return (false, Failure::of_system("it could not be run", error)),
        };
        let stderr = child.stderr.take();
        let logged = thread::spawn(move || stderr.map(log::pass_on).unwrap_or_default());
        let was_ready = self.watch(&mut child);
        let status = child.wait();
        // Its processes have its standard error too; they end with it.
        let last = logged.join().unwrap_or_default();
        let failure = match status {
            Ok(status) if last.is_empty() => Failure::new(status.to_string()),
            Ok(status) => Failure::new(format!("{status}: {last}")),
            Err(error) => Failure::of_system(format!("its exit status is unknown; it wrote: {last}"), error),
        };
        (was_ready, failure)
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

/// Whether a start failed on remains of a killed server, which disappear by themselves.
fn is_of_remains(failure: &Failure) -> bool {
    failure.says("pre-existing shared memory block")
        || failure.says("lock file \"postmaster.pid\" already exists")
}
