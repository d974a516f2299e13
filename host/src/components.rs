//! The components: where their bytes come from, inside this program or a file, and their compilation.

use anyhow::Context as _;
use wasmtime::component::Component;

use crate::{
    memory,
    runtime::Engine,
    settings::{ComponentName, ComponentSettings, HostingSettings},
};

/// Makes the engine and compiles these components on it, side by side. Compiled ones are found again in the data folder.
pub async fn compile<const N: usize>(
    names: [ComponentName; N],
    settings: &HostingSettings,
) -> anyhow::Result<(Engine, [Component; N])> {
    let engine = Engine::new((&settings.limits).into(), Some(&settings.databases.data.join("cache")))?;
    let compilations = names.map(|name| {
        let (engine, settings) = (engine.clone(), settings.components.clone());
        tokio::task::spawn_blocking(move || {
            let bytes = bytes(name, &settings)?;
            engine
                .compile(&bytes)
                .with_context(|| format!("the component {} cannot be compiled", name.as_str()))
        })
    });
    let mut compiled = Vec::with_capacity(N);
    for compilation in compilations {
        compiled.push(compilation.await??);
    }
    memory::give_back();
    let compiled = compiled.try_into().map_err(|_| anyhow::anyhow!("a component was not compiled"))?;
    Ok((engine, compiled))
}

/// The bytes of a component: the file that a setting names, or the one inside.
pub fn bytes(
    name: ComponentName,
    settings: &ComponentSettings,
) -> anyhow::Result<std::borrow::Cow<'static, [u8]>> {
    // The last flag wins, as everywhere on a command line.
    if let Some((_, path)) = settings.components.iter().rev().find(|(named, _)| *named == name) {
        let bytes = std::fs::read(path).with_context(|| {
            format!("--component {}={}: the file cannot be read", name.as_str(), path.display())
        })?;
        return Ok(bytes.into());
    }
    embedded(name).map(Into::into).with_context(|| {
        let name = name.as_str();
        format!("this waybill was built without its components; name one with --component {name}=PATH/{name}.wasm, or build it with `cargo xtask up`")
    })
}

#[cfg(feature = "embedded-components")]
#[allow(clippy::unnecessary_wraps, reason = "its twin has none to give")]
fn embedded(name: ComponentName) -> Option<&'static [u8]> {
    let bytes: &'static [u8] = match name {
        ComponentName::Orders => include_bytes!(concat!(env!("WAYBILL_COMPONENTS"), "/orders.wasm")),
        ComponentName::Invoices => include_bytes!(concat!(env!("WAYBILL_COMPONENTS"), "/invoices.wasm")),
    };
    Some(bytes)
}

#[cfg(not(feature = "embedded-components"))]
fn embedded(_name: ComponentName) -> Option<&'static [u8]> {
    None
}
