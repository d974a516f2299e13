//! A component together with the adapter, composed as Spin 4.1 composes a component with its dependency (`crates/compose`
//! of spinframework/spin, with the same library).

use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions};

/// The package that the adapter is the dependency for.
const PACKAGE: &str = "wasmcloud:postgres/";

/// The bytes of both in one. Every import of the package has to be exported by the adapter, or this fails, as Spin does.
pub fn compose(component: Vec<u8>, adapter: Vec<u8>) -> Vec<u8> {
    let mut graph = CompositionGraph::new();
    let mut instantiate = |name: &str, bytes: Vec<u8>| {
        let package = Package::from_bytes(name, None, bytes, graph.types_mut()).unwrap();
        let world = package.ty();
        let package = graph.register_package(package).unwrap();
        (world, graph.instantiate(package))
    };
    let (world, socket) = instantiate("socket", component);
    let (_, plug) = instantiate("wasmcloud:postgres", adapter);
    let imports: Vec<String> = graph.types()[world].imports.keys().cloned().collect();
    for import in imports.iter().filter(|import| import.starts_with(PACKAGE)) {
        let export = graph.alias_instance_export(plug, import).unwrap();
        graph.set_instantiation_argument(socket, import, export).unwrap();
    }
    let exports: Vec<String> = graph.types()[world].exports.keys().cloned().collect();
    for export in exports {
        let instance = graph.alias_instance_export(socket, &export).unwrap();
        graph.export(instance, &export).unwrap();
    }
    graph.encode(EncodeOptions::default()).unwrap()
}
