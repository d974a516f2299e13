use std::path::{Path, PathBuf};

use clap::Args;

/// Which components run.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Components")]
pub struct ComponentSettings {
    /// Run the component in this file instead of the built-in one, for example orders=./orders.wasm.
    #[arg(long = "component", value_name = "NAME=PATH", value_parser = component)]
    pub components: Vec<(ComponentName, PathBuf)>,
    /// Folder of the compiled components; missing ones are compiled. By default the folder compiled in the data folder; for
    /// example /var/cache/waybill. What is in it is run, so it is refused where another account owns or can write to the folder or a file, or can rename a folder above.
    #[arg(long, env = "WAYBILL_COMPILED", value_name = "FOLDER")]
    pub compiled: Option<PathBuf>,
}

impl ComponentSettings {
    /// Folder of the compiled components. `data` is the data folder.
    pub fn compiled_in(&self, data: &Path) -> PathBuf {
        self.compiled.clone().unwrap_or_else(|| data.join("compiled"))
    }
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ComponentName {
    Orders,
    Invoices,
}

impl ComponentName {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Invoices => "invoices",
        }
    }
}

/// Parses the name of a component, which is also the name of its database.
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
