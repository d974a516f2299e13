//! The project's commands. A fresh clone needs nothing but Rust for them: `cargo xtask up` builds and starts Waybill,
//! `cargo xtask test` checks everything. What they need besides is installed by them, with its progress shown.

#![allow(missing_docs, reason = "a name says enough where nothing outside the project links it")]

mod cargo;
mod components;
mod experiment;
mod fuzz;
mod installation;
mod lattice;
mod nats;
mod node;
mod packages;
mod postgres;
mod pypi;
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
        /// `orders`, `relay`; `--help` lists all.
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
    /// Retake the pictures of the console and of a trace in docs/pictures.
    Pictures,
    /// Build the wasmCloud providers and pack them into archives.
    Par,
    /// Build the WebAssembly components, and show their sizes and SHA-256 sums.
    Components,
    /// Build everything for `cargo xtask up` in an empty folder, and show what takes how long.
    Times,
}

/// The workspace of wasmCloud 1.9 has a program of its own for this, so that other hosts need no lattice to be built.
fn conform(arguments: &[OsString]) -> Result<()> {
    let is_on = |host: &str| {
        let named = |pair: &[OsString]| pair[0] == "--host" && pair[1] == host;
        arguments == [format!("--host={host}").as_str()] || arguments.windows(2).any(named)
    };
    if is_on("wasmcloud") {
        return lattice::conform();
    }
    if is_on("wasmcloud2-rabbitmq") {
        packages::ensure_all(&[&packages::RABBITMQ])?;
    }
    if is_on("wasmcloud2") || is_on("wasmcloud2-rabbitmq") {
        wash::install(&cargo::target_folder()?)?;
    }
    experiment::run("waybill-conformance", "conform", arguments)
}

fn main() -> Result<()> {
    if let Some(outcome) = lattice::wrap_rustc() {
        return outcome;
    }
    match Command::parse() {
        Command::Up { arguments } => up::run(&arguments),
        Command::Test(settings) => test::run(&settings),
        Command::Bench { arguments } => experiment::run_released("waybill-bench", &arguments),
        Command::Conform { arguments } => conform(&arguments),
        Command::Chaos { arguments } => experiment::run("waybill-tests", "chaos", &arguments),
        Command::Fuzz(settings) => fuzz::run(&settings),
        Command::Lattice { arguments } => lattice::run(&arguments),
        Command::Pictures => node::pictures(),
        Command::Par => lattice::par(),
        Command::Components => components::build(&cargo::target_folder()?),
        Command::Times => times::run(),
    }
}
