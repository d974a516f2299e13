//! The clients of `clients/` with the real service: their own tests, run by Node.js and Python.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::Command;
use tokio::time::timeout;
use waybill_tests::{Waybill, installed_program, skip};

use crate::TestEnv;

/// The time that all of it may take, however busy the machine is.
const LIMIT: Duration = Duration::from_mins(3);

#[tokio::test]
async fn the_typescript_client_passes_its_tests() -> Result<()> {
    let folder = client("typescript");
    if !["node_modules", "dist"].iter().all(|part| folder.join(part).exists()) {
        skip("Node.js or the packages of clients/typescript are not installed (cargo xtask clients)");
        return Ok(());
    }
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=tap", "dist/test/"]).current_dir(folder);
    // No test is skipped where the service is there.
    run(node, "# skipped 0").await
}

#[tokio::test]
async fn the_python_client_passes_its_tests() -> Result<()> {
    let folder = client("python");
    let installed = installed_program("WAYBILL_CLIENT_PYTHON", "clients/bin/python");
    let Some(python) = installed.filter(|_| folder.join("src/waybill_client/generated.py").exists()) else {
        skip(
            "the tools of clients/python are not installed (cargo xtask clients, with Python's venv and PyPI)",
        );
        return Ok(());
    };
    let mut command = Command::new(python);
    command.args(["-W", "error", "-m", "unittest", "discover", "--start-directory", "tests"]);
    command.current_dir(folder).env("PYTHONPATH", "src").env("PYTHONDONTWRITEBYTECODE", "1");
    run(command, "\nOK\n").await
}

fn client(language: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../clients").join(language)
}

/// Runs a client's tests with a service, and looks for what they say when all were run and passed.
async fn run(mut tests: Command, passed: &str) -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().argument("--webhooks-allow-private")).await?;
    tests.env("WAYBILL_URL", format!("http://{}", waybill.gateway.authority())).kill_on_drop(true);
    let Ok(ended) = timeout(LIMIT, tests.output()).await else { bail!("no end within {LIMIT:?}") };
    let ended = ended.context("the tests could not be started")?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    ensure!(ended.status.success() && said.contains(passed), "{said}");
    Ok(())
}
