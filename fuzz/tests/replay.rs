//! Replays the corpora, and what once made a target fail, on any compiler: `cargo xtask fuzz --replay`.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use waybill_fuzz::TARGETS;

#[test]
fn every_target_holds_over_its_corpus() {
    let mut failed = Vec::new();
    for (name, check) in TARGETS {
        let files = files(&corpus().join(name));
        assert!(!files.is_empty(), "fuzz/corpus/{name} has no file to begin with");
        for file in files {
            let data = fs::read(&file).unwrap();
            if catch_unwind(|| check(&data)).is_err() {
                failed.push(file);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn every_target_is_listed_once_and_has_a_corpus() {
    let names: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let named = |folder: &str| -> BTreeSet<String> {
        let files = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
        files.iter().map(|file| file.file_stem().unwrap().to_string_lossy().into_owned()).collect()
    };
    assert_eq!(names, named("fuzz_targets"));
    assert_eq!(names, named("corpus"));
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}
