//! The values are the component model's as they stand: `bindgen!` takes them for the interface's types.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![cfg(feature = "component")]
#![allow(missing_docs, reason = "the bindings are generated")]

wasmtime::component::bindgen!({
    path: "../../wit/deps/wasmcloud-postgres-0.1.1-draft",
    inline: "package test:values; world host { import wasmcloud:postgres/query@0.1.1-draft; import wasmcloud:postgres/prepared@0.1.1-draft; }",
    world: "test:values/host",
    with: { "wasmcloud:postgres/types@0.1.1-draft": waybill_postgres::value },
});

#[test]
fn the_interfaces_types_are_ours() {
    let row: wasmcloud::postgres::query::ResultRow = Vec::<waybill_postgres::value::ResultRowEntry>::new();
    assert!(row.is_empty());
}
