use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

/// Why a local PostgreSQL cannot be started. Each is one sentence that says what to do; whatever is in the way is left untouched.
#[derive(Debug, Error)]
pub enum Error {
    /// No programs of PostgreSQL were found.
    #[error(
        "no PostgreSQL {least} or newer was found{tried}. Install one (Debian and Ubuntu: apt-get install postgresql; \
         macOS: brew install postgresql), fetch one with `cargo xtask up`, name the folder of its programs with --postgres, or \
         name servers with ORDERS_DATABASE_URL and INVOICES_DATABASE_URL",
        least = crate::version::LEAST_MAJOR
    )]
    NoPrograms {
        /// What was looked at and did not fit, in parentheses; empty if there was nothing.
        tried: String,
    },
    /// The folder that was named as that of PostgreSQL's programs has none that can be used.
    #[error("{} is not a folder of PostgreSQL's programs that can be used here: {reason}", .folder.display())]
    BadPrograms {
        /// The named folder.
        folder: PathBuf,
        /// What is wrong, in words.
        reason: String,
    },
    /// The data folder belongs to another major version than the programs that were found.
    #[error(
        "{} was written by PostgreSQL {major}, and the programs found here are of {found}: name the folder of PostgreSQL \
         {major}'s programs with --postgres, or choose another folder with --data", .folder.display()
    )]
    OtherMajor {
        /// The data folder.
        folder: PathBuf,
        /// The major version that wrote it.
        major: u32,
        /// The versions that were found.
        found: String,
    },
    /// Another process uses the folder.
    #[error("the folder {} is in use by another waybill: end that one, or choose another folder with --data", .0.display())]
    InUse(PathBuf),
    /// The folder contains something other than PostgreSQL's data.
    #[error("{} is not empty and holds no data of PostgreSQL: choose another folder with --data", .0.display())]
    Foreign(PathBuf),
    /// The folder belongs to another account.
    #[error(
        "{} belongs to the account number {owner}, and this process runs as number {own}: run it as that account, or choose \
         another folder with --data", .folder.display()
    )]
    OtherOwner {
        /// The data folder.
        folder: PathBuf,
        /// Who owns it.
        owner: u32,
        /// Who this process is.
        own: u32,
    },
    /// Nothing may be written where the data is to be.
    #[error("{} cannot be written: change its permissions, or choose another folder with --data", .folder.display())]
    NotWritable {
        /// The data folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file system is full.
    #[error("there is no space left for {}: free some, or choose another folder with --data", .0.display())]
    Full(PathBuf),
    /// The path to the socket is longer than the system takes.
    #[error("the path {} is too long for a socket, which may have {limit} bytes: choose a shorter folder with --data", .folder.display())]
    PathTooLong {
        /// The data folder.
        folder: PathBuf,
        /// The longest path of a socket, in bytes.
        limit: usize,
    },
    /// This process is root, and there is no account to run PostgreSQL as.
    #[error(
        "PostgreSQL does not run as root, and this system has no account `postgres` or `nobody` to run it as"
    )]
    NoAccount,
    /// One of PostgreSQL's programs failed.
    #[error("PostgreSQL's program {program} failed in {}", .folder.display())]
    Failed {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// The data folder.
        folder: PathBuf,
        /// Why.
        #[source]
        source: Failure,
    },
}

/// Why a program of PostgreSQL failed.
#[derive(Clone, Debug, Error)]
#[error("{words}")]
pub struct Failure {
    words: String,
    source: Option<Arc<io::Error>>,
}

impl Failure {
    /// A program ended by itself; these are its words.
    pub(crate) fn new(words: impl Into<String>) -> Self {
        Self { words: words.into(), source: None }
    }

    /// The system failed to do something with a program.
    pub(crate) fn of_system(words: impl Into<String>, error: io::Error) -> Self {
        Self { words: words.into(), source: Some(Arc::new(error)) }
    }

    /// Whether the program wrote this.
    pub(crate) fn says(&self, words: &str) -> bool {
        self.words.contains(words)
    }

    /// In one line, with its cause.
    pub(crate) fn with_cause(&self) -> String {
        self.source.as_ref().map_or_else(|| self.words.clone(), |source| format!("{}: {source}", self.words))
    }

    /// The programs have no code for a full file system.
    fn is_of_full_disk(&self) -> bool {
        self.says("No space left on device")
            || self.source.as_ref().is_some_and(|source| source.kind() == io::ErrorKind::StorageFull)
    }
}

impl Error {
    /// A program of PostgreSQL failed for `folder`.
    pub(crate) fn of_program(program: &'static str, folder: &Path, source: Failure) -> Self {
        let folder = folder.to_owned();
        if source.is_of_full_disk() { Self::Full(folder) } else { Self::Failed { program, folder, source } }
    }

    /// What a failure to read or write `folder` means.
    pub(crate) fn of_folder(folder: impl Into<PathBuf>, error: io::Error) -> Self {
        let folder = folder.into();
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(folder),
            _ => Self::NotWritable { folder, source: error },
        }
    }
}
