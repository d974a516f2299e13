//! Archives whose bytes depend on what is in them and on nothing else.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};
use tar::{EntryType, Header};

/// What stands at a path of an archive.
#[derive(Clone, Debug)]
enum Entry {
    File { contents: Vec<u8>, mode: u32 },
    Folder { mode: u32 },
    Link { to: String },
}

/// The files of an archive by their paths, without a leading slash. All belong to root.
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<String, Entry>);

impl Files {
    /// Adds a file that everyone may read.
    pub fn add(&mut self, path: impl Into<String>, contents: impl Into<Vec<u8>>) {
        self.insert(path.into(), Entry::File { contents: contents.into(), mode: 0o644 });
    }

    /// Adds a file that everyone may run.
    pub fn add_program(&mut self, path: impl Into<String>, contents: impl Into<Vec<u8>>) {
        self.insert(path.into(), Entry::File { contents: contents.into(), mode: 0o755 });
    }

    /// Adds a folder, where its mode matters or nothing is in it.
    pub fn add_folder(&mut self, path: impl Into<String>, mode: u32) {
        self.insert(path.into(), Entry::Folder { mode });
    }

    /// Adds a symbolic link.
    pub fn add_link(&mut self, path: impl Into<String>, to: impl Into<String>) {
        self.insert(path.into(), Entry::Link { to: to.into() });
    }

    /// Adds all that is in a folder of this machine, below `path`. Programs stay programs.
    pub fn add_all(&mut self, path: &str, folder: &Path) -> Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let entries =
            std::fs::read_dir(folder).with_context(|| format!("{} could not be read", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name().into_string().ok().context("a file's name is not UTF-8")?;
            let (inner, from) = (format!("{path}/{name}"), entry.path());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.add_all(&inner, &from)?;
            } else if kind.is_symlink() {
                let to = std::fs::read_link(&from)?;
                self.add_link(inner, to.to_str().context("a link's target is not UTF-8")?);
            } else if entry.metadata()?.permissions().mode() & 0o111 == 0 {
                self.add(inner, read(&from)?);
            } else {
                self.add_program(inner, read(&from)?);
            }
        }
        Ok(())
    }

    /// Leaves out what has such a path.
    pub fn remove(&mut self, is_such: impl Fn(&str) -> bool) {
        self.0.retain(|path, _| !is_such(path));
    }

    fn insert(&mut self, path: String, entry: Entry) {
        // Unpackers make missing folders with the modes of the account that unpacks.
        for (end, _) in path.match_indices('/') {
            self.0.entry(path[..end].to_owned()).or_insert(Entry::Folder { mode: 0o755 });
        }
        self.0.insert(path, entry);
    }

    /// The regular files with their contents, in the order of their paths.
    pub fn regular(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().filter_map(|(path, entry)| match entry {
            Entry::File { contents, .. } => Some((path.as_str(), contents.as_slice())),
            Entry::Folder { .. } | Entry::Link { .. } => None,
        })
    }

    /// All paths, in their order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A tar archive in which everything has this time, in seconds since 1970. `prefix` comes before each path.
    pub fn tar(&self, prefix: &str, time: u64) -> Result<Vec<u8>> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, entry) in &self.0 {
            let path = format!("{prefix}{path}");
            let mut header = Header::new_gnu();
            header.set_mtime(time);
            header.set_uid(0);
            header.set_gid(0);
            header.set_size(0);
            match entry {
                Entry::File { contents, mode } => {
                    header.set_mode(*mode);
                    header.set_size(contents.len() as u64);
                    archive.append_data(&mut header, path, contents.as_slice())?;
                }
                Entry::Folder { mode } => {
                    header.set_mode(*mode);
                    header.set_entry_type(EntryType::Directory);
                    archive.append_data(&mut header, format!("{path}/"), std::io::empty())?;
                }
                Entry::Link { to } => {
                    header.set_mode(0o777);
                    header.set_entry_type(EntryType::Symlink);
                    archive.append_link(&mut header, path, to)?;
                }
            }
        }
        Ok(archive.into_inner()?)
    }
}

/// Compressed, without a name and a time.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder: GzEncoder<Vec<u8>> = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// A SHA-256 sum in hexadecimal digits.
pub fn sum(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A file of this machine, whole.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} could not be read", path.display()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use std::io::Read as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_bytes_do_not_depend_on_order_accounts_or_times() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b", "a", "run"] {
            std::fs::write(folder.path().join(name), name).unwrap();
        }
        std::fs::set_permissions(folder.path().join("run"), std::fs::Permissions::from_mode(0o700)).unwrap();
        let mut files = Files::default();
        files.add_all("x", folder.path()).unwrap();
        let mut by_hand = Files::default();
        by_hand.add_program("x/run", "run");
        by_hand.add("x/b", "b");
        by_hand.add("x/a", "a");
        assert_eq!(files.tar("./", 7).unwrap(), by_hand.tar("./", 7).unwrap());
        assert_eq!(gzip(b"same").unwrap(), gzip(b"same").unwrap());
    }

    #[test]
    fn folders_come_before_what_is_in_them_and_links_stay_links() {
        let mut files = Files::default();
        files.add("etc/waybill/waybill.env", "A=1");
        files.add_link("lib", "usr/lib");
        files.add_folder("tmp", 0o1777);
        let bytes = files.tar("", 7).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let mut seen = Vec::new();
        for entry in archive.entries().unwrap() {
            let mut entry = entry.unwrap();
            let header = entry.header().clone();
            assert_eq!((header.mtime().unwrap(), header.uid().unwrap()), (7, 0));
            let path = entry.path().unwrap().to_string_lossy().into_owned();
            let mut contents = String::new();
            entry.read_to_string(&mut contents).unwrap();
            let link = header.link_name().unwrap().map(|to| to.to_string_lossy().into_owned());
            seen.push((path, header.mode().unwrap(), link.unwrap_or(contents)));
        }
        let expected = [
            ("etc/", 0o755, ""),
            ("etc/waybill/", 0o755, ""),
            ("etc/waybill/waybill.env", 0o644, "A=1"),
            ("lib", 0o777, "usr/lib"),
            ("tmp/", 0o1777, ""),
        ];
        assert_eq!(seen, expected.map(|(path, mode, text)| (path.to_owned(), mode, text.to_owned())));
    }
}
