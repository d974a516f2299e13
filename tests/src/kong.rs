//! Kong before two services, where there is one to run.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

use crate::rabbit::lasting_ports;
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

/// The configuration as the entry point of the image fills it in; an empty address means its default, and no origins none.
pub async fn render(orders: &str, invoices: &str, origins: &str) -> Result<String> {
    let mut command = Command::new("sh");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/entrypoint.sh")).arg("render");
    command
        .env("ORDERS_UPSTREAM", orders)
        .env("INVOICES_UPSTREAM", invoices)
        .env("WAYBILL_CORS_ORIGINS", origins)
        .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT");
    let ended = timeout(LIMIT, command.output()).await.context("gateway/entrypoint.sh does not end")??;
    ensure!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    Ok(String::from_utf8(ended.stdout)?)
}

impl Kong {
    /// Starts it before services at these addresses, for pages of these origins. `None`, and the test is reported as skipped, if Kong is not installed: neither
    /// `KONG_BIN` nor `kong` on the PATH.
    pub async fn start(orders: &str, invoices: &str, origins: &str) -> Result<Option<Self>> {
        let Some(program) = program() else {
            skip_without(
                "Kong is not here: no KONG_BIN, no kong on the PATH (https://developer.konghq.com/gateway/install/)",
            );
            return Ok(None);
        };
        let folder = tempfile::Builder::new().prefix("waybill-kong-").tempdir()?;
        let configuration = folder.path().join("kong.yaml");
        std::fs::write(&configuration, render(orders, invoices, origins).await?)?;
        let [proxy, status] = lasting_ports()?;
        let kong = Self { program, folder, gateway: Http::new(format!("http://127.0.0.1:{proxy}")) };
        let mut command = kong.command("start");
        command.env("KONG_DATABASE", "off").env("KONG_DECLARATIVE_CONFIG", &configuration);
        command.env("KONG_PROXY_LISTEN", format!("127.0.0.1:{proxy}"));
        command.env("KONG_STATUS_LISTEN", format!("127.0.0.1:{status}")).env("KONG_ADMIN_LISTEN", "off");
        command.env("KONG_NGINX_WORKER_PROCESSES", "1").env("KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT", "20");
        let started = timeout(LIMIT, command.output()).await.context("kong start does not end")??;
        ensure!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
        eventually("Kong and its upstreams", LIMIT, async || {
            let found = kong.gateway.get("/orders").await.is_ok_and(|answer| answer.status == 200);
            Ok(found.then_some(()))
        })
        .await?;
        Ok(Some(kong))
    }

    fn command(&self, word: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(word).arg("--prefix").arg(self.folder.path().join("prefix"));
        command
    }
}

impl Drop for Kong {
    /// Ends it: it has gone into the background.
    fn drop(&mut self) {
        let ended = self.command("stop").into_std().output();
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
