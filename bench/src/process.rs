//! What a process has used, from `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// Clock ticks in a second, which Linux has for all programs.
const TICKS_PER_S: u64 = 100;

/// The processor time of a process and its threads so far.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    let Stat { own_ticks, .. } = Stat::read(pid)?;
    Ok(Duration::from_millis(own_ticks * 1000 / TICKS_PER_S))
}

/// The processor time of a process and of all that it has started, whether they still run or have ended.
pub fn cpu_time_of_all(pid: u32) -> Result<Duration> {
    let Stat { own_ticks, ended_ticks, .. } = Stat::read(pid)?;
    let mut ticks = own_ticks + ended_ticks;
    for entry in fs::read_dir("/proc")? {
        let Some(id) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // A process may have ended meanwhile.
        if let Ok(child) = Stat::read(id)
            && child.parent == pid
        {
            ticks += child.own_ticks;
        }
    }
    Ok(Duration::from_millis(ticks * 1000 / TICKS_PER_S))
}

struct Stat {
    parent: u32,
    own_ticks: u64,
    /// Of children that have ended, in clock ticks.
    ended_ticks: u64,
}

impl Stat {
    fn read(pid: u32) -> Result<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name, in parentheses, may have anything in it. After it come the state and the parent, the third and fourth field;
        // times of the user and of the system are the 14th to 17th.
        let fields: Vec<&str> =
            stat.rsplit_once(')').context("an odd /proc/stat")?.1.split_whitespace().collect();
        let number =
            |index: usize| -> Result<u64> { Ok(fields.get(index).context("an odd /proc/stat")?.parse()?) };
        Ok(Self {
            parent: u32::try_from(number(1)?)?,
            own_ticks: number(11)? + number(12)?,
            ended_ticks: number(13)? + number(14)?,
        })
    }
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
