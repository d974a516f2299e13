//! A program that runs until it is ended, with everything that it starts.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::Signal;

/// How long a program may take to be gone after it was killed, or asked to end.
const END_LIMIT: Duration = Duration::from_mins(1);

/// A program in a process group of its own, which writes its log into a file.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log_file: PathBuf,
    name: &'static str,
}

impl Daemon {
    /// Starts it. The log is appended to.
    pub fn spawn(name: &'static str, mut command: Command, log_file: &Path) -> Result<Self> {
        let log = File::options().create(true).append(true).open(log_file)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true).process_group(0);
        let child = command.spawn().with_context(|| format!("{name} could not be started"))?;
        Ok(Self { child, log_file: log_file.to_owned(), name })
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// How it ends, waited for.
    pub async fn end(&mut self) -> Result<ExitStatus> {
        Ok(self.child.wait().await?)
    }

    pub fn pid(&self) -> Result<u32> {
        self.child.id().with_context(|| format!("{} has already ended", self.name))
    }

    /// Kills it with everything that it started (SIGKILL).
    pub async fn kill(mut self) -> Result<()> {
        Signal::Kill.send_to_group(self.pid()?)?;
        self.wait().await
    }

    /// Kills it (SIGKILL), but nothing that it started.
    pub async fn kill_only_it(mut self) -> Result<()> {
        Signal::Kill.send(self.pid()?)?;
        self.wait().await
    }

    async fn wait(&mut self) -> Result<()> {
        timeout(END_LIMIT, self.child.wait())
            .await
            .with_context(|| format!("{} did not end in time", self.name))??;
        Ok(())
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log_file).unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Some(leader) = self.child.id() {
            // Nothing more can be done about one that does not end.
            let _ = Signal::Kill.send_to_group(leader);
        }
        println!("--- the log of {}\n{}", self.name, self.log());
    }
}
