//! What a process has used, from `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Clock ticks in a second, which Linux has for all programs.
const TICKS_PER_S: u64 = 100;

/// The processor time of a process and its threads so far.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may have anything in it; user and system time are the 14th and 15th field.
    let fields: Vec<&str> =
        stat.rsplit_once(')').context("an odd /proc/stat")?.1.split_whitespace().collect();
    let ticks = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_S))
}

/// The memory of a process, and the most that it ever had, in KiB.
pub fn memory_kib(pid: u32) -> Result<(u64, u64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let value = |name: &str| -> Result<u64> {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context(name.to_owned())?;
        Ok(line.split_whitespace().next().context(name.to_owned())?.parse()?)
    };
    Ok((value("VmRSS:")?, value("VmHWM:")?))
}
