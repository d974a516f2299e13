//! A NATS server of our own.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};
use url::Url;

const START_LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// Starts a server with JetStream at this address, with its data in `folder`.
pub async fn start(program: &Path, url: &Url, folder: &Path) -> Result<Child> {
    let host = url.host_str().context("the URL of NATS names no host")?;
    let port = url.port().unwrap_or(4222).to_string();
    let mut command = Command::new(program);
    command.args(["--jetstream", "--addr", host, "--port", &port, "--store_dir"]).arg(folder);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    // Ctrl+C ends the applications first, which needs NATS.
    command.process_group(0);
    let mut server =
        command.spawn().with_context(|| format!("{} could not be started", program.display()))?;
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if let Some(status) = server.try_wait()? {
            bail!("NATS ended at its start ({status}); is something else at {url}?");
        }
        match async_nats::connect(url.as_str()).await {
            Ok(_) => return Ok(server),
            Err(_) if Instant::now() < deadline => sleep(PAUSE).await,
            Err(error) => return Err(error).context("NATS does not answer"),
        }
    }
}

/// Waits until our server ends, and says how. Without a server of our own it never does.
pub async fn ended(server: &mut Option<Child>) -> String {
    match server {
        Some(server) => match server.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        },
        None => std::future::pending().await,
    }
}
