//! A server whose processes stand still.

use std::fs;

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};

/// The processes of a server, stopped until this is dropped.
#[derive(Debug)]
pub struct Frozen(Vec<Pid>);

impl Frozen {
    /// Stops `first`, which then starts no further process, and its children, of which none has children.
    pub(crate) fn of(first: u32) -> Result<Self> {
        let mut frozen = Self(Vec::new());
        frozen.stop(first)?;
        for process in fs::read_dir("/proc")? {
            let name = process?.file_name();
            let Some(process) = name.to_str().and_then(|name| name.parse().ok()) else { continue };
            if parent(process) == Some(first) {
                frozen.stop(process)?;
            }
        }
        Ok(frozen)
    }

    fn stop(&mut self, process: u32) -> Result<()> {
        let process = i32::try_from(process).ok().and_then(Pid::from_raw);
        let process = process.context("this is not a process")?;
        kill_process(process, Signal::STOP)?;
        self.0.push(process);
        Ok(())
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        for process in &self.0 {
            // One that was killed meanwhile is gone.
            let _ = kill_process(*process, Signal::CONT);
        }
    }
}

/// The process that started another; `None` if that is gone.
fn parent(process: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}
