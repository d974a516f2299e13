//! Rebuilds the components when their sources change, and puts them in place of those that serve: for `waybill dev`.
//!
//! | File | Does |
//! | --- | --- |
//! | `changes.rs` | says that a source has changed (`sources.rs`: which files are sources; `watches.rs`: which folders are watched) |
//! | `build.rs` | runs the build; `printed.rs` keeps what it prints |
//! | `live.rs` | loads what was built, and swaps it in |
//! | `builds.rs` | what the console shows of all this |

mod build;
mod builds;
mod changes;
mod live;
mod printed;
mod sources;
mod watches;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::bail;
use build::Build;
pub use builds::{BuildFault, BuildState, Builds, Placed};
use changes::Changes;
pub(crate) use changes::NEW_MIGRATION;
pub use live::Live;
use tokio_util::sync::CancellationToken;

use crate::output;
use crate::settings::{ComponentName, ComponentSettings, RebuildSettings};

/// Where `cargo xtask components` puts the components, in the folder of the sources.
const BUILT: &str = "target/components";

/// What to do when changes are not seen any more.
pub(crate) const WATCH_ENDED: &str =
    "the sources are not watched any more, so no save starts a build; end the program and start it again";

/// What rebuilds the components.
pub struct Rebuilder {
    build: Build,
    changes: Changes,
    builds: Builds,
    source: PathBuf,
    /// As the settings name the components, without what builds make beside.
    named: ComponentSettings,
}

impl Rebuilder {
    /// Watches from now on, so that a change during the first build leads to another.
    pub fn start(settings: &RebuildSettings, components: &ComponentSettings) -> anyhow::Result<Self> {
        let source = settings.source.clone();
        let watched = settings.watched(&source)?;
        let builds = Builds::default();
        let changes = Changes::watch(&source, &watched, builds.clone())?;
        let mut names = String::new();
        for path in &watched {
            let name = path.strip_prefix(&source).unwrap_or(path).display();
            let _ = write!(names, "{}{name}", if names.is_empty() { "" } else { ", " });
        }
        output::notice(format_args!("{:<9} `{}` when these change: {names}", "build", settings.build));
        Ok(Self { build: Build::new(settings), changes, builds, source, named: components.clone() })
    }

    /// What the console shows.
    pub fn builds(&self) -> Builds {
        self.builds.clone()
    }

    /// Builds, and completes which component is in which file. If the build fails, those of an earlier one do.
    pub async fn first_build(&mut self, components: &mut ComponentSettings) -> anyhow::Result<()> {
        self.builds.begin();
        let began = Instant::now();
        let built = self.build.run().await;
        *components = self.chosen();
        let missing = components.components.iter().find(|(_, file)| !file.exists());
        match (built, missing) {
            (Ok(()), None) if components.components.is_empty() => bail!(
                "the build made no component in {}: name what it makes, for example --component orders=./orders.wasm",
                self.source.join(BUILT).display()
            ),
            (Ok(()), None) => self.builds.succeed(Placed::AtTheStart, began.elapsed()),
            (Ok(()), Some((name, file))) => bail!(
                "the build made no {}, which --component {}=… names; name what it makes",
                file.display(),
                name.as_str()
            ),
            (Err(fault), None) if !components.components.is_empty() => {
                tracing::error!("{}; the components of an earlier build serve", fault.summary);
                self.builds.fail(fault);
            }
            (Err(fault), _) => {
                bail!(
                    "{}, and there are no components of an earlier build; mend it and start again",
                    fault.summary
                )
            }
        }
        Ok(())
    }

    /// Which component is in which file. A build may make one that an earlier one did not.
    fn chosen(&self) -> ComponentSettings {
        let mut chosen = self.named.clone();
        for name in [ComponentName::Orders, ComponentName::Invoices] {
            let is_named = chosen.components.iter().any(|(named, _)| *named == name);
            let file = self.source.join(BUILT).join(format!("{}.wasm", name.as_str()));
            if !is_named && file.exists() {
                chosen.components.push((name, file));
            }
        }
        chosen
    }

    /// Rebuilds until `stop` is cancelled.
    pub async fn run(mut self, mut live: Live, stop: CancellationToken) {
        let rebuilding = async {
            while let Some(changed) = self.changes.next().await {
                self.rebuild(&changed, &mut live).await;
            }
            tracing::error!("{WATCH_ENDED}");
            self.builds.end_watch();
        };
        stop.run_until_cancelled(rebuilding).await;
    }

    async fn rebuild(&self, changed: &Path, live: &mut Live) {
        let path = changed.strip_prefix(&self.source).unwrap_or(changed);
        tracing::info!("{} changed: building", path.display());
        self.builds.begin();
        let began = Instant::now();
        let swapped = match self.build.run().await {
            Ok(()) => live.take_new(&self.chosen()).await.map_err(|error| BuildFault::of_component(&error)),
            Err(fault) => Err(fault),
        };
        match swapped {
            Ok(names) => {
                match names.as_slice() {
                    [] => tracing::info!("the build made the same components"),
                    names => {
                        let names: Vec<_> = names.iter().map(|name| name.as_str()).collect();
                        tracing::info!(
                            "new components serve: {}, after {:.1?}",
                            names.join(", "),
                            began.elapsed()
                        );
                    }
                }
                self.builds.succeed(Placed::Swapped(names), began.elapsed());
            }
            Err(fault) => {
                tracing::error!("{}; the components from before go on serving", fault.summary);
                self.builds.fail(fault);
            }
        }
    }
}
