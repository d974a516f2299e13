//! The components and their WIT as OCI artefacts, as hosts of WebAssembly fetch them from registries:
//! <https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/>.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use wit_component::DecodedWasm;

use crate::files::{read, sum};
use crate::oci::{Image, Layout};
use crate::release::Release;

const CONFIG_TYPE: &str = "application/vnd.wasm.config.v0+json";
const LAYER_TYPE: &str = "application/wasm";

/// The archive's name and bytes: a component for each name, and the package of our worlds.
pub fn artefacts(
    release: &Release,
    components: &Path,
    names: &[String],
    wit: &Path,
) -> Result<(String, Vec<u8>)> {
    let mut layout = Layout::default();
    for name in names {
        let bytes = read(&components.join(format!("{name}.wasm")))?;
        let description = format!("Waybill's component {name}");
        add(&mut layout, release, name, &description, bytes)?;
    }
    add(&mut layout, release, "wit", "The worlds of Waybill's components", package(wit)?)?;
    Ok((format!("waybill-{}-components.oci.tar", release.version), layout.archive(release.time)?))
}

fn add(layout: &mut Layout, release: &Release, name: &str, description: &str, bytes: Vec<u8>) -> Result<()> {
    let config = json!({
        "created": release.created()?,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [format!("sha256:{}", sum(&bytes))],
        "component": interfaces(&bytes).with_context(|| format!("{name} is not a component"))?,
    });
    layout.add(Image {
        name: format!("{name}:{}", release.version),
        config_type: CONFIG_TYPE,
        config,
        layer_type: LAYER_TYPE,
        layers: vec![bytes],
        annotations: release.annotations(description),
        platform: None,
    })
}

/// What it imports and exports, so that a registry can be searched by it.
fn interfaces(bytes: &[u8]) -> Result<Value> {
    Ok(match wit_component::decode(bytes)? {
        DecodedWasm::Component(resolve, world) => {
            let world = &resolve.worlds[world];
            let names = |items: &wit_parser::IndexMap<wit_parser::WorldKey, wit_parser::WorldItem>| {
                items.keys().map(|key| resolve.name_world_key(key)).collect::<Vec<_>>()
            };
            json!({ "imports": names(&world.imports), "exports": names(&world.exports) })
        }
        DecodedWasm::WitPackage(resolve, package) => {
            let package = &resolve.packages[package];
            let exports = package.interfaces.keys().map(|name| package.name.interface_id(name));
            json!({ "imports": [], "exports": exports.collect::<Vec<_>>() })
        }
    })
}

/// A folder of WIT as the WebAssembly that registries keep.
fn package(wit: &Path) -> Result<Vec<u8>> {
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(wit)?;
    wit_component::encode(&resolve, package)
}
