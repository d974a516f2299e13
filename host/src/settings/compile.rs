use std::path::PathBuf;

use clap::Args;

use super::components::component_name;
use super::{ComponentName, ComponentSettings};

#[derive(Args, Debug)]
pub struct CompileSettings {
    /// The components: orders, invoices. By default both.
    #[arg(value_name = "NAME", value_parser = component_name)]
    pub names: Vec<ComponentName>,
    /// Data folder. The compiled components are in its folder compiled, unless --compiled is set.
    #[arg(
        long,
        env = "WAYBILL_DATA",
        value_name = "FOLDER",
        default_value = ".waybill",
        help_heading = "Components"
    )]
    pub data: PathBuf,
    #[command(flatten)]
    pub components: ComponentSettings,
}
