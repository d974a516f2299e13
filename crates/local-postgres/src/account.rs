use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::Error;

/// Accounts to run as when this process is root: that of the system's own package, then one that every system has and that owns
/// nothing.
const NAMES: [&str; 2] = ["postgres", "nobody"];

/// The account that PostgreSQL runs as when this process is root, which PostgreSQL refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number.
    pub user: u32,
    /// The number of its group.
    pub group: u32,
}

impl Account {
    /// The account for the data in `folder`: its owner if it exists, another one otherwise. `None` if this process is not root, so
    /// that the server runs as this process does.
    pub fn for_folder(folder: &Path) -> Result<Option<Self>, Error> {
        if !is_root() {
            return Ok(None);
        }
        match fs::metadata(folder) {
            Ok(folder) if folder.uid() != 0 => Ok(Some(Self { user: folder.uid(), group: folder.gid() })),
            _ => Self::unprivileged().map(Some),
        }
    }

    fn unprivileged() -> Result<Self, Error> {
        let accounts = fs::read_to_string("/etc/passwd").map_err(|_| Error::NoAccount)?;
        NAMES.iter().find_map(|name| read(&accounts, name)).ok_or(Error::NoAccount)
    }
}

/// Whether this process is root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The account of this name in the text of `/etc/passwd`: `name:password:user:group:…`.
fn read(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next() != Some(name) {
            return None;
        }
        let (user, group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Account { user, group })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts =
            "root:x:0:0:root:/root:/bin/sh\npostgres2:x:5:5::/:\npostgres:x:104:107:,,,:/var:/bin/sh\nbroken";
        assert_eq!(read(accounts, "postgres"), Some(Account { user: 104, group: 107 }));
        assert_eq!(read(accounts, "nobody"), None);
        assert_eq!(read(accounts, "broken"), None);
    }
}
