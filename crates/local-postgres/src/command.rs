//! PostgreSQL's programs as children of this process.

use std::fs::File;
use std::os::fd::AsRawFd as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;

use crate::Account;

/// How long a server that was left behind may take to end.
pub(crate) const ORPHAN_LIMIT: Duration = Duration::from_secs(20);

/// How often it is looked at meanwhile.
pub(crate) const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// A data folder, as this process and PostgreSQL's programs name it.
#[derive(Clone, Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    open: Arc<File>,
}

impl Directory {
    pub(crate) fn open(path: &Path) -> std::io::Result<Self> {
        Ok(Self { path: std::path::absolute(path)?, open: Arc::new(File::open(path)?) })
    }

    /// Its absolute path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder itself, whatever its path says by now.
    pub(crate) fn file(&self) -> &File {
        &self.open
    }

    /// A short path to it that works for every process with its descriptor: on Linux, one that passes no other folder.
    pub(crate) fn short_path(&self) -> PathBuf {
        if cfg!(target_os = "linux") {
            PathBuf::from(format!("/proc/self/fd/{}", self.open.as_raw_fd()))
        } else {
            self.path.clone()
        }
    }
}

/// One of PostgreSQL's programs, to be run by `account` on `directory`, which it is to name by [`Directory::short_path`]: the account
/// may enter that folder, but perhaps not the folders above it, as root's own is closed to everybody else.
///
/// It has nothing of this process's environment, does not get the signals of its terminal, and is sent `on_death` when the thread
/// that started it ends (on Linux).
pub(crate) fn command(
    program: &Path,
    directory: &Directory,
    account: Option<Account>,
    on_death: Signal,
) -> Command {
    let mut command = Command::new(program);
    // Messages in English, so that they can be understood here; a path for the shell that initdb uses.
    command.env_clear().env("LC_ALL", "C").env("PATH", "/usr/local/bin:/usr/bin:/bin");
    // Before version 16 they go back to the folder that they were started in, which they must be able to enter then.
    command.stdin(Stdio::null()).current_dir("/").process_group(0);
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    prepare(&mut command, directory, on_death);
    command
}

#[cfg(target_os = "linux")]
fn prepare(command: &mut Command, directory: &Directory, on_death: Signal) {
    use rustix::io::{FdFlags, fcntl_setfd};
    use rustix::process::{getpid, getppid, set_parent_process_death_signal};

    let (directory, parent) = (Arc::clone(&directory.open), getpid());
    let prepare = move || {
        // The program inherits the folder under the same number.
        fcntl_setfd(&*directory, FdFlags::empty())?;
        set_parent_process_death_signal(Some(on_death))?;
        // The parent may have ended just before.
        if getppid() == Some(parent) { Ok(()) } else { Err(std::io::ErrorKind::BrokenPipe.into()) }
    };
    #[expect(unsafe_code, reason = "what runs between fork and exec has to be declared safe there")]
    // SAFETY: the closure makes three system calls; it neither allocates nor takes a lock.
    unsafe {
        command.pre_exec(prepare);
    }
}

#[cfg(not(target_os = "linux"))]
fn prepare(_command: &mut Command, _directory: &Directory, _on_death: Signal) {}
