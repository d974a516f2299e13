//! `cargo xtask clients`: makes the types of the clients of what `contracts/` says, and checks the clients with them.
//!
//! The types are not in the repository, so they cannot differ from the contracts.

mod document;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{cargo, node, pypi};

const TYPESCRIPT: &str = "clients/typescript";
const PYTHON: &str = "clients/python";

/// Makes both, with what has to be installed for it.
pub fn run() -> Result<()> {
    let target = cargo::target_folder()?;
    crate::packages::ensure_all(&[&crate::packages::NPM, &crate::packages::PYTHON_VENV])?;
    node::install(&cargo::workspace_folder()?, TYPESCRIPT)?;
    pypi::CLIENTS.install(&target)?;
    make(&target)?;
    println!(
        "The clients are in {TYPESCRIPT} and {PYTHON}, ready to be published by `npm publish` and `python -m build`."
    );
    Ok(())
}

/// Makes those whose tools are installed.
pub fn make(target: &Path) -> Result<()> {
    let project = cargo::workspace_folder()?;
    let folder = target.join("client-types");
    fs::create_dir_all(&folder).with_context(|| format!("{} could not be made", folder.display()))?;
    let document = folder.join("openapi.json");
    let merged =
        document::merged(&contract(&project, "openapi/orders")?, &contract(&project, "openapi/invoices")?)?;
    let merged = document::for_types(merged, contract(&project, "events/invoice.issued.schema")?)?;
    let text = serde_json::to_string_pretty(&merged)?;
    fs::write(&document, text).with_context(|| format!("{} could not be written", document.display()))?;
    if node::is_installed(&project, TYPESCRIPT) {
        typescript(&project, &document)?;
    }
    if pypi::CLIENTS.is_installed(target) {
        python(&project, target, &document)?;
    }
    Ok(())
}

fn typescript(project: &Path, document: &Path) -> Result<()> {
    let folder = project.join(TYPESCRIPT);
    // What an earlier version of the client left would be tested with it.
    match fs::remove_dir_all(folder.join("dist")) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    copy_license(project, &folder)?;
    // A member with a default may be left out of a request.
    let generator = ["openapi-typescript", "--default-non-nullable=false", "--output", "src/generated.ts"];
    cargo::run(node::program(&folder, generator[0]).args(&generator[1..]).arg(document))?;
    cargo::run(&mut node::program(&folder, "tsc"))
}

fn python(project: &Path, target: &Path, document: &Path) -> Result<()> {
    let folder = project.join(PYTHON);
    copy_license(project, &folder)?;
    let mut generator = Command::new(pypi::CLIENTS.program(target, "datamodel-codegen"));
    generator.args(["--input-file-type", "openapi", "--output-model-type", "typing.TypedDict"]);
    generator.args(["--target-python-version", "3.11", "--formatters", "builtin", "--strict-refs"]);
    generator.args(["--use-schema-description", "--use-field-description", "--disable-timestamp"]);
    generator
        .arg("--input")
        .arg(document)
        .arg("--output")
        .arg(folder.join("src/waybill_client/generated.py"));
    cargo::run(&mut generator)?;
    let mut check = Command::new(pypi::CLIENTS.program(target, "mypy"));
    check.arg("--cache-dir").arg(target.join("client-types/mypy")).current_dir(&folder);
    cargo::run(&mut check)
}

/// Packages have the licence beside them.
fn copy_license(project: &Path, folder: &Path) -> Result<()> {
    fs::copy(project.join("LICENSE"), folder.join("LICENSE")).context("LICENSE could not be copied")?;
    Ok(())
}

fn contract(project: &Path, name: &str) -> Result<Value> {
    let path = project.join(format!("contracts/{name}.json"));
    let text = fs::read_to_string(&path).with_context(|| format!("{} could not be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}
