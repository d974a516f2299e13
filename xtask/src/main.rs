//! The project's commands. A fresh clone needs nothing but Rust for them: `cargo xtask up` builds and starts Waybill,
//! `cargo xtask test` checks everything. What they need besides is installed by them, with its progress shown.

mod cargo;
mod components;
mod experiment;
mod lattice;
mod nats;
mod node;
mod packages;
mod test;
mod up;

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
    Test {
        /// Only run the tests whose name contains this; format and lints are left out then.
        filter: Option<String>,
    },
    /// Break the whole system again and again under load, and check that nothing is lost.
    Chaos {
        /// For example `--orders 100000 --faults 200 --seed 7`; `--help` lists all.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Check that Waybill keeps its promises on a host.
    Conform {
        /// `--host waybill|waybill-servers|spin|wasmcloud|URL`; `--help` lists all.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Measure Waybill against what it is built on, both in one run.
    Bench {
        /// `orders`, `relay`; `--help` lists all.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Run a wasmCloud lattice on this machine, and deploy to it.
    Lattice {
        /// `up`, `deploy MANIFEST`, `status`, `down`; `--help` lists all.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGUMENTS")]
        arguments: Vec<OsString>,
    },
    /// Take the pictures of the documentation anew, of the console and of a trace; they go into docs/pictures.
    Pictures,
    /// Build the wasmCloud providers and pack them into archives.
    Par,
    /// Build the WebAssembly components, and show their sizes and SHA-256 sums.
    Components,
}

/// A lattice takes minutes to build, so only who asks for one waits for it.
fn conform(arguments: &[OsString]) -> Result<()> {
    let target = cargo::target_folder()?;
    let mut variables = Vec::new();
    if arguments.iter().any(|argument| argument == "wasmcloud") {
        components::build(&target)?;
        lattice::build_programs(&target)?;
        variables = lattice::prepare(&target)?;
    }
    experiment::run_with("conform", arguments, &variables)
}

fn main() -> Result<()> {
    if let Some(outcome) = lattice::wrap_rustc() {
        return outcome;
    }
    match Command::parse() {
        Command::Up { arguments } => up::run(&arguments),
        Command::Test { filter } => test::run(filter.as_deref()),
        Command::Bench { arguments } => experiment::run_released("waybill-bench", &arguments),
        Command::Conform { arguments } => conform(&arguments),
        Command::Chaos { arguments } => experiment::run("chaos", &arguments),
        Command::Lattice { arguments } => lattice::run(&arguments),
        Command::Pictures => node::pictures(),
        Command::Par => lattice::par(),
        Command::Components => components::build(&cargo::target_folder()?),
    }
}
