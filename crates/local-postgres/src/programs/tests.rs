#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// Programs that only say their version.
fn programs(version: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["postgres", "initdb"] {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

#[test]
fn versions_are_read_as_packages_print_them() {
    let version = |text: &str| read_version(text).map(|(_, major)| major);
    assert_eq!(version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
    assert_eq!(version("postgres (PostgreSQL) 18.4\n"), Some(18));
    assert_eq!(version("postgres (PostgreSQL) 19beta2\n"), Some(19));
    assert_eq!(version("postgres (EnterpriseDB)"), None);
}

#[test]
fn a_named_folder_is_the_only_one_that_is_looked_at() {
    let folder = programs("16.2");
    let search = Search { named: Some(folder.path().to_owned()), ..Search::default() };
    let found = search.find().unwrap();
    assert_eq!((found.version(), found.major(), found.origin()), ("16.2", 16, Origin::Named));

    let empty = tempfile::tempdir().unwrap();
    let search = Search { named: Some(empty.path().to_owned()), ..Search::default() };
    let error = search.find().unwrap_err().to_string();
    assert!(
        error.contains("has no postgres and initdb") && error.contains(&*empty.path().to_string_lossy()),
        "{error}"
    );
}

#[test]
fn programs_that_are_too_old_are_refused_by_their_version() {
    let folder = programs("14.9");
    let search = Search { named: Some(folder.path().to_owned()), ..Search::default() };
    let error = search.find().unwrap_err().to_string();
    assert!(error.contains("version 14.9") && error.contains("15"), "{error}");
}

#[test]
fn programs_that_another_account_could_have_written_are_not_run() {
    let folder = programs("17.1");
    let search = Search { named: Some(folder.path().to_owned()), ..Search::default() };
    for path in [folder.path().to_owned(), folder.path().join("postgres"), folder.path().join("initdb")] {
        fs::set_permissions(&path, fs::Permissions::from_mode(0o757)).unwrap();
        let error = search.find().unwrap_err().to_string();
        let remedy = format!("`chmod go-w {}`", path.canonicalize().unwrap().display());
        assert!(error.contains(&remedy), "{error}");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    search.find().unwrap();
}

#[test]
fn bundled_programs_come_before_those_of_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let made = programs("17.1");
    fs::rename(made.path(), folder.path().join("bin")).unwrap();
    let search = Search { bundled: Some(folder.path().to_owned()), ..Search::default() };
    assert_eq!(search.find().unwrap().origin(), Origin::Bundled);
    let search = Search { major: Some(99), ..search };
    let error = search.find().unwrap_err().to_string();
    assert!(error.contains("17.1") && error.contains("ORDERS_DATABASE_URL"), "{error}");
}
