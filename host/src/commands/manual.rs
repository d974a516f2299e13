//! `waybill manual`: the manual pages, one for each command.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use clap::CommandFactory as _;

use crate::output;
use crate::settings::Cli;

pub fn run(folder: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} could not be created", folder.display()))?;
    clap_mangen::generate_to(Cli::command(), folder)
        .with_context(|| format!("the manual could not be written into {}", folder.display()))?;
    output::line(format_args!("Read it: man {}", folder.join("waybill.1").display()))?;
    Ok(())
}
