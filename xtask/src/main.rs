//! The project's commands. A fresh clone needs nothing but Rust for them: `cargo xtask up` builds and starts Waybill,
//! `cargo xtask test` checks everything. What they need besides is installed by them, with its progress shown.

#![allow(missing_docs, reason = "a name says enough where nothing outside the project links it")]

mod cargo;
mod clients;
mod components;
mod dist;
mod docs;
mod experiment;
mod fuzz;
mod helm;
mod installation;
mod lattice;
mod nats;
mod node;
mod packages;
mod postgres;
mod pypi;
mod screenshots;
mod test;
mod times;
mod up;
mod wash;
mod wasmcloud;

use std::ffi::OsString;

use anyhow::Result;
use clap::Parser;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "The project's commands.", version)]
enum Command {
    /// Build everything and start Waybill.
    Up {
        /// What `waybill up` is started with, for example `-- --data /tmp/try`; `-- --help` lists all of it.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Build the host and start `waybill dev`, which builds the components, and builds them again whenever a source changes.
    Dev {
        /// What `waybill dev` is started with, for example `-- --data /tmp/try`; `-- --help` lists all of it.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Install what the tests need, then check format and lints and run every test.
    Test(test::Settings),
    /// Break the whole system again and again under load, and check that nothing is lost.
    Chaos {
        /// For example `--orders 100000 --faults 200 --seed 7`; `--help` lists all.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Check that Waybill keeps its promises on a host.
    Conform {
        /// `--host waybill|waybill-servers|spin|wasmcloud2|wasmcloud2-rabbitmq|wasmcloud|URL`; `--help` lists all.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Measure Waybill and what it is built on in one run.
    Bench {
        /// `orders`, `relay`, `wasi`; `--help` lists all.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Give the parsers of outside input any bytes at all, and check what must hold of them.
    Fuzz(fuzz::Settings),
    /// Run a wasmCloud lattice on this machine, and deploy to it.
    Lattice {
        /// `up`, `deploy MANIFEST`, `status`, `down`; `--help` lists all.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Build the wasmCloud providers and pack them into archives.
    Par,
    /// Make the types of the TypeScript and Python clients of the API's documents, and check the clients with them.
    Clients,
    /// Build the WebAssembly components, and show their sizes and SHA-256 sums.
    Components {
        /// Build the services for WASI 0.3 too: `orders.wasip3.wasm` and `invoices.wasip3.wasm`.
        #[arg(long)]
        wasip3: bool,
    },
    /// Build a release: the program with everything inside, a Debian package, an image, OCI artefacts, a bill of materials and sums.
    Dist(dist::Settings),
    /// Build the documentation as a site with search, by mdBook.
    Docs,
    /// Take the pictures of docs/pictures anew, and pictures of every page on a phone, a tablet and a laptop, in light and dark.
    Screenshots,
    /// Build everything for `cargo xtask up` in an empty folder, and show what takes how long.
    Times,
}

/// The workspace of wasmCloud 1.9 has a program of its own for this, so that other hosts need no lattice to be built.
fn conform(arguments: &[OsString]) -> Result<()> {
    let has = |option: &str, value: &str| {
        let named = |pair: &[OsString]| pair[0] == option && pair[1] == value;
        arguments.iter().any(|argument| *argument == *format!("{option}={value}"))
            || arguments.windows(2).any(named)
    };
    if has("--host", "wasmcloud") {
        return lattice::conform();
    }
    let target = cargo::target_folder()?;
    if has("--host", "wasmcloud2-rabbitmq") {
        packages::ensure_all(&[&packages::RABBITMQ])?;
    }
    if has("--host", "wasmcloud2") || has("--host", "wasmcloud2-rabbitmq") {
        wash::install(&target)?;
    }
    if has("--wasi", "0.3") {
        components::build_wasip3(&target)?;
    }
    experiment::run("waybill-conformance", "conform", arguments)
}

fn bench(arguments: &[OsString]) -> Result<()> {
    if arguments.iter().any(|argument| argument == "hosts") {
        let target = cargo::target_folder()?;
        wash::install(&target)?;
        components::build_wasip3(&target)?;
    }
    experiment::run_released("waybill-bench", arguments)
}

fn build_components(wasip3: bool) -> Result<()> {
    let target = cargo::target_folder()?;
    components::build(&target)?;
    if wasip3 { components::build_wasip3(&target) } else { Ok(()) }
}

fn main() -> Result<()> {
    if let Some(outcome) = lattice::wrap_rustc() {
        return outcome;
    }
    match Command::parse() {
        Command::Up { arguments } => up::run(&arguments),
        Command::Dev { arguments } => up::run_dev(&arguments),
        Command::Test(settings) => test::run(&settings),
        Command::Bench { arguments } => bench(&arguments),
        Command::Conform { arguments } => conform(&arguments),
        Command::Chaos { arguments } => experiment::run("waybill-tests", "chaos", &arguments),
        Command::Fuzz(settings) => fuzz::run(&settings),
        Command::Lattice { arguments } => lattice::run(&arguments),
        Command::Par => lattice::par(),
        Command::Components { wasip3 } => build_components(wasip3),
        Command::Dist(settings) => dist::run(&settings),
        Command::Docs => docs::run(),
        Command::Screenshots => screenshots::run(),
        Command::Clients => clients::run(),
        Command::Times => times::run(),
    }
}
