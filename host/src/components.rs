//! The components: their bytes, from inside this program or from a file, their machine code, and the services made of them.

mod compiled;
mod ownership;
mod service;

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
pub use compiled::compiled_file;
use compiled::unfit;
pub use service::{invoices_service, orders_service};
use sha2::{Digest as _, Sha256};
use wasmtime::component::Component;
use waybill_postgres::Database;

use crate::help::Topic;
use crate::runtime::{Engine, Limits, WasiVersion};
use crate::settings::{ComponentName, ComponentSettings, HostingSettings};

/// The SHA-256 of a component's bytes.
pub type Sum = [u8; 32];

/// A component that is compiled, with the sum of the bytes that it was compiled from.
pub struct Loaded {
    pub component: Component,
    pub sum: Sum,
}

/// Components that are not the built-in ones may have mistyped a statement, which says nothing against a database.
pub fn expect_statements_of(settings: &ComponentSettings, databases: &[&Database]) {
    if !settings.components.is_empty() {
        for database in databases {
            database.expect_untested_statements();
        }
    }
}

/// Loads these components with the limits of a process that serves them.
pub async fn load<const N: usize>(
    names: [ComponentName; N],
    settings: &HostingSettings,
) -> anyhow::Result<(Engine, [Loaded; N])> {
    let HostingSettings { databases, components, limits, .. } = settings;
    limits.explain();
    load_within(names, components, &components.compiled_in(&databases.data), limits.into()).await
}

/// Makes the engine and loads these components, after compiling those that `folder` does not have compiled for this machine and
/// version.
pub async fn load_within<const N: usize>(
    names: [ComponentName; N],
    settings: &ComponentSettings,
    folder: &Path,
    limits: Limits,
) -> anyhow::Result<(Engine, [Loaded; N])> {
    let engine = Engine::new(limits);
    let wanted = names.into_iter().map(|name| Ok((name, bytes(name, settings)?)));
    let wanted: Vec<_> = wanted.collect::<anyhow::Result<_>>()?;
    let loaded = load_bytes(&engine, wanted, settings, folder).await?;
    let loaded = loaded.try_into().map_err(|_| anyhow::anyhow!("a component was not loaded"))?;
    Ok((engine, loaded))
}

/// Loads components of these bytes, which `settings` lead to. The result is in their order.
pub async fn load_bytes(
    engine: &Engine,
    components: Vec<(ComponentName, Cow<'static, [u8]>)>,
    settings: &ComponentSettings,
    folder: &Path,
) -> anyhow::Result<Vec<Loaded>> {
    ownership::ensure_own_folder(folder)?;
    let mut wanted = Vec::with_capacity(components.len());
    for (name, bytes) in components {
        let file = compiled::file(folder, engine, name, &bytes)?;
        wanted.push(Wanted { name, bytes, file });
    }
    let missing: Vec<ComponentName> =
        wanted.iter().filter(|wanted| !wanted.file.exists()).map(|wanted| wanted.name).collect();
    let begun = Instant::now();
    let compiled = match missing.as_slice() {
        [] => Ok(()),
        missing => {
            tracing::info!("compiling the components for this machine, once");
            compiled::compile_apart(missing, folder, settings).await
        }
    };
    let mut loaded = Vec::with_capacity(wanted.len());
    for wanted in wanted {
        if wanted.file.exists() {
            ownership::ensure_own_file(folder, &wanted.file)?;
        }
        let (engine, sum) = (engine.clone(), sum(&wanted.bytes));
        let component = tokio::task::spawn_blocking(move || wanted.load(&engine)).await??;
        loaded.push(Loaded { component, sum });
    }
    // A fault of a component itself has ended this function already.
    match compiled {
        Ok(()) if missing.is_empty() => {}
        Ok(()) => {
            tracing::info!("compiled the components in {:.1?}", begun.elapsed());
        }
        Err(error) => {
            tracing::warn!(
                "{error:#}; the components were compiled in this process, and will be again at the next start"
            );
        }
    }
    Ok(loaded)
}

pub fn sum(bytes: &[u8]) -> Sum {
    Sha256::digest(bytes).into()
}

struct Wanted {
    name: ComponentName,
    bytes: Cow<'static, [u8]>,
    file: PathBuf,
}

impl Wanted {
    fn load(&self, engine: &Engine) -> anyhow::Result<Component> {
        if self.file.exists() {
            match engine.load(&self.file, WasiVersion::of(&self.bytes)) {
                Ok(component) => return Ok(component),
                Err(error) => tracing::warn!("{} cannot be used: {error:#}", self.file.display()),
            }
        }
        engine.compile(&self.bytes).with_context(|| unfit(self.name))
    }
}

/// The bytes of a component: from the file of the setting, or from this program.
pub fn bytes(name: ComponentName, settings: &ComponentSettings) -> anyhow::Result<Cow<'static, [u8]>> {
    // The last flag wins, as everywhere on a command line.
    if let Some((_, path)) = settings.components.iter().rev().find(|(named, _)| *named == name) {
        let bytes = std::fs::read(path).with_context(|| {
            let name = name.as_str();
            Topic::Components
                .says(format_args!("--component {name}={}: the file cannot be read", path.display()))
        })?;
        return Ok(bytes.into());
    }
    own(name)
}

