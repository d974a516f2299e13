//! Instructions that a request takes, counted by callgrind: `cargo bench --package waybill-bench --bench instructions`, after
//! `cargo xtask components`. Times differ from run to run; this hardly does, so that a change shows.
//!
//! The counts are kept in `bench/instructions.json`. With `-- --keep` they are written there; without, they are compared with it, and
//! a difference of more than [`TOLERANCE`] is a failure.
//!
//! Component and host run in one process, over a link that answers at once. Machine code is for any x86-64, since valgrind does not
//! know all that this machine has, and without the address space that instances reserve elsewhere, which valgrind does not have.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, bail, ensure};
use http::StatusCode;
use waybill::runtime::{Engine, HttpService, Limits, WasiVersion};
use waybill_tests::component_bytes;

use self::case::{Case, SHOW};

mod case;

/// The largest accepted difference of a count, as a fraction of it.
const TOLERANCE: f64 = 0.02;

/// Requests of the shorter and of the longer run: what one request takes is their difference, without start and first requests.
const RUNS: [u64; 2] = [200, 1_200];

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.json");

/// What is counted: name, method, path, body, status, requests for each instance.
const COUNTED: [(&str, &str, &str, &str, u16, usize); 4] = [
    ("POST /orders", "POST", "/orders", r#"{"amount": 5000}"#, 201, usize::MAX),
    ("GET /orders/{id}", "GET", SHOW, "", 200, usize::MAX),
    ("no such route", "GET", "/nothing", "", 404, usize::MAX),
    ("no such route, fresh instance", "GET", "/nothing", "", 404, 1),
];

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(&count_all()?),
        ["--keep"] => Ok(fs::write(KEPT, serde_json::to_string_pretty(&count_all()?)? + "\n")?),
        ["run", file, index, requests] => run(Path::new(file), index.parse()?, requests.parse()?),
        _ => bail!("the only argument is --keep"),
    }
}

fn count_all() -> Result<BTreeMap<String, u64>> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("orders.cwasm");
    fs::write(&file, Engine::portable(Limits::default()).precompile(&component_bytes("orders"))?)?;
    let mut counts = BTreeMap::new();
    for (index, (name, ..)) in COUNTED.iter().enumerate() {
        let [short, long] = RUNS.map(|requests| count(&file, index, requests));
        let each = (long? - short?) / (RUNS[1] - RUNS[0]);
        println!("{name}: {each} instructions");
        counts.insert((*name).to_owned(), each);
    }
    Ok(counts)
}

fn count(file: &Path, index: usize, requests: u64) -> Result<u64> {
    let ended = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .arg("run")
        .arg(file)
        .args([index.to_string(), requests.to_string()])
        .output()
        .context("valgrind is not installed")?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "{said}");
    let collected =
        said.lines().find_map(|line| line.split_once("Collected :")).with_context(|| said.to_string())?;
    Ok(collected.1.trim().parse()?)
}

fn run(file: &Path, index: usize, requests: u64) -> Result<()> {
    let (_, method, path, body, status, requests_per_instance) =
        *COUNTED.get(index).context("no such case")?;
    let engine = Engine::portable(Limits { requests_per_instance, ..Limits::default() });
    let case = Case::new(&engine, &engine.load(file, WasiVersion::V0_2)?, HttpService::new)?;
    for _ in 0..requests {
        case.ask(method, path, body, StatusCode::from_u16(status)?)?;
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "counts are far from what a float cannot hold")]
fn compare(counts: &BTreeMap<String, u64>) -> Result<()> {
    let kept: BTreeMap<String, u64> = serde_json::from_str(&fs::read_to_string(KEPT)?)?;
    let mut differ = Vec::new();
    for (name, count) in counts {
        let before = *kept.get(name).with_context(|| format!("{name} is not in {KEPT}"))?;
        let ratio = *count as f64 / before as f64;
        if (ratio - 1.0).abs() > TOLERANCE {
            differ.push(format!("{name}: {before} before, {count} now ({ratio:.3})"));
        }
    }
    ensure!(
        differ.is_empty(),
        "counts differ; keep them with -- --keep if that is meant:\n{}",
        differ.join("\n")
    );
    Ok(())
}
