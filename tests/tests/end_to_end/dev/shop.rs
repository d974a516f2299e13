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

/// Its only source is `src/version`. The number of a build is recorded once it has read that. A build that finds a named pipe `gate`
/// waits there for a line, beside a process that it has started.
const BUILD: &str = r"
set -e
version=$(cat src/version)
child=
if [ -p gate ]; then
    sleep 600 &
    child=$!
    echo $child >> children
fi
echo $$ >> builds
if [ $child ]; then
    read -r _ < gate
    kill $child
fi
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
        for folder in ["src", "target/components"] {
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
        for database in ["orders", "invoices"] {
            copy_folder(
                &Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(database),
                &source.join("migrations").join(database),
            )?;
        }
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

    /// How many builds have read their source.
    pub(super) fn builds(&self) -> Result<usize> {
        Ok(self.numbers("builds")?.len())
    }

    /// Waits for the ends of all builds, and of the processes that they have started, of which there were so many.
    pub(super) async fn ended(&self, children: usize) -> Result<()> {
        let started = self.numbers("children")?;
        ensure!(started.len() == children, "{} processes of builds", started.len());
        for process in started.into_iter().chain(self.numbers("builds")?) {
            let end = format!("the end of process {process}");
            eventually(&end, LIMIT, async || Ok((!is_running(process)).then_some(()))).await?;
        }
        Ok(())
    }

    /// The numbers of processes that builds have written.
    fn numbers(&self, file: &str) -> Result<Vec<u32>> {
        let lines = match fs::read_to_string(self.path(file)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            lines => lines?,
        };
        lines.lines().map(|line| line.parse().context("a number")).collect()
    }

    /// Waits until so many builds have read their source.
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

    /// Holds the builds that begin from now on.
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
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
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

/// Whether a process runs. One that has ended may be there until it is waited for, which is not everywhere done for orphans.
fn is_running(process: u32) -> bool {
    // The state follows the name, which is in parentheses and may have any character.
    fs::read_to_string(format!("/proc/{process}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}