#[cfg(feature = "embedded-components")]
#[allow(clippy::unnecessary_wraps, reason = "its twin reads a file, which can fail")]
fn own(name: ComponentName) -> anyhow::Result<Cow<'static, [u8]>> {
    let bytes: &'static [u8] = match name {
        ComponentName::Orders => include_bytes!(concat!(env!("WAYBILL_COMPONENTS"), "/orders.wasm")),
        ComponentName::Invoices => include_bytes!(concat!(env!("WAYBILL_COMPONENTS"), "/invoices.wasm")),
    };
    Ok(bytes.into())
}

/// Reads the component from where `cargo xtask components` puts it, so that a changed component needs no new build of this
/// program.
#[cfg(not(feature = "embedded-components"))]
fn own(name: ComponentName) -> anyhow::Result<Cow<'static, [u8]>> {
    let program = std::env::current_exe().context("the folder of this program cannot be found")?;
    let folder = built_folder(&program).with_context(|| {
        Topic::Components.says(format_args!(
            "{} is not in the folder of a build, which has the components",
            program.display()
        ))
    })?;
    let name = name.as_str();
    let bytes = std::fs::read(folder.join(format!("{name}.wasm"))).with_context(|| {
        Topic::Components.says(format_args!(
            "this waybill was built without its components, and {} has no {name}.wasm that can be read; \
             build it with `cargo xtask components`, or name one with --component {name}=PATH/{name}.wasm",
            folder.display()
        ))
    })?;
    Ok(bytes.into())
}

/// Where a build keeps the components for its programs: `<target>/components` for `<target>/debug/waybill`, and for tests, which
/// are in `<target>/debug/deps`.
#[cfg(not(feature = "embedded-components"))]
fn built_folder(program: &std::path::Path) -> Option<PathBuf> {
    let folder = program.parent()?;
    let profile = if folder.ends_with("deps") { folder.parent()? } else { folder };
    Some(profile.parent()?.join("components"))
}

#[cfg(all(test, not(feature = "embedded-components")))]
mod tests {
    use std::path::Path;

    use super::built_folder;

    #[test]
    fn a_development_build_finds_the_components_beside_its_profiles_folder() {
        let folder = built_folder(Path::new("/project/target/debug/waybill"));
        assert_eq!(folder.as_deref(), Some(Path::new("/project/target/components")));
        let of_a_test = built_folder(Path::new("/project/target/debug/deps/agreement-0123"));
        assert_eq!(of_a_test, folder);
        assert_eq!(built_folder(Path::new("waybill")), None);
    }
}
