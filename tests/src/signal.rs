//! Signals to processes that a test started.

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal as Number, kill_process, kill_process_group};

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
    Cont,
}

impl Signal {
    /// Sends it to the process `pid`.
    pub fn send(self, pid: u32) -> Result<()> {
        kill_process(process(pid)?, self.number()).with_context(|| format!("{self:?} to process {pid}"))
    }

    /// Sends it to every process of the group that `leader` leads.
    pub fn send_to_group(self, leader: u32) -> Result<()> {
        kill_process_group(process(leader)?, self.number())
            .with_context(|| format!("{self:?} to the group of process {leader}"))
    }

    fn number(self) -> Number {
        match self {
            Self::Term => Number::TERM,
            Self::Int => Number::INT,
            Self::Kill => Number::KILL,
            Self::Stop => Number::STOP,
            Self::Cont => Number::CONT,
        }
    }
}

fn process(pid: u32) -> Result<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw).with_context(|| format!("{pid} is not a process"))
}
