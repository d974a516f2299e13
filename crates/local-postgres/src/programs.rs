//! Where PostgreSQL's programs are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};
use std::{env, fmt, fs, io, thread};

use waybill_ownership::{ensure_no_other_writes, ensure_no_replacement, ensure_owner};

use crate::account::is_root;
use crate::version::LEAST_MAJOR;
use crate::{Account, Error};

/// The version that `cargo xtask` fetches where the machine has none.
pub const PINNED_VERSION: &str = "18.4";

/// How long a newly written program may be busy, and the pause between two attempts.
const BUSY_LIMIT: Duration = Duration::from_secs(2);
const BUSY_PAUSE: Duration = Duration::from_millis(5);

/// Where programs come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A setting names their folder.
    Named,
    /// They were inside this program.
    Bundled,
    /// The machine has them.
    Installed,
    /// `cargo xtask` fetched them.
    Fetched,
}

/// The programs `postgres` and `initdb` of one version.
#[derive(Clone, Debug)]
pub struct Programs {
    folder: PathBuf,
    version: String,
    major: u32,
    origin: Origin,
}

impl Programs {
    /// The folder that they are in.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The version, such as `18.4`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The major version, which data folders belong to.
    pub fn major(&self) -> u32 {
        self.major
    }

    /// Where they come from.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The path of one of them.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

impl fmt::Display for Programs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "PostgreSQL {} of {}", self.version, self.folder.display())
    }
}

/// What programs are wanted.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The folder that a setting names: that of the programs, or the one whose folder `bin` has them.
    pub named: Option<PathBuf>,
    /// The folder that this program unpacked its own into.
    pub bundled: Option<PathBuf>,
    /// The major version that a data folder belongs to.
    pub major: Option<u32>,
    /// The account that runs them.
    pub account: Option<Account>,
}

impl Search {
    /// The first that fits of the named ones, the bundled ones, those of the machine (newest first) and the fetched ones. If some
    /// are named, no others are considered.
    pub fn find(&self) -> Result<Programs, Error> {
        if let Some(named) = &self.named {
            return self.find_named(named);
        }
        let bundled = self.bundled.iter().map(|folder| (folder.join("bin"), Origin::Bundled));
        let installed = installed_folders().into_iter().map(|folder| (folder, Origin::Installed));
        let fetched = fetched_folder().map(|folder| (folder.join("bin"), Origin::Fetched));
        let mut tried = Vec::new();
        for (folder, origin) in bundled.chain(installed).chain(fetched) {
            if !has_programs(&folder) {
                continue;
            }
            match self.look_at(&folder, origin) {
                Ok(programs) if self.fits(&programs) => return Ok(programs),
                Ok(programs) => tried.push(programs.to_string()),
                Err(reason) => tried.push(format!("{}: {reason}", folder.display())),
            }
        }
        let tried = if tried.is_empty() { String::new() } else { format!(" ({})", tried.join("; ")) };
        Err(Error::NoPrograms { tried })
    }

    fn find_named(&self, named: &Path) -> Result<Programs, Error> {
        let bad = |reason: String| Error::BadPrograms { folder: named.to_owned(), reason };
        let folders = [named.join("bin"), named.to_owned()];
        let folder = folders.iter().find(|folder| has_programs(folder));
        let folder = folder.ok_or_else(|| bad("it has no postgres and initdb in it".to_owned()))?;
        let programs = self.look_at(folder, Origin::Named).map_err(bad)?;
        if programs.major < LEAST_MAJOR {
            return Err(bad(format!(
                "they are of version {}, and {LEAST_MAJOR} is the oldest that will do",
                programs.version
            )));
        }
        Ok(programs)
    }

    fn fits(&self, programs: &Programs) -> bool {
        programs.major >= LEAST_MAJOR && self.major.is_none_or(|major| major == programs.major)
    }

    /// Fails if another account could have written the programs: they would run as this one.
    fn ensure_own(&self, folder: &Path) -> Result<(), String> {
        let real = folder.canonicalize().map_err(|error| error.to_string())?;
        let runs_them = self.account.map(|account| account.user);
        for path in [&real, &real.join("postgres"), &real.join("initdb")] {
            let found = fs::metadata(path).map_err(|error| error.to_string())?;
            let checked =
                ensure_owner(path, &found, runs_them).and_then(|()| ensure_no_other_writes(path, &found));
            checked.map_err(|foreign| foreign.to_string())?;
        }
        ensure_no_replacement(&real).map_err(|foreign| foreign.to_string())
    }

