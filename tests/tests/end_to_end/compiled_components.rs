//! Compiled components run as the program, so they are taken only from where no other account can write.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use waybill_tests::{Process, Waybill, WaybillConfig};

use crate::TestEnv;
use crate::start::refused;

/// An account that every system has and that owns nothing.
const NOBODY: u32 = 65_534;

/// Compiled components in a folder of the test's own, below another one.
struct Compiled {
    env: TestEnv,
    parent: PathBuf,
    folder: PathBuf,
    file: PathBuf,
}

impl Compiled {
    async fn new() -> Result<Self> {
        let env = TestEnv::local()?;
        let parent = env.folder.path().join("parent");
        let folder = parent.join("compiled");
        let compile = ["compile", "--compiled", &folder.display().to_string()];
        Process::run(&WaybillConfig::command(compile, env.folder.path())).await?.succeeded()?;
        let file = fs::read_dir(&folder)?.next().context("no compiled component")??.path();
        Ok(Self { env, parent, folder, file })
    }

    fn config(&self) -> WaybillConfig {
        self.env.config().variable("WAYBILL_COMPILED", self.folder.display().to_string())
    }

    /// The program ends, and names what is wrong and what to run.
    async fn are_refused(&self, remedy: &str, path: &Path) -> Result<()> {
        let remedy = format!("`{remedy} {}`", path.display());
        refused(&Waybill::run(&self.config()).await?, &["--compiled", &remedy])
            .with_context(|| format!("{remedy} would help"))
    }

    async fn are_taken(&self) -> Result<()> {
        Waybill::start(&self.config()).await?.stop().await?.succeeded().map(drop)
    }
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    Ok(fs::set_permissions(path, Permissions::from_mode(mode))?)
}

#[tokio::test]
async fn compiled_components_to_which_another_account_can_write_are_refused() -> Result<()> {
    let compiled = Compiled::new().await?;
    let mode = |path: &Path| anyhow::Ok(fs::metadata(path)?.mode() & 0o777);
    let (folder, file) = (mode(&compiled.folder)?, mode(&compiled.file)?);
    ensure!(
        (folder, file) == (0o755, 0o644),
        "an image has them of root and runs as another account: {folder:o} {file:o}"
    );
    for (path, mode, usual) in [
        (&compiled.folder, 0o777, 0o755),
        (&compiled.folder, 0o775, 0o755),
        (&compiled.file, 0o664, 0o644),
        (&compiled.parent, 0o757, 0o755),
    ] {
        set_mode(path, mode)?;
        compiled.are_refused("chmod go-w", path).await?;
        set_mode(path, usual)?;
    }
    // All may put folders there, but nobody moves another one's.
    set_mode(&compiled.parent, 0o1777)?;
    compiled.are_taken().await
}

#[tokio::test]
async fn compiled_components_of_another_account_are_refused() -> Result<()> {
    let compiled = Compiled::new().await?;
    if fs::metadata(&compiled.file)?.uid() != 0 {
        println!("only root gives files to another account");
        return Ok(());
    }
    for path in [&compiled.folder, &compiled.file] {
        chown(path, Some(NOBODY), None)?;
        compiled.are_refused("chown 0", path).await?;
        chown(path, Some(0), None)?;
    }
    // Another account's group may rename the folder; the private group of the account is nobody else.
    set_mode(&compiled.parent, 0o775)?;
    chown(&compiled.parent, None, Some(NOBODY))?;
    compiled.are_refused("chmod go-w", &compiled.parent).await?;
    chown(&compiled.parent, None, Some(0))?;
    compiled.are_taken().await
}
