use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;

use super::values::count;
use super::{AddressOrOff, UpSettings};

/// Watched in the folder of the sources, where nothing else is named: what the components of this repository are built from, and those of
/// an ordinary package.
pub const WATCHED: [&str; 8] =
    ["Cargo.toml", "Cargo.lock", "components", "contracts", "crates", "design", "src", "wit"];

#[derive(Args, Debug)]
pub struct DevSettings {
    #[command(flatten)]
    pub rebuild: RebuildSettings,
    #[command(flatten)]
    pub up: UpSettings,
}

/// What builds the components, and when.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Development")]
pub struct RebuildSettings {
    /// Folder of the sources, in which the build runs, for example ../shop.
    #[arg(long, env = "WAYBILL_SOURCE", value_name = "FOLDER", default_value = ".", value_parser = folder)]
    pub source: PathBuf,
    /// What builds the components: a command line for sh. A component that --component does not name is the one that is then in
    /// target/components in the folder of the sources, and else the built-in one, which stays as it is.
    #[arg(long, env = "WAYBILL_BUILD", value_name = "COMMAND", default_value = "cargo xtask components", value_parser = command)]
    pub build: String,
    /// Files and folders whose changes start a build, in the folder of the sources, separated by commas, for example src,wit. By default
    /// those that there are of Cargo.toml, Cargo.lock, components, contracts, crates, design, src and wit. What is hidden, target,
    /// node_modules and the temporary files of editors start none.
    #[arg(long, env = "WAYBILL_WATCH", value_name = "PATH,…", value_delimiter = ',')]
    pub watch: Vec<PathBuf>,
    /// Most seconds that a build may take; then it is ended.
    #[arg(long, env = "WAYBILL_BUILD_TIMEOUT_S", value_name = "SECONDS", default_value_t = 900, value_parser = count(1..=7200))]
    pub build_timeout_s: u32,
}

impl RebuildSettings {
    /// The files and folders to watch, all of which are there.
    pub fn watched(&self, source: &Path) -> anyhow::Result<Vec<PathBuf>> {
        if self.watch.is_empty() {
            let there: Vec<_> =
                WATCHED.iter().map(|name| source.join(name)).filter(|path| path.exists()).collect();
            if there.is_empty() {
                bail!(
                    "{} has nothing of {}: name the folder of the sources by WAYBILL_SOURCE (--source), for example --source ../shop, or \
                     what to watch in it by WAYBILL_WATCH (--watch), for example --watch lib",
                    source.display(),
                    WATCHED.join(", ")
                );
            }
            return Ok(there);
        }
        let find = |name: &PathBuf| {
            source.join(name).canonicalize().map_err(|error| {
                anyhow::anyhow!(
                    "WAYBILL_WATCH (--watch): {} in {} cannot be watched ({error}); an example is --watch src,wit",
                    name.display(),
                    source.display()
                )
            })
        };
        self.watch.iter().map(find).collect()
    }
}

impl DevSettings {
    /// Refuses addresses that other machines can reach: what serves there is work in progress, and its console shows source text.
    pub fn ensure_loopback(&self) -> anyhow::Result<()> {
        let up = &self.up;
        let traces = match up.traces.traces_listen {
            AddressOrOff::At(address) => Some(address),
            AddressOrOff::Off => None,
        };
        let addresses: [(&str, Option<SocketAddr>); 5] = [
            ("orders", Some(up.orders_listen.orders_listen)),
            ("invoices", Some(up.invoices_listen.invoices_listen)),
            ("gateway", Some(up.gateway_listen.gateway_listen)),
            ("traces", traces),
            ("admin", up.hosting.admin.admin_listen),
        ];
        for (name, address) in addresses {
            if let Some(address) = address.filter(|address| !address.ip().to_canonical().is_loopback()) {
                bail!(
                    "WAYBILL_{}_LISTEN (--{name}-listen) is {address}, which other machines can reach; `waybill dev` serves this machine \
                     only, for example --{name}-listen 127.0.0.1:{}",
                    name.to_uppercase(),
                    address.port()
                );
            }
        }
        Ok(())
    }
}

fn folder(text: &str) -> Result<PathBuf, String> {
    match Path::new(text).canonicalize() {
        Ok(folder) if folder.is_dir() => Ok(folder),
        Ok(_) => Err("it must be a folder; an example is ../shop".to_owned()),
        Err(error) => Err(format!("it must be a folder ({error}); an example is ../shop")),
    }
}

fn command(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("it must be a command line; an example is cargo xtask components".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::process::Command;

    use clap::Parser as _;
    use serde_json::Value;

    use super::*;
    use crate::settings::{Cli, Command as Commands};

    /// The folders of a package of this workspace and of those that it is built from.
    fn add_folders(packages: &[Value], name: &str, folders: &mut BTreeSet<PathBuf>) {
        let package = packages.iter().find(|package| package["name"] == name).expect(name);
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        if !folders.insert(manifest.parent().unwrap().to_owned()) {
            return;
        }
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["path"].is_string() && dependency["kind"] != "dev" {
                add_folders(packages, dependency["name"].as_str().unwrap(), folders);
            }
        }
    }

    #[test]
    fn the_components_of_this_repository_are_built_by_its_own_command() {
        let Ok(Cli { command: Commands::Dev(settings), .. }) = Cli::try_parse_from(["waybill", "dev"]) else {
            panic!("`waybill dev` needs no setting");
        };
        assert_eq!(settings.rebuild.build, "cargo xtask components");
    }

    #[test]
    fn all_that_the_components_are_built_from_is_watched_by_default() {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
            .current_dir(&workspace)
            .output()
            .unwrap();
        let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
        let mut folders = BTreeSet::from([workspace.join("wit")]);
        for component in ["waybill-orders", "waybill-invoices"] {
            add_folders(metadata["packages"].as_array().unwrap(), component, &mut folders);
        }
        assert!(folders.len() > 8, "{folders:?}");
        let watched = WATCHED.map(|name| workspace.join(name));
        folders.retain(|folder| !watched.iter().any(|root| folder.starts_with(root)));
        assert!(folders.is_empty(), "these are not watched: {folders:?}");
    }
}
