//! The steps of a run, for its summary.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// The steps so far.
pub struct Steps {
    done: Vec<(&'static str, Duration, bool)>,
    begun: Instant,
    /// Where tests write a line `NAME: REASON` when they cannot run here.
    skips: PathBuf,
}

impl Steps {
    /// Forgets the skips of the last run.
    pub fn new(skips: PathBuf) -> Result<Self> {
        match fs::remove_file(&skips) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("{} could not be removed", skips.display()));
            }
            _ => {}
        }
        Ok(Self { done: Vec::new(), begun: Instant::now(), skips })
    }

    /// The file of the skips.
    pub fn skips(&self) -> &Path {
        &self.skips
    }

    /// Runs a step and says how long it took.
    pub fn run<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n=== {name}");
        let start = Instant::now();
        let outcome = step().with_context(|| format!("the step `{name}` failed"));
        let (took, passed) = (start.elapsed(), outcome.is_ok());
        println!("--- {name}: {} after {:.1} s", verdict(passed), took.as_secs_f64());
        self.done.push((name, took, passed));
        outcome
    }

    /// Prints the times of all steps, and the skips.
    pub fn summarize(&self) {
        println!("\n=== summary");
        for (name, took, passed) in &self.done {
            println!("{name:<20} {:>7.1} s  {}", took.as_secs_f64(), verdict(*passed));
        }
        println!("{:<20} {:>7.1} s", "all", self.begun.elapsed().as_secs_f64());
        // No file means no skip.
        for line in fs::read_to_string(&self.skips).unwrap_or_default().lines() {
            match line.split_once(": ") {
                Some((name, reason)) => println!("skipped: {name} ({reason})"),
                None => println!("skipped: {line}"),
            }
        }
    }
}

fn verdict(passed: bool) -> &'static str {
    if passed { "ok" } else { "FAILED" }
}
