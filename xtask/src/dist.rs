//! `cargo xtask dist`: everything that a release consists of, in one folder.
//!
//! What is built depends on the commit, the compiler and Debian's packages, and on no folder, account or clock; `--check` builds a
//! second time elsewhere and compares. The image has machine code of the components too, which depends on the model of the processor.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use crate::{cargo, components, postgres, pypi};

/// What the image is made on: the libraries of the program, the authorities that it trusts when it speaks TLS, and the name of the
/// distribution for scanners. dist/src/image.rs says what of it is taken.
const DEBIAN_PACKAGES: [&str; 4] = ["base-files", "libc6", "libgcc-s1", "ca-certificates"];

/// The oldest glibc that a release runs on: Debian 10, Ubuntu 20.04 and Red Hat 8 have it. Zig links against any of them, so that it does
/// not depend on the machine that builds.
const GLIBC: &str = "2.28";

#[derive(Args)]
pub struct Settings {
    /// What to build for: this machine's target, or aarch64-unknown-linux-gnu and x86_64-unknown-linux-gnu, whichever it is not.
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Where the results are put; by default dist in the target folder.
    #[arg(long, value_name = "FOLDER")]
    into: Option<PathBuf>,
    /// Build again from a clone in another folder, and fail unless all results are the same bytes.
    #[arg(long)]
    check: bool,
}

pub fn run(settings: &Settings) -> Result<()> {
    let release = Release::new(settings)?;
    release.build()?;
    if settings.check {
        release.check()?;
    }
    let archive = format!("waybill-{}-{}", env!("CARGO_PKG_VERSION"), release.target);
    println!("\nEverything is in {}. To try it:", release.into.display());
    println!("  tar xzf {archive}.tar.gz -C /tmp && /tmp/{archive}/waybill up --data /tmp/try");
    Ok(())
}

struct Release {
    workspace: PathBuf,
    target_folder: PathBuf,
    target: String,
    /// This machine's own.
    host: String,
    into: PathBuf,
    revision: String,
    /// Seconds since 1970: the time of the commit, unless `SOURCE_DATE_EPOCH` says another.
    time: String,
}

impl Release {
    fn new(settings: &Settings) -> Result<Self> {
        let workspace = cargo::workspace_folder()?;
        let target_folder = cargo::target_folder()?;
        let host = host_target()?;
        let revision = git(&workspace, &["rev-parse", "HEAD"])?;
        if !git(&workspace, &["status", "--porcelain"])?.is_empty() {
            println!("What is built is not the commit {revision}: some files are changed.");
        }
        let time = match env::var("SOURCE_DATE_EPOCH") {
            Ok(time) => time,
            Err(_) => git(&workspace, &["log", "-1", "--format=%ct"])?,
        };
        Ok(Self {
            target: settings.target.clone().unwrap_or_else(|| host.clone()),
            into: settings.into.clone().unwrap_or_else(|| target_folder.join("dist")),
            workspace,
            target_folder,
            host,
            revision,
            time,
        })
    }

    fn build(&self) -> Result<()> {
        components::build(&self.target_folder)?;
        cargo::run(&mut cargo::cargo(["build", "--package", "waybill-dist", "--bin", "waybill-dist"])?)?;
        let packer = cargo::host_binary(&self.target_folder).with_file_name("waybill-dist");
        let postgresql = self.postgresql(&packer)?;
        let features = if postgresql.is_some() {
            "waybill/embedded-components,waybill/bundled-postgres"
        } else {
            "waybill/embedded-components"
        };
        let program = self.program(features, postgresql.as_deref())?;
        let mut pack = Command::new(packer);
        pack.arg("pack").arg("--program").arg(&program);
        pack.args(["--target", &self.target, "--features", features]);
        if self.target != self.host {
            // What it says of itself is asked of one that this machine can run.
            cargo::build_host()?;
            pack.arg("--native").arg(cargo::host_binary(&self.target_folder));
        }
        pack.arg("--components").arg(cargo::components_folder(&self.target_folder));
        for name in components::RELEASED {
            pack.args(["--component", name]);
        }
        if postgresql.is_some() {
            pack.args(["--postgresql", waybill_local_postgres::PINNED_VERSION]);
        }
        if let Some(debian) = self.debian_packages()? {
            pack.arg("--debian").arg(debian);
        }
        pack.args(["--revision", &self.revision, "--time", &self.time]).arg("--into").arg(&self.into);
        cargo::run(&mut pack)
    }

