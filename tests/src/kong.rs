//! Kong before two services, where there is one to run.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

use crate::lasting_ports;
use crate::skip::skip_without;
use crate::{Http, eventually};

/// How long Kong may take to start, and a command of it to end.
const LIMIT: Duration = Duration::from_mins(1);

#[derive(Debug)]
pub struct Kong {
    program: PathBuf,
    folder: TempDir,
    pub gateway: Http,
}

/// What the entry point of the image prints for `word`: `render` is the configuration, `settings` Kong's own settings. Of the
/// environment it has these variables; an empty one is its default.
pub async fn print(word: &str, variables: &[(&str, &str)]) -> Result<String> {
    let mut command = entry_point(word);
    // The developer's shell may have settings of its own.
    command.env_clear().envs(env::var_os("PATH").map(|path| ("PATH", path)));
    command.envs(variables.iter().copied());
    let ended = timeout(LIMIT, command.output()).await.context("gateway/entrypoint.sh does not end")??;
    ensure!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    Ok(String::from_utf8(ended.stdout)?)
}

fn entry_point(word: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/entrypoint.sh")).arg(word);
    command
}

impl Kong {
    /// Starts it before services at these addresses, for pages of these origins. `None`, and the test is reported as skipped, if Kong
    /// is not installed: neither `KONG_BIN` nor `kong` on the PATH.
    pub async fn start(orders: &str, invoices: &str, origins: &str) -> Result<Option<Self>> {
        let Some(program) = program() else {
            skip_without(
                "Kong is not here: no KONG_BIN, no kong on the PATH (https://developer.konghq.com/gateway/install/)",
            );
            return Ok(None);
        };
        let folder = tempfile::Builder::new().prefix("waybill-kong-").tempdir()?;
        let [proxy, status] = lasting_ports()?;
        let kong = Self { program, folder, gateway: Http::new(format!("http://127.0.0.1:{proxy}")) };
        // As docs/kong.md says, on other ports.
        let mut command = entry_point(&kong.program.display().to_string());
        command.arg("start").env("KONG_PREFIX", kong.prefix());
        command.env("ORDERS_UPSTREAM", orders).env("INVOICES_UPSTREAM", invoices);
        command.env("WAYBILL_CORS_ORIGINS", origins).env_remove("OTEL_EXPORTER_OTLP_ENDPOINT");
        command.env("KONG_PROXY_LISTEN", format!("127.0.0.1:{proxy}"));
        command.env("KONG_STATUS_LISTEN", format!("127.0.0.1:{status}"));
        let started = timeout(LIMIT, command.output()).await.context("kong start does not end")??;
        ensure!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        eventually("Kong and its upstreams", LIMIT, async || {
            let found = kong.gateway.get("/orders").await.is_ok_and(|answer| answer.status == 200);
            Ok(found.then_some(()))
        })
        .await?;
        Ok(Some(kong))
    }

    fn prefix(&self) -> PathBuf {
        self.folder.path().join("prefix")
    }
}

impl Drop for Kong {
    /// Ends it: it has gone into the background.
    fn drop(&mut self) {
        let mut command = std::process::Command::new(&self.program);
        let ended = command.arg("stop").arg("--prefix").arg(self.prefix()).output();
        if !ended.is_ok_and(|ended| ended.status.success()) {
            println!("Kong in {} may still run", self.folder.path().display());
        }
    }
}

fn program() -> Option<PathBuf> {
    if let Some(program) = env::var_os("KONG_BIN") {
        return Some(program.into());
    }
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join("kong")).find(|file| file.exists())
}
