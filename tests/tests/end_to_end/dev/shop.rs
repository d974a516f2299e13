//! Sources whose build takes no compiler: it copies one of several real components, which differ in a text.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use waybill_tests::{Waybill, WaybillConfig, component_bytes, eventually};

use super::LIMIT;
use crate::TestEnv;

/// The name in the OpenAPI documents of the components as they are built, and of others of the same length.
pub(super) const FIRST: &str = "Waybill";
pub(super) const ANOTHER: &str = "Another";

/// Its only source is `src/version`. A build that finds a named pipe `gate` waits there for a line, after it has read the source.
const BUILD: &str = r"
set -e
echo $$ >> builds
version=$(cat src/version)
if [ -p gate ]; then read -r _ < gate; fi
if [ $version = broken ]; then
    printf '\033[31merror\033[0m: expected <b>;</b>\n' >&2
    exit 101
fi
for name in orders invoices; do
    cp versions/$version/$name.wasm partial
    mv partial target/components/$name.wasm
done
";

pub(super) struct Shop {
    pub(super) env: TestEnv,
    source: PathBuf,
}

impl Shop {
    pub(super) fn new() -> Result<Self> {
        let env = TestEnv::local()?;
        let source = env.folder.path().join("source");
        for folder in ["src", "target/components", "migrations"] {
            fs::create_dir_all(source.join(folder))?;
        }
        let (orders, invoices) = (component_bytes("orders"), component_bytes("invoices"));
        for version in [FIRST, ANOTHER, "unfit"] {
            let folder = source.join("versions").join(version);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("orders.wasm"), named(&orders, version)?)?;
            let invoices =
                if version == "unfit" { b"no component".to_vec() } else { named(&invoices, version)? };
            fs::write(folder.join("invoices.wasm"), invoices)?;
        }
        fs::write(source.join("build.sh"), BUILD)?;
        let shop = Self { env, source };
        shop.save(FIRST)?;
        Ok(shop)
    }

    pub(super) fn config(&self) -> WaybillConfig {
        WaybillConfig::dev(self.env.folder.path(), &self.source).variable("WAYBILL_BUILD", "sh build.sh")
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.source.join(name)
    }

    /// Saves the version to build as an editor does: another file takes the place of the one before.
    pub(super) fn save(&self, version: &str) -> Result<()> {
        let (saved, beside) = (self.path("src/version"), self.path("src/version~"));
        fs::write(&beside, version)?;
        Ok(fs::rename(beside, saved)?)
    }

    /// The numbers of the processes of all builds.
    pub(super) fn processes(&self) -> Result<Vec<u32>> {
        let lines = match fs::read_to_string(self.path("builds")) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            lines => lines?,
        };
        lines.lines().map(|line| line.parse().context("a number")).collect()
    }

    /// How many builds there were.
    pub(super) fn builds(&self) -> Result<usize> {
        Ok(self.processes()?.len())
    }

    /// Waits until so many builds have begun.
    pub(super) async fn begun(&self, builds: usize) -> Result<()> {
        eventually(&format!("{builds} builds"), LIMIT, async || Ok((self.builds()? >= builds).then_some(())))
            .await
    }

    /// Waits until both components are of this version.
    pub(super) async fn serves(&self, waybill: &Waybill, version: &str) -> Result<()> {
        eventually(&format!("{version} serves"), LIMIT, async || {
            for (service, name) in [(&waybill.orders, "orders"), (&waybill.invoices, "invoices")] {
                let document = service.get("/openapi.json").await?.json()?;
                if document["info"]["title"] != format!("{version}: {name}") {
                    return Ok(None);
                }
            }
            Ok(Some(()))
        })
        .await
    }

    /// Has builds wait from now on.
    pub(super) fn close_gate(&self) -> Result<()> {
        let made = Command::new("mkfifo").arg(self.path("gate")).status().context("mkfifo")?;
        ensure!(made.success(), "mkfifo: {made}");
        Ok(())
    }

    /// Lets the build go on that waits, and all later ones.
    pub(super) async fn open_gate(&self) -> Result<()> {
        let gate = self.path("gate");
        let open = move || {
            // Its reader is there before this returns.
            let mut writer = fs::File::options().write(true).open(&gate)?;
            fs::remove_file(&gate)?;
            std::io::Write::write_all(&mut writer, b"go\n")
        };
        Ok(tokio::task::spawn_blocking(open).await??)
    }

    /// Writes what is no source.
    pub(super) fn write_beside(&self) -> Result<()> {
        for name in ["target/out.o", "src/.version.swp", "src/version~", "src/4913", "unwatched.txt"] {
            fs::write(self.path(name), "x")?;
        }
        fs::remove_file(self.path("src/4913"))?;
        fs::read(self.path("src/version"))?;
        Ok(())
    }
}

/// A component with another name of the same length in its OpenAPI document.
fn named(component: &[u8], name: &str) -> Result<Vec<u8>> {
    if name.len() != FIRST.len() {
        return Ok(component.to_vec());
    }
    let title = format!("\"title\": \"{FIRST}");
    let at = component.windows(title.len()).position(|part| part == title.as_bytes());
    let end = at.context("no title in the component")? + title.len();
    let mut changed = component.to_vec();
    changed[end - name.len()..end].copy_from_slice(name.as_bytes());
    Ok(changed)
}

/// Whether a process is there that has not been waited for.
pub(super) fn is_running(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}