    /// Packs PostgreSQL's programs for the target, the same bytes each time.
    fn postgresql(&self, packer: &Path) -> Result<Option<PathBuf>> {
        let folder = self.target_folder.join(format!("postgresql-{}", self.target));
        if !postgres::fetch_for(&self.target, &folder)? {
            println!(
                "The program will have no PostgreSQL inside: there are no packages of it for {}.",
                self.target
            );
            return Ok(None);
        }
        let archive = folder.with_added_extension("tar.gz");
        let mut pack = Command::new(packer);
        pack.arg("postgresql").arg("--folder").arg(&folder).arg("--into").arg(&archive);
        cargo::run(&mut pack)?;
        Ok(Some(archive))
    }

    /// Builds the program as it is shipped.
    fn program(&self, features: &str, postgresql: Option<&Path>) -> Result<PathBuf> {
        pypi::CROSS.install(&self.target_folder)?;
        ensure_target(&self.target)?;
        println!("Building what is shipped (it takes some minutes) …");
        let zigbuild = pypi::CROSS.program(&self.target_folder, "cargo-zigbuild");
        let mut build = Command::new(zigbuild);
        build
            .args(["zigbuild", "--profile", "dist", "--locked", "--package", "waybill", "--bin", "waybill"])
            .args(["--target", &format!("{}.{GLIBC}", self.target), "--features", features])
            .arg("--manifest-path")
            .arg(self.workspace.join("Cargo.toml"))
            .env("CARGO_ZIGBUILD_ZIG_PATH", pypi::CROSS.program(&self.target_folder, "python-zig"))
            .env(cargo::COMPONENTS_VARIABLE, cargo::components_folder(&self.target_folder))
            .env(cargo::FLAGS_VARIABLE, cargo::flags_without_folders(&self.target_folder)?);
        if let Some(archive) = postgresql {
            build.env("WAYBILL_POSTGRES_ARCHIVE", archive);
        }
        cargo::forget_this_run(&mut build);
        cargo::run(&mut build)?;
        Ok(self.target_folder.join(&self.target).join("dist").join("waybill"))
    }

    /// Fetches the packages that the image is made on, where this machine is a Debian of the target's processor.
    fn debian_packages(&self) -> Result<Option<PathBuf>> {
        let is_debian =
            cargo::answers("apt-get", &["--version"]) && cargo::answers("dpkg-deb", &["--version"]);
        if !is_debian || self.target != self.host {
            println!("No image is made: that needs Debian on a processor of {}.", self.target);
            return Ok(None);
        }
        let folder = self.target_folder.join("debian-packages");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder)?;
        cargo::run(Command::new("apt-get").arg("download").args(DEBIAN_PACKAGES).current_dir(&folder))?;
        Ok(Some(folder))
    }

    /// Builds all of it again from a clone, in a folder of another name and with an empty target folder.
    fn check(&self) -> Result<()> {
        let folder = tempfile::Builder::new().prefix("waybill-again-").tempdir()?;
        let clone = folder.path().join("elsewhere");
        cargo::run(Command::new("git").arg("clone").arg("--quiet").arg(&self.workspace).arg(&clone))?;
        let into = folder.path().join("dist");
        let mut again = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        again.args(["xtask", "dist", "--target", &self.target, "--into"]).arg(&into);
        again.current_dir(&clone).env_remove("CARGO_TARGET_DIR").env("SOURCE_DATE_EPOCH", &self.time);
        cargo::forget_this_run(&mut again);
        cargo::run(&mut again)?;
        let sums = |folder: &Path| fs::read_to_string(folder.join("SHA256SUMS"));
        let (first, second) = (sums(&self.into)?, sums(&into)?);
        if first != second {
            let kept = folder.keep();
            bail!("the builds differ; the second one is in {}:\n{first}\n{second}", kept.display());
        }
        println!("The second build has the same bytes:\n{first}");
        Ok(())
    }
}

/// What rustc builds for by itself.
fn host_target() -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-vV").output().context("rustc could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let host = text.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(host.to_owned())
}

fn ensure_target(target: &str) -> Result<()> {
    if target == host_target()? {
        return Ok(());
    }
    cargo::run(Command::new("rustup").args(["target", "add", target]))
}

fn git<S: AsRef<OsStr>>(workspace: &Path, arguments: &[S]) -> Result<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(workspace)
        .args(arguments)
        .output()
        .context("git could not be started")?;
    ensure!(output.status.success(), "git: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}
