//! Memory and processor time of a process, from /proc.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// One of the figures of `/proc/PID/status`, such as `VmRSS:`, in KiB.
pub(crate) fn memory_kib(pid: u32, name: &str) -> Result<u64> {
    line_kib(&format!("/proc/{pid}/status"), name)
}

/// The memory of a process and of all that it has started, in KiB; what several share counts once.
pub fn proportional_memory_kib(pid: u32) -> Result<u64> {
    let processes: Vec<(u32, u32)> =
        std::fs::read_dir("/proc")?.flatten().filter_map(|entry| parent(&entry.path())).collect();
    let mut family = vec![pid];
    let mut sum = 0;
    while let Some(pid) = family.pop() {
        sum += line_kib(&format!("/proc/{pid}/smaps_rollup"), "Pss:")?;
        family.extend(processes.iter().filter(|(_, parent)| *parent == pid).map(|(child, _)| child));
    }
    Ok(sum)
}

/// The time that a process has used of all processors.
pub(crate) fn processor_time(pid: u32) -> Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Its name, in brackets, may have blanks. User and system time are the 12th and 13th field after it, in hundredths of a second.
    let (_, fields) = stat.rsplit_once(')').context("no name")?;
    let times = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let hundredths = times.sum::<Result<u64, _>>()?;
    Ok(Duration::from_millis(hundredths * 10))
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
