//! What tests need besides Rust, which each package says in its `Cargo.toml`.

use std::collections::BTreeSet;

use anyhow::Result;
use serde::Deserialize;

use crate::packages::{self, Package};

/// Something that is installed or built before tests are run.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// The WebAssembly components.
    Components,
    /// The program `waybill`.
    Host,
    /// A lattice of wasmCloud with our providers.
    Lattice,
    Chromium,
    /// The types of the clients, and what checks them.
    Clients,
    /// Fonts of other scripts than the built-in one has.
    Fonts,
    /// Helm, and Kubernetes' schemas.
    Helm,
    /// npm with the packages of its folders.
    Npm,
    Pgbouncer,
    Postgresql,
    Prometheus,
    Rabbitmq,
    /// The official rules of electronic invoices.
    Validators,
    /// wasmCloud 2.
    Wash,
    /// The components of WASI 0.3.
    Wasip3,
}

impl Need {
    /// Whether a test that needs this is among the quick ones.
    pub fn is_light(self) -> bool {
        matches!(self, Self::Components | Self::Postgresql)
    }

    fn package(self) -> Option<&'static Package> {
        match self {
            Self::Components | Self::Host | Self::Lattice | Self::Wasip3 => None,
            Self::Chromium => Some(&packages::CHROMIUM),
            Self::Fonts => Some(&packages::FONTS),
            Self::Npm => Some(&packages::NPM),
            Self::Pgbouncer => Some(&packages::PGBOUNCER),
            Self::Postgresql => Some(&packages::POSTGRESQL),
            Self::Prometheus => Some(&packages::PROMETHEUS),
            Self::Rabbitmq => Some(&packages::RABBITMQ),
            Self::Clients | Self::Helm | Self::Validators | Self::Wash => Some(&packages::PYTHON_VENV),
        }
    }
}

/// Installs the programs that are missing.
pub fn install(needs: &BTreeSet<Need>) -> Result<()> {
    packages::ensure_all(&needs.iter().filter_map(|need| need.package()).collect::<Vec<_>>())
}
