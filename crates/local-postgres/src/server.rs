//! A server that is started, watched, started again, and stopped.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use rustix::process::Signal;

use crate::lock::Lock;
use crate::supervise::{LOOK_INTERVAL, QUIT_LIMIT, REMAINS_LIMIT, Shared, State, Supervisor};
use crate::{Cluster, Contents, Error, Failure, Programs, Search};

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
    /// Starts the server and waits until it takes connections. No other process may use the folder.
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
            .map_err(|error| {
                failed(&cluster, Failure::of_system("no thread could be started for it", error))
            })?;
        let server = Self {
            cluster,
            socket_folder,
            supervised: Some(Supervised { shared: Arc::clone(&shared), thread: Mutex::new(Some(thread)) }),
        };
        shared.wait_until_ready().map_err(|failure| failed(&server.cluster, failure))?;
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
            State::Failed(failure) => Err(failure.with_cause()),
            State::Down(failure) => Err(format!("PostgreSQL ended: {}", failure.with_cause())),
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
        let Some(thread) = self.thread.lock().take() else {
            return true;
        };
        let in_time = self.shared.stop(signal, limit);
        // The thread only releases the lock now.
        let _ = thread.join();
        in_time
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.stop(Signal::QUIT, QUIT_LIMIT);
    }
}

fn failed(cluster: &Cluster, failure: Failure) -> Error {
    Error::of_program("postgres", cluster.folder(), failure)
}
