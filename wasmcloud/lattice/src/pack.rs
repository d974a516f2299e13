//! Provider archives.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use nkeys::KeyPair;
use provider_archive::ProviderArchive;

/// `lattice pack`.
#[derive(Args, Debug)]
pub struct PackSettings {
    /// The program.
    #[arg(long)]
    program: PathBuf,
    /// The provider's name.
    #[arg(long)]
    name: String,
    /// Its version.
    #[arg(long)]
    version: String,
    /// The archive to be written, which ends in .par.gz.
    #[arg(long)]
    output: PathBuf,
}

/// Packs a program for the machine that this runs on, signed by keys that are made for it.
pub async fn run(settings: PackSettings) -> Result<()> {
    let PackSettings { program, name, version, output } = settings;
    let bytes = tokio::fs::read(&program).await.with_context(|| program.display().to_string())?;
    let mut archive = ProviderArchive::new(&name, "waybill", None, Some(version));
    let target = format!("{}-{}", std::env::consts::ARCH, std::env::consts::OS);
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| anyhow::anyhow!("{error}");
    archive.add_library(&target, &bytes).map_err(failed)?;
    archive.write(&output, &KeyPair::new_account(), &KeyPair::new_service(), true).await.map_err(failed)?;
    println!("{} ({target}, {} bytes)", output.display(), tokio::fs::metadata(&output).await?.len());
    Ok(())
}
