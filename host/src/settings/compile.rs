use std::path::PathBuf;

use clap::Args;

use super::components::component_name;
use super::{ComponentName, ComponentSettings};

/// `waybill compile`.
#[derive(Args, Debug)]
pub struct CompileSettings {
    /// The components: orders, invoices. Both unless one is named.
    #[arg(value_name = "NAME", value_parser = component_name)]
    pub names: Vec<ComponentName>,
    /// Folder of the data, in which the compiled components are kept unless --compiled says otherwise.
    #[arg(long, env = "WAYBILL_DATA", value_name = "FOLDER", default_value = ".waybill")]
    pub data: PathBuf,
    /// Components.
    #[command(flatten)]
    pub components: ComponentSettings,
}
