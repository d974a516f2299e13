//! Packs what a release is made of, from what `cargo xtask dist` has built. Nothing in the results depends on the folder, the account or
//! the time of the build: they are the same bytes wherever the same sources are built by the same compiler. The image has machine code
//! of the components too, which depends on the model of the processor.

mod artefacts;
mod bill_of_materials;
mod debian;
mod files;
mod image;
mod oci;
mod program;
mod release;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use clap::{Args, Parser};
use files::{Files, gzip, sum};
use program::Program;
use release::Release;

/// The names of the results and their sums, as `sha256sum --check` reads them.
const SUMS: &str = "SHA256SUMS";

#[derive(Parser)]
#[command(about = "Packs what a release is made of.")]
enum Command {
    /// Pack PostgreSQL's programs, for a program that is built with them inside.
    Postgresql {
        /// The folder of `bin`, `lib` and `share`.
        #[arg(long)]
        folder: PathBuf,
        /// The archive.
        #[arg(long)]
        into: PathBuf,
    },
    /// Pack the release.
    Pack(Settings),
}

#[derive(Args)]
struct Settings {
    /// The released program.
    #[arg(long)]
    program: PathBuf,
    /// A program of the same sources that this machine can run, if it is not the same.
    #[arg(long)]
    native: Option<PathBuf>,
    /// The target that it was built for.
    #[arg(long)]
    target: String,
    /// The folder of the built components.
    #[arg(long)]
    components: PathBuf,
    /// The names of the components.
    #[arg(long = "component", required = true)]
    names: Vec<String>,
    /// The features that the program was built with.
    #[arg(long)]
    features: String,
    /// The version of the PostgreSQL that is inside, if one is.
    #[arg(long)]
    postgresql: Option<String>,
    /// A folder with the Debian packages that the image is made on; without it there is no image.
    #[arg(long)]
    debian: Option<PathBuf>,
    /// The commit that was built.
    #[arg(long)]
    revision: String,
    /// The time of that commit, in seconds since 1970.
    #[arg(long)]
    time: u64,
    /// Where the results are put. Those of an earlier release are removed.
    #[arg(long)]
    into: PathBuf,
}

fn main() -> Result<()> {
    match Command::parse() {
        Command::Postgresql { folder, into } => postgresql(&folder, &into),
        Command::Pack(settings) => pack(settings),
    }
}

/// The programs and what they need at run time, without what only those need who link against their libraries.
fn postgresql(folder: &Path, into: &Path) -> Result<()> {
    let mut files = Files::default();
    for name in ["bin", "lib", "share"] {
        files.add_all(name, &folder.join(name))?;
    }
    let is_for_linking = |path: &str| {
        path.starts_with("lib/pkgconfig/") || Path::new(path).extension().is_some_and(|end| end == "a")
    };
    files.remove(is_for_linking);
    let bytes = gzip(&files.tar("", 0)?)?;
    fs::write(into, bytes).with_context(|| format!("{} could not be written", into.display()))
}

fn pack(settings: Settings) -> Result<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("the workspace's folder")?;
    let program = Program::of(&settings.program, settings.native.as_deref())?;
    let mut release = Release {
        version: program.version.clone(),
        target: settings.target,
        revision: settings.revision,
        time: settings.time,
        changelog: fs::read_to_string(workspace.join("CHANGELOG.md"))?,
        bill_of_materials: Vec::new(),
    };
    release.bill_of_materials =
        bill_of_materials::bill_of_materials(&release, &settings.features, settings.postgresql.as_deref())?;
    let mut results = vec![archive(&release, &program, workspace)?, debian::package(&release, &program)?];
    if let Some(base) = &settings.debian {
        results.push(image::image(&release, &program, base)?);
    }
    let wit = workspace.join("wit");
    results.push(artefacts::artefacts(&release, &settings.components, &settings.names, &wit)?);
    let name = format!("waybill-{}-{}.cdx.json", release.version, release.target);
    results.push((name, release.bill_of_materials));
    write(&settings.into, results)
}

/// The program with its licence, completions and manual, to be unpacked anywhere.
fn archive(release: &Release, program: &Program, workspace: &Path) -> Result<(String, Vec<u8>)> {
    let mut files = Files::default();
    files.add_program("waybill", program.bytes.clone());
    for name in ["LICENSE", "README.md", "SECURITY.md", "CHANGELOG.md"] {
        files.add(name, files::read(&workspace.join(name))?);
    }
    for (_, name, text) in program.completions()? {
        files.add(format!("completions/{name}"), text);
    }
    for (name, page) in program.manual()?.regular() {
        files.add(format!("man/man1/{name}"), page);
    }
    // For a recovery: docs/backup.md.
    let script = workspace.join("docs/sql/write_events_again.sql");
    files.add("sql/write_events_again.sql", files::read(&script)?);
    files.add("waybill.cdx.json", release.bill_of_materials.clone());
    let name = format!("waybill-{}-{}", program.version, release.target);
    let bytes = gzip(&files.tar(&format!("{name}/"), release.time)?)?;
    Ok((format!("{name}.tar.gz"), bytes))
}

fn write(into: &Path, mut results: Vec<(String, Vec<u8>)>) -> Result<()> {
    fs::create_dir_all(into).with_context(|| format!("{} could not be created", into.display()))?;
    let is_empty = fs::read_dir(into)?.next().is_none();
    ensure!(
        is_empty || into.join(SUMS).is_file(),
        "{} has files and no {SUMS}, so it is not the folder of an earlier release; name another one",
        into.display()
    );
    if !is_empty {
        fs::remove_dir_all(into).with_context(|| format!("{} could not be removed", into.display()))?;
        fs::create_dir_all(into)?;
    }
    results.sort();
    let mut sums = String::new();
    for (name, bytes) in results {
        let line = format!("{}  {name}\n", sum(&bytes));
        println!("{:>10} bytes  {name}", bytes.len());
        sums.push_str(&line);
        fs::write(into.join(&name), bytes).with_context(|| format!("{name} could not be written"))?;
    }
    fs::write(into.join(SUMS), sums).with_context(|| format!("{SUMS} could not be written"))
}
