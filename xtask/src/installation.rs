//! Installations of packages that tests use, beside a build: they need the network, the build needs the processor.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow};
use sha2::{Digest, Sha256};

/// An installation that runs.
pub struct Installation {
    what: &'static str,
    thread: JoinHandle<Result<Vec<String>>>,
}

impl Installation {
    /// Begins to install what is missing; `install` returns what it did, in lines to print.
    pub fn begin(what: &'static str, install: impl FnOnce() -> Result<Vec<String>> + Send + 'static) -> Self {
        Self { what, thread: thread::spawn(install) }
    }

    /// Waits for its end. If it failed, this prints that the tests which need it are skipped; under CI, which must not pass on skipped
    /// tests, that is an error.
    pub fn finish(self) -> Result<()> {
        match self.thread.join().map_err(|_| anyhow!("the installation of {} panicked", self.what))? {
            Ok(lines) => lines.iter().for_each(|line| println!("{line}")),
            Err(error) if std::env::var_os("CI").is_some() => return Err(error),
            Err(error) => println!("{error:#}.\nTests that need it are skipped and listed at the end."),
        }
        Ok(())
    }
}

/// A file in an installed folder with the hash of the list of packages that it was installed from.
pub struct Stamp {
    path: PathBuf,
    wanted: String,
}

impl Stamp {
    /// The stamp at `path` for this list of packages.
    pub fn of(list: &Path, path: PathBuf) -> Result<Self> {
        let list = fs::read(list).with_context(|| format!("{} could not be read", list.display()))?;
        Ok(Self { path, wanted: hex::encode(Sha256::digest(&list)) })
    }

    /// Whether the folder was installed from this list.
    pub fn is_current(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|installed| installed == self.wanted)
    }

    /// Marks the folder as installed.
    pub fn write(&self) -> Result<()> {
        fs::write(&self.path, &self.wanted)
            .with_context(|| format!("{} could not be written", self.path.display()))
    }
}
