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
use bytes::Bytes;
use http::StatusCode;
use waybill::runtime::{Engine, HttpService, Limits, WasiVersion};
use waybill_tests::component_bytes;

use self::case::{Case, SHOW};
use self::events::Events;

mod case;
mod events;

/// The largest accepted difference of a count, as a fraction of it.
const TOLERANCE: f64 = 0.02;

/// Requests of the shorter and of the longer run: what one request takes is their difference, without start and first requests.
const RUNS: [u64; 2] = [200, 1_200];

/// The same of what takes millions of instructions.
const LONG_RUNS: [u64; 2] = [20, 100];

const KEPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.json");

/// What is counted.
struct Counted {
    name: &'static str,
    what: What,
    runs: [u64; 2],
    requests_per_instance: usize,
}

enum What {
    /// A request to the service of orders: method, path, body, status.
    Request(&'static str, &'static str, fn() -> String, u16),
    /// The event of an order to the service of invoices.
    Event(fn() -> String),
}

impl Counted {
    const fn new(name: &'static str, what: What) -> Self {
        Self { name, what, runs: RUNS, requests_per_instance: usize::MAX }
    }

    fn component(&self) -> &'static str {
        match self.what {
            What::Request(..) => "orders",
            What::Event(_) => "invoices",
        }
    }
}

const COUNTED: [Counted; 7] = [
    Counted::new("POST /orders", What::Request("POST", "/orders", amount, 201)),
    Counted {
        runs: LONG_RUNS,
        ..Counted::new("POST /orders, 200 lines", What::Request("POST", "/orders", events::lines, 201))
    },
    Counted::new("event to invoice", What::Event(event_of_amount)),
    Counted { runs: LONG_RUNS, ..Counted::new("event to invoice, 200 lines", What::Event(event_of_lines)) },
    Counted::new("GET /orders/{id}", What::Request("GET", SHOW, String::new, 200)),
    Counted::new("no such route", What::Request("GET", "/nothing", String::new, 404)),
    Counted {
        requests_per_instance: 1,
        ..Counted::new("no such route, fresh instance", What::Request("GET", "/nothing", String::new, 404))
    },
];

fn amount() -> String {
    events::AMOUNT.to_owned()
}

fn event_of_amount() -> String {
    events::event(events::AMOUNT)
}

fn event_of_lines() -> String {
    events::event(&events::lines())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => compare(&count_all()?),
        ["--keep"] => Ok(fs::write(KEPT, serde_json::to_string_pretty(&count_all()?)? + "\n")?),
        ["run", folder, index, requests] => run(Path::new(folder), index.parse()?, requests.parse()?),
        _ => bail!("the only argument is --keep"),
    }
}

fn count_all() -> Result<BTreeMap<String, u64>> {
    let folder = tempfile::tempdir()?;
    let engine = Engine::portable(Limits::default());
    for component in ["orders", "invoices"] {
        let code = engine.precompile(&component_bytes(component))?;
        fs::write(folder.path().join(component), code)?;
    }
    let mut counts = BTreeMap::new();
    for (index, Counted { name, runs, .. }) in COUNTED.iter().enumerate() {
        let [short, long] = runs.map(|requests| count(folder.path(), index, requests));
        let each = (long? - short?) / (runs[1] - runs[0]);
        println!("{name}: {each} instructions");
        counts.insert((*name).to_owned(), each);
    }
    Ok(counts)
}

fn count(folder: &Path, index: usize, requests: u64) -> Result<u64> {
    let ended = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe()?)
        .arg("run")
        .arg(folder)
        .args([index.to_string(), requests.to_string()])
        .output()
        .context("valgrind is not installed")?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "{said}");
    let collected =
        said.lines().find_map(|line| line.split_once("Collected :")).with_context(|| said.to_string())?;
    Ok(collected.1.trim().parse()?)
}

fn run(folder: &Path, index: usize, requests: u64) -> Result<()> {
    let counted = COUNTED.get(index).context("no such case")?;
    let requests_per_instance = counted.requests_per_instance;
    let engine = Engine::portable(Limits { requests_per_instance, ..Limits::default() });
    let component = engine.load(&folder.join(counted.component()), WasiVersion::V0_2)?;
    match counted.what {
        What::Request(method, path, body, status) => {
            let case = Case::new(&engine, &component, HttpService::new)?;
            let body = Bytes::from(body());
            for _ in 0..requests {
                case.ask(method, path, body.clone(), StatusCode::from_u16(status)?)?;
            }
        }
        What::Event(event) => {
            let events = Events::new(&engine, &component)?;
            let event = event();
            for _ in 0..requests {
                events.deliver(&event)?;
            }
        }
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "counts are far from what a float cannot hold")]
fn compare(counts: &BTreeMap<String, u64>) -> Result<()> {
    let kept: BTreeMap<String, u64> = serde_json::from_str(&fs::read_to_string(KEPT)?)?;
    let mut differ = Vec::new();
    for (name, count) in counts {
        let Some(before) = kept.get(name).copied() else {
            println!("{name} is not kept yet: -- --keep does it");
            continue;
        };
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
