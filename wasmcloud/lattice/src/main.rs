//! A wasmCloud lattice for a laptop and for tests: NATS, wadm and a host of wasmCloud 1.9.2 in one program, and the few
//! commands of `wash` that go with them.

mod deploy;
mod lattice;
mod nats;
mod pack;
mod secrets;
mod up;

use std::path::PathBuf;

use anyhow::Result;
use clap::Parser;

use self::lattice::Lattice;

/// A wasmCloud lattice for a laptop.
#[derive(Parser)]
#[command(name = "waybill-lattice", bin_name = "cargo xtask lattice", version)]
enum Command {
    /// Start NATS, wadm and a host, and keep them until Ctrl-C or SIGTERM.
    Up(up::UpSettings),
    /// Deploy the application of a manifest and wait until it runs.
    Deploy {
        /// The manifest; paths of file:// images are relative to its folder.
        manifest: PathBuf,
        #[command(flatten)]
        lattice: Lattice,
    },
    /// Show how an application is doing.
    Status {
        /// The application's name.
        #[arg(default_value = "waybill")]
        name: String,
        #[command(flatten)]
        lattice: Lattice,
    },
    /// End an application and wait until it is gone.
    Down {
        /// The application's name.
        #[arg(default_value = "waybill")]
        name: String,
        #[command(flatten)]
        lattice: Lattice,
    },
    /// Pack a program into a provider archive.
    Pack(pack::PackSettings),
}

#[tokio::main]
async fn main() -> Result<()> {
    let command = Command::parse();
    // Several crates here choose one each; the first that asks for the default gets this one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match command {
        Command::Up(settings) => up::run(settings).await,
        Command::Deploy { manifest, lattice } => deploy::deploy(&manifest, &lattice).await,
        Command::Status { name, lattice } => deploy::show_status(&name, &lattice).await,
        Command::Down { name, lattice } => deploy::undeploy(&name, &lattice).await,
        Command::Pack(settings) => pack::run(settings).await,
    }
}
