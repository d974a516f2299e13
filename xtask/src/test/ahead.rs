//! Builds that go on beside the tests, which wait for servers most of the time.

use std::fs::File;
use std::mem;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// Builds at the lowest priority, one after the other. They only fill target folders: the step that needs one builds it again, which
/// then takes no time or shows why it fails. Dropping this ends them.
pub struct Ahead {
    current: Arc<Mutex<Current>>,
    thread: Option<JoinHandle<()>>,
    log: PathBuf,
}

enum Current {
    /// Between two builds.
    None,
    Build(Child),
    Ended,
}

impl Ahead {
    /// Begins them, with their output in a file.
    pub fn begin(builds: Vec<Command>, log: &Path) -> Result<Self> {
        let output = File::create(log).with_context(|| format!("{} could not be written", log.display()))?;
        let current = Arc::new(Mutex::new(Current::None));
        let of_thread = Arc::clone(&current);
        let thread = thread::spawn(move || {
            for build in &builds {
                if !run(build, &output, &of_thread).unwrap_or_default() {
                    break;
                }
            }
        });
        Ok(Self { current, thread: Some(thread), log: log.to_owned() })
    }

    /// Waits for their end.
    pub fn finish(mut self) {
        if self.thread.as_ref().is_some_and(|thread| !thread.is_finished()) {
            println!(
                "Waiting for the builds that began beside the tests; {} has their output …",
                self.log.display()
            );
        }
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // Its panic would be a build that did not take place, which the step that needs it makes up for.
            let _ = thread.join();
        }
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        if let Current::Build(mut build) = mem::replace(&mut *lock(&self.current), Current::Ended) {
            // It may have ended by itself.
            let _ = build.kill();
            let _ = build.wait();
        }
        self.join();
    }
}

/// Runs one build to its end. Returns whether there may be a next one.
fn run(build: &Command, output: &File, current: &Mutex<Current>) -> Result<bool> {
    let mut build = at_lowest_priority(build);
    build.stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output.try_clone()?);
    let pid = {
        let mut current = lock(current);
        if matches!(*current, Current::Ended) {
            return Ok(false);
        }
        let child = build.spawn()?;
        let pid = Pid::from_child(&child);
        *current = Current::Build(child);
        pid
    };
    // It keeps its process identifier until it is waited for below, so that nobody else's process is killed.
    let _ = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
    let mut current = lock(current);
    let Current::Build(child) = &mut *current else { return Ok(false) };
    let is_built = child.wait()?.success();
    *current = Current::None;
    Ok(is_built)
}

fn at_lowest_priority(command: &Command) -> Command {
    // It becomes that program, under the same process identifier.
    let mut nice = Command::new("nice");
    nice.args(["-n", "19"]).arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => nice.env(name, value),
            None => nice.env_remove(name),
        };
    }
    nice
}

fn lock(current: &Mutex<Current>) -> MutexGuard<'_, Current> {
    current.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;

    use super::Ahead;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn builds_run_one_after_the_other_up_to_the_first_that_fails() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut priority = shell("echo $NAME $(nice)");
        priority.env("NAME", "first");
        let builds = vec![priority, shell("echo second >&2; exit 1"), shell("echo third")];
        Ahead::begin(builds, &log).unwrap().finish();
        assert_eq!(fs::read_to_string(log).unwrap(), "first 19\nsecond\n");
    }

    #[test]
    fn a_build_ends_with_the_tests_that_fail_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let (log, fifo) = (folder.path().join("log"), folder.path().join("fifo"));
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let build = shell(&format!("echo > {}; exec sleep 3600", fifo.display()));
        let ahead = Ahead::begin(vec![build, shell("echo next")], &log).unwrap();
        // It is under way once something reads what it writes.
        fs::read(&fifo).unwrap();
        drop(ahead);
        assert_eq!(fs::read_to_string(log).unwrap(), "");
    }
}
