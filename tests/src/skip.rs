//! Tests that cannot run on this machine say so, instead of passing in silence.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::{env, thread};

/// Reports that the running test is skipped: on its output, and in the file that `WAYBILL_SKIPS` names, from which
/// `cargo xtask test` makes its summary.
///
/// # Panics
/// Under CI (the variable `CI` is set): there everything is installed, and a skipped test is a test that is lost.
pub fn skip(reason: &str) {
    assert!(env::var_os("CI").is_none(), "under CI nothing may be skipped, but {}", line(reason));
    skip_without(reason);
}

/// The same for a program that no package installs, neither here nor under CI.
pub fn skip_without(reason: &str) {
    let line = line(reason);
    println!("SKIPPED {line}");
    if let Some(path) = env::var_os("WAYBILL_SKIPS") {
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| writeln!(file, "{line}"));
        if let Err(error) = written {
            println!("the skip could not be recorded: {error}");
        }
    }
}

/// The program of the last release, which `WAYBILL_LAST_RELEASE` names. `None`, and the test is reported as skipped, where it names none.
pub fn last_release() -> Option<PathBuf> {
    let program = env::var_os("WAYBILL_LAST_RELEASE").map(PathBuf::from);
    if program.is_none() {
        skip_without("WAYBILL_LAST_RELEASE does not name the program of the last release");
    }
    program
}

/// What is reported. The test harness names each test's thread after it.
fn line(reason: &str) -> String {
    let thread = thread::current();
    format!("{}: {reason}", thread.name().unwrap_or("a test"))
}
