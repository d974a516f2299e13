//! Applications: what `wash app deploy`, `status` and `undeploy` do, by the same calls.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tokio::time::{Instant, sleep};
use wadm_client::{Client, ClientConnectOptions};
use wadm_types::Manifest;
use wadm_types::api::{Status, StatusType};

use crate::lattice::Lattice;

/// How long an application may take to run, or to be gone.
const LIMIT: Duration = Duration::from_secs(120);

/// wadm loses a deployment that comes before it has heard of any host; after this time it is deployed again.
const UNHEARD_LIMIT: Duration = Duration::from_secs(4);

const PAUSE: Duration = Duration::from_millis(200);

async fn client(lattice: &Lattice) -> Result<Client> {
    let options = ClientConnectOptions { url: Some(lattice.nats_url.to_string()), ..Default::default() };
    Client::new(&lattice.lattice, None, options).await.context("wadm cannot be reached")
}

/// Deploys a manifest and waits until it runs.
pub async fn deploy(path: &Path, lattice: &Lattice) -> Result<()> {
    let client = client(lattice).await?;
    let (name, version) = client.put_and_deploy_manifest(load(path).await?).await?;
    println!("{name} {version} is being deployed …");
    let deadline = Instant::now() + LIMIT;
    let mut again = Instant::now() + UNHEARD_LIMIT;
    loop {
        let status = client.get_manifest_status(&name).await?;
        match status.info.status_type {
            StatusType::Deployed => break,
            StatusType::Undeployed if Instant::now() > again => {
                client.deploy_manifest(&name, Some(&version)).await?;
                again = Instant::now() + UNHEARD_LIMIT;
            }
            _ if Instant::now() > deadline => {
                show(&name, &status);
                bail!("{name} does not run after {LIMIT:?}");
            }
            _ => sleep(PAUSE).await,
        }
    }
    println!("{name} is deployed");
    Ok(())
}

/// Reads a manifest, whose `file://` images become absolute: the host has no idea where the manifest was.
async fn load(path: &Path) -> Result<Manifest> {
    let text = tokio::fs::read_to_string(path).await.with_context(|| path.display().to_string())?;
    let folder = path.canonicalize()?.parent().context("a manifest in no folder")?.to_owned();
    let lines = text.lines().map(|line| match line.split_once("file://.") {
        Some((before, rest)) => format!("{before}file://{}/.{rest}", folder.display()),
        None => line.to_owned(),
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    wadm_client::loader::ManifestLoader::load_manifest(text.into_bytes())
        .await
        .context("the manifest is wrong")
}

/// Prints how an application is doing.
pub async fn show_status(name: &str, lattice: &Lattice) -> Result<()> {
    let status = client(lattice).await?.get_manifest_status(name).await?;
    show(name, &status);
    Ok(())
}

fn show(name: &str, status: &Status) {
    println!("{name}: {:?} {}", status.info.status_type, status.info.message);
    for scaler in &status.scalers {
        println!("  {:?} {} {}", scaler.info.status_type, scaler.name, scaler.info.message);
    }
}

/// Ends an application and waits until nothing of it is left.
pub async fn undeploy(name: &str, lattice: &Lattice) -> Result<()> {
    let client = client(lattice).await?;
    client.undeploy_manifest(name).await?;
    let deadline = Instant::now() + LIMIT;
    loop {
        let status = client.get_manifest_status(name).await?;
        if matches!(status.info.status_type, StatusType::Undeployed) {
            println!("{name} is undeployed");
            return Ok(());
        }
        if Instant::now() > deadline {
            show(name, &status);
            bail!("{name} is still there after {LIMIT:?}");
        }
        sleep(PAUSE).await;
    }
}

/// Ends every application, as far as wadm answers.
pub async fn undeploy_all(lattice: &Lattice) {
    let all = async {
        for manifest in client(lattice).await?.list_manifests().await? {
            undeploy(&manifest.name, lattice).await?;
        }
        anyhow::Ok(())
    };
    if let Err(error) = all.await {
        tracing::warn!("not every application was ended: {error:#}");
    }
}
