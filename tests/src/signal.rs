//! Signals to processes that a test started.

use std::process::Command;

use anyhow::{Context, Result, ensure};

/// A signal by the name that `kill` gives it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signal {
    /// What a supervisor sends to end a process in order.
    Term,
    /// What Ctrl-C sends.
    Int,
    /// The end at once, which no process can prevent.
    Kill,
    /// Stands still until [`Signal::Cont`].
    Stop,
    /// Goes on.
    Cont,
}

impl Signal {
    /// Sends it to the process `pid`.
    pub fn send(self, pid: u32) -> Result<()> {
        let name = match self {
            Self::Term => "TERM",
            Self::Int => "INT",
            Self::Kill => "KILL",
            Self::Stop => "STOP",
            Self::Cont => "CONT",
        };
        // The shell's own `kill` is there on every system; a program of that name is not.
        let status = Command::new("sh")
            .args(["-c", &format!("kill -{name} {pid}")])
            .status()
            .context("sh could not be started")?;
        ensure!(status.success(), "SIG{name} could not be sent to process {pid}");
        Ok(())
    }
}