    /// Asks the programs of a folder for their version, as the account that is to run them. The error says why they do not run.
    fn look_at(&self, folder: &Path, origin: Origin) -> Result<Programs, String> {
        self.ensure_own(folder)?;
        let mut command = Command::new(folder.join("postgres"));
        command.arg("--version").env_clear().stdin(Stdio::null());
        if let Some(account) = self.account {
            use std::os::unix::process::CommandExt as _;
            command.uid(account.user).gid(account.group);
        }
        let output = output_of_new(&mut command).map_err(|error| match self.account {
            Some(account) => format!("{error}, for the account number {} that runs PostgreSQL", account.user),
            None => error.to_string(),
        })?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let (version, major) = read_version(&text).ok_or_else(|| format!("they say `{}`", text.trim()))?;
        Ok(Programs { folder: folder.to_owned(), version, major, origin })
    }
}

/// Runs a program that may have been written a moment ago: a process that another thread was starting at that time has the file open
/// for writing until it has become its own program, and the system runs no such file.
fn output_of_new(command: &mut Command) -> io::Result<Output> {
    let begun = Instant::now();
    loop {
        match command.output() {
            Err(error)
                if error.kind() == io::ErrorKind::ExecutableFileBusy && begun.elapsed() < BUSY_LIMIT =>
            {
                thread::sleep(BUSY_PAUSE);
            }
            other => return other,
        }
    }
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
fn read_version(text: &str) -> Option<(String, u32)> {
    let (_, rest) = text.split_once("(PostgreSQL) ")?;
    let version = rest.split_whitespace().next()?;
    let digits = version.split(|other: char| !other.is_ascii_digit()).next()?;
    Some((version.to_owned(), digits.parse().ok()?))
}

fn has_programs(folder: &Path) -> bool {
    folder.join("postgres").is_file() && folder.join("initdb").is_file()
}

/// Where packages put the programs, the newest version first, then the folders of PATH.
fn installed_folders() -> Vec<PathBuf> {
    let mut folders: Vec<(u32, PathBuf)> = [
        // Debian and Ubuntu; Red Hat's relatives by PostgreSQL's own packages; Homebrew on both kinds of Macs.
        ("/usr/lib/postgresql", "", "bin"),
        ("/usr", "pgsql-", "bin"),
        ("/opt/homebrew/opt", "postgresql@", "bin"),
        ("/usr/local/opt", "postgresql@", "bin"),
    ]
    .into_iter()
    .flat_map(|(parent, prefix, below)| versions_in(Path::new(parent), prefix, below))
    .collect();
    folders.sort_by(|one, other| other.cmp(one));
    let on_path = env::var_os("PATH").unwrap_or_default();
    let on_path = env::split_paths(&on_path).filter(|folder| folder.is_absolute()).collect::<Vec<_>>();
    // A link in a folder of PATH, such as /usr/local/bin/initdb, leads to where the other programs are.
    let linked = on_path.iter().filter_map(|folder| {
        let program = fs::canonicalize(folder.join("initdb")).ok()?;
        program.parent().map(Path::to_owned)
    });
    folders.into_iter().map(|(_, folder)| folder).chain(linked).collect()
}

fn versions_in(parent: &Path, prefix: &str, below: &str) -> Vec<(u32, PathBuf)> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let version = |name: OsString| name.to_str()?.strip_prefix(prefix)?.parse().ok();
    entries.filter_map(|entry| Some((version(entry.file_name())?, entry.path().join(below)))).collect()
}

/// The folder that `cargo xtask` fetches the programs into, with the folders `bin`, `lib` and `share` in it. `None` if this account
/// has no home.
pub fn fetched_folder() -> Option<PathBuf> {
    Some(cache_folder()?.join(format!("postgresql-{PINNED_VERSION}")))
}

/// The folder for what can be fetched or made again. Root's is one that other accounts may enter, since PostgreSQL does not run
/// as root.
pub fn cache_folder() -> Option<PathBuf> {
    if is_root() {
        return Some(PathBuf::from("/var/cache/waybill"));
    }
    let named = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let below_home = if cfg!(target_os = "macos") { "Library/Caches" } else { ".cache" };
    let caches = named("XDG_CACHE_HOME").or_else(|| named("HOME").map(|home| home.join(below_home)))?;
    Some(caches.join("waybill"))
}

#[cfg(test)]
mod tests;
