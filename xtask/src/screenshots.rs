//! `cargo xtask screenshots`: the pictures of the documentation, and pictures of every page to look at.

use std::process::Command;

use anyhow::Result;

use crate::{cargo, components, docs, node, packages, postgres};

/// The folder of `tests/browser`, whose packages drive the browser.
const FOLDER: &str = "tests/browser";

pub fn run() -> Result<()> {
    packages::ensure_all(&[&packages::CHROMIUM, &packages::NPM, &packages::INTER, &packages::PNGQUANT])?;
    postgres::ensure()?;
    let (project, target) = (cargo::workspace_folder()?, cargo::target_folder()?);
    println!("{}", node::install(&project, FOLDER)?);
    components::build(&target)?;
    cargo::build_host()?;
    let mut script = Command::new("node");
    script.arg("screenshots.mjs").current_dir(project.join(FOLDER));
    script.env("SCREENSHOTS", target.join("screenshots")).env("SITE", docs::site(&target));
    script.env(cargo::COMPILED_VARIABLE, cargo::compiled_folder(&target));
    cargo::forget_this_run(&mut script);
    cargo::run(script.env("WAYBILL_BIN", cargo::host_binary(&target)))
}
