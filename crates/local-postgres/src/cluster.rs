//! A data folder, and the server's command on it.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use std::{fs, io, thread};

use rustix::process::{Pid, Signal};

use crate::account::is_root;
use crate::command::{Directory, LOOK_INTERVAL, ORPHAN_LIMIT, command};
use crate::initialise::{Contents, initialise};
use crate::{Account, Error, Programs, Search};

/// The port, which is only a part of the socket's name.
const PORT: &str = "5432";

/// The longest path of a socket, in bytes, the zero at its end left out: Linux has room for 108, macOS for 104.
const SOCKET_PATH_LIMIT: usize = if cfg!(target_os = "linux") { 107 } else { 103 };

/// A data folder with the programs that belong to it.
#[derive(Clone, Debug)]
pub struct Cluster {
    folder: PathBuf,
    directory: Directory,
    programs: Programs,
    account: Option<Account>,
}

impl Cluster {
    /// Opens the cluster in `folder`, which is made, with `contents`, if there is none. The caller has the folder's lock.
    pub fn open_or_create(folder: &Path, search: &Search, contents: &Contents) -> Result<Self, Error> {
        let account = Account::for_folder(folder)?;
        let mut search = Search { account, ..search.clone() };
        search.major = major_of(folder)?;
        let programs = search.find();
        let programs = match (programs, search.major) {
            (Ok(programs), Some(major)) if programs.major() != major => {
                let found = programs.to_string();
                return Err(Error::OtherMajor { folder: folder.to_owned(), major, found });
            }
            (Err(error), Some(major)) => return Err(other_major(folder, major, &search, error)),
            (programs, _) => programs?,
        };
        if search.major.is_none() {
            initialise(folder, &programs, account, contents)?;
        }
        let directory = Directory::open(folder).map_err(|error| Error::of_folder(folder, error))?;
        check_owner(&directory)?;
        // PostgreSQL refuses a folder that others may enter; one that was copied often is such.
        let private = fs::Permissions::from_mode(0o700);
        fs::set_permissions(folder, private).map_err(|error| Error::of_folder(folder, error))?;
        Ok(Self { folder: folder.to_owned(), directory, programs, account })
    }

    /// Opens the cluster in `folder`, which another process may be running. Nothing is made or changed.
    pub fn open(folder: &Path, search: &Search) -> Result<Self, Error> {
        let (account, major) = (Account::for_folder(folder)?, major_of(folder)?);
        let programs = Search { major, account, ..search.clone() }.find()?;
        let directory = Directory::open(folder).map_err(|error| Error::of_folder(folder, error))?;
        check_owner(&directory)?;
        Ok(Self { folder: folder.to_owned(), directory, programs, account })
    }

    /// Where the data is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The programs that run it.
    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// The command that is the server: it runs until a signal ends it, and logs to its standard error. Later settings go before
    /// earlier ones of the same name. The thread that starts it has to live for as long as the server is to.
    pub fn server<'a>(&self, settings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Command {
        let mut command =
            command(&self.programs.path("postgres"), &self.directory, self.account, Signal::QUIT);
        command.arg("-D").arg(self.directory.short_path());
        let of_version = if self.programs.major() >= 18 { OF_18 } else { &[] };
        let all = SETTINGS.iter().chain(of_version).copied().chain([("port", PORT)]).chain(settings);
        for (name, value) in all {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        command
    }

    /// The folder of the server's socket, as clients name it (libpq's `host`). It is good for as long as the cluster is there.
    pub fn socket_folder(&self) -> Result<PathBuf, Error> {
        let path = self.directory.path();
        if path.join(format!(".s.PGSQL.{PORT}")).as_os_str().len() <= SOCKET_PATH_LIMIT {
            return Ok(path.to_owned());
        }
        let short = self.directory.short_path();
        if short == path {
            Err(Error::PathTooLong { folder: short, limit: SOCKET_PATH_LIMIT })
        } else {
            Ok(short)
        }
    }

    /// Whether the server takes connections.
    pub fn is_ready(&self) -> bool {
        read_postmaster(&self.folder).is_some_and(|(_, ready)| ready)
    }

    /// Whether this process is a server of this cluster that says that it is up.
    pub(crate) fn is_ready_as(&self, process: Pid) -> bool {
        read_postmaster(&self.folder) == Some((process, true))
    }

