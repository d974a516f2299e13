use std::path::{Path, PathBuf};

use clap::Args;

/// Which components are run.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Components")]
pub struct ComponentSettings {
    /// Run the component in a file in place of the one inside this program, for example orders=./orders.wasm.
    #[arg(long = "component", value_name = "NAME=PATH", value_parser = component)]
    pub components: Vec<(ComponentName, PathBuf)>,
    /// Folder of the compiled components, which are compiled if they are not in there; unless it is given, compiled in the
    /// folder of the data. Whoever can write to it can have this program do anything.
    #[arg(long, env = "WAYBILL_COMPILED", value_name = "FOLDER")]
    pub compiled: Option<PathBuf>,
}

impl ComponentSettings {
    /// Folder of the compiled components, where `data` is that of the data.
    pub fn compiled_in(&self, data: &Path) -> PathBuf {
        self.compiled.clone().unwrap_or_else(|| data.join("compiled"))
    }
}

/// The two components.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ComponentName {
    /// `orders.wasm`.
    Orders,
    /// `invoices.wasm`.
    Invoices,
}

impl ComponentName {
    /// The name that users know it by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Invoices => "invoices",
        }
    }
}

/// Reads the name of a component, which is also that of its database.
pub(super) fn component_name(text: &str) -> Result<ComponentName, String> {
    match text {
        "orders" => Ok(ComponentName::Orders),
        "invoices" => Ok(ComponentName::Invoices),
        _ => Err("it must be orders or invoices".to_owned()),
    }
}

fn component(text: &str) -> Result<(ComponentName, PathBuf), String> {
    let (name, path) =
        text.split_once('=').ok_or("it needs a name and a path; an example is orders=./orders.wasm")?;
    Ok((component_name(name)?, PathBuf::from(path)))
}
