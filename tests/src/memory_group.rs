//! A control group of the kernel that limits the memory of its processes, as a container has one.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{process, thread};

use anyhow::{Context as _, Result};

/// Where version 1 and version 2 of control groups are.
const MEMORY_OF_V1: &str = "/sys/fs/cgroup/memory";
const ALL_OF_V2: &str = "/sys/fs/cgroup";

/// How long the processes in it may take to end.
const END_LIMIT: Duration = Duration::from_secs(5);

/// Beyond its limit the kernel first drops what it can read again from files, and then kills.
#[derive(Debug)]
pub struct MemoryGroup {
    folder: PathBuf,
    is_v1: bool,
}

impl MemoryGroup {
    /// `None` where this machine lets the test make none, which it prints.
    pub fn of(bytes: u64) -> Option<Self> {
        let made = Self::make(bytes);
        if let Err(error) = &made {
            println!("without a control group, only the resident memory is measured: {error:#}");
        }
        made.ok()
    }

    fn make(bytes: u64) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let is_v1 = Path::new(MEMORY_OF_V1).is_dir();
        let parent = Path::new(if is_v1 { MEMORY_OF_V1 } else { ALL_OF_V2 });
        if !is_v1 {
            set(&parent.join("cgroup.subtree_control"), "+memory")?;
        }
        let name = format!("waybill-test-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = parent.join(name);
        fs::create_dir(&folder).with_context(|| folder.display().to_string())?;
        // It is removed again if it is not a memory group.
        let group = Self { folder, is_v1 };
        let limit = if is_v1 { "memory.limit_in_bytes" } else { "memory.max" };
        set(&group.folder.join(limit), &bytes.to_string())?;
        Ok(group)
    }

    /// The file that a process writes its number to, to be in the group.
    pub fn processes(&self) -> PathBuf {
        self.folder.join("cgroup.procs")
    }

    /// How many of its processes were killed, because they had no more memory.
    pub fn kills(&self) -> Result<u64> {
        let file = self.folder.join(if self.is_v1 { "memory.oom_control" } else { "memory.events" });
        let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        count.context("no count of kills")?.trim().parse().context("a count that is not a number")
    }
}

impl Drop for MemoryGroup {
    fn drop(&mut self) {
        // A process that was killed is in it until the kernel has taken it apart.
        let since = Instant::now();
        while fs::remove_dir(&self.folder).is_err() && since.elapsed() < END_LIMIT {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

fn set(file: &Path, value: &str) -> Result<()> {
    fs::write(file, value).with_context(|| file.display().to_string())
}