    /// Ends a server that a killed process left behind. Some kernels do not end it; on those that do, it may still be ending.
    pub(crate) fn end_orphan(&self) -> Result<(), Error> {
        let Some((process, _)) = read_postmaster(&self.folder) else { return Ok(()) };
        let deadline = Instant::now() + ORPHAN_LIMIT;
        while is_server_of(process, &self.folder) {
            if Instant::now() > deadline {
                return Err(Error::InUse(self.folder.clone()));
            }
            // At once, without a checkpoint; nothing is lost, it is in the write-ahead log.
            let _ = rustix::process::kill_process(process, Signal::QUIT);
            thread::sleep(LOOK_INTERVAL);
        }
        Ok(())
    }
}

/// What the server is started with, whatever its folder's own configuration says. It is meant for a laptop: few processes, little
/// memory, and every acknowledged transaction on the disk.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("unix_socket_directories", "."),
    ("unix_socket_permissions", "0700"),
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    ("shared_buffers", "32MB"),
    ("max_connections", "100"),
    ("max_wal_size", "512MB"),
    ("huge_pages", "off"),
    ("jit", "off"),
    // Nothing is replicated: no log and no processes for it.
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("max_logical_replication_workers", "0"),
    ("max_parallel_workers_per_gather", "0"),
    ("log_destination", "stderr"),
    ("logging_collector", "off"),
    ("log_line_prefix", ""),
    ("log_checkpoints", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
];

/// What 18 has in addition: processes that only read ahead are of no use here.
const OF_18: &[(&str, &str)] = &[("io_method", "sync")];

/// The major version that the data in `folder` belongs to; `None` if there is no folder, or an empty one.
fn major_of(folder: &Path) -> Result<Option<u32>, Error> {
    let unreadable = |error: io::Error| match fs::metadata(folder) {
        Ok(found) if !is_root() && found.uid() != own_number() => other_owner(folder, found.uid()),
        _ => Error::of_folder(folder, error),
    };
    match fs::read_to_string(folder.join("PG_VERSION")) {
        Ok(text) => match text.trim().parse() {
            Ok(major) => Ok(Some(major)),
            Err(_) => Err(Error::Foreign(folder.to_owned())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match fs::read_dir(folder).map(Iterator::count) {
                Ok(0) => Ok(None),
                Ok(_) => Err(Error::Foreign(folder.to_owned())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                    Err(Error::Foreign(folder.to_owned()))
                }
                Err(error) => Err(unreadable(error)),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(Error::Foreign(folder.to_owned())),
        Err(error) => Err(unreadable(error)),
    }
}

/// Whether the fault is that there are programs, but of another version.
fn other_major(folder: &Path, major: u32, search: &Search, error: Error) -> Error {
    let any = Search { major: None, ..search.clone() };
    match any.find() {
        Ok(programs) => Error::OtherMajor { folder: folder.to_owned(), major, found: programs.to_string() },
        Err(_) => error,
    }
}

fn check_owner(directory: &Directory) -> Result<(), Error> {
    let folder = directory.path();
    let owner = directory.file().metadata().map_err(|error| Error::of_folder(folder, error))?.uid();
    if is_root() || owner == own_number() { Ok(()) } else { Err(other_owner(folder, owner)) }
}

fn other_owner(folder: &Path, owner: u32) -> Error {
    Error::OtherOwner { folder: folder.to_owned(), owner, own: own_number() }
}

fn own_number() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The server's process and whether it takes connections, as it writes both into a file of its folder.
pub(crate) fn read_postmaster(folder: &Path) -> Option<(Pid, bool)> {
    let text = fs::read_to_string(folder.join("postmaster.pid")).ok()?;
    let mut lines = text.lines();
    let process = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
    Some((process, lines.nth(6).is_some_and(|status| status.trim() == "ready")))
}

/// Whether a process is a server on this folder, and not another one that got its number since.
#[cfg(target_os = "linux")]
fn is_server_of(process: Pid, folder: &Path) -> bool {
    let current = fs::metadata(format!("/proc/{}/cwd", process.as_raw_nonzero()));
    match (current, fs::metadata(folder)) {
        (Ok(current), Ok(folder)) => (current.dev(), current.ino()) == (folder.dev(), folder.ino()),
        _ => false,
    }
}

#[cfg(not(target_os = "linux"))]
fn is_server_of(process: Pid, folder: &Path) -> bool {
    // Of all servers of this account only that of this folder has its socket open there; `lsof` is on every Mac and BSD.
    let output = Command::new("lsof")
        .args(["-a", "-d", "cwd", "-F", "n", "-p", &process.as_raw_nonzero().to_string()])
        .output();
    let (Ok(output), Ok(folder)) = (output, fs::canonicalize(folder)) else { return false };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .any(|line| line.strip_prefix('n').map(Path::new) == Some(&*folder))
}
