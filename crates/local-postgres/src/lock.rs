//! The lock that gives a data folder one owner.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use crate::Error;

/// Held for as long as the server of a folder may run. The system gives it back when this process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of `folder`; `None` if another process has it.
    pub(crate) fn take(folder: &Path) -> Result<Option<Self>, Error> {
        let path = file_of(folder);
        if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent).map_err(|error| Error::of_folder(folder, &error))?;
        }
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| Error::of_folder(folder, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::of_folder(folder, &error)),
        }
    }
}

/// Beside the folder and not inside: initdb takes only an empty one.
fn file_of(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}
