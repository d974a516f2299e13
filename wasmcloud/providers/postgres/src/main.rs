//! `wasmcloud:postgres` as a provider of wasmCloud 1.9: what `crates/postgres` does, for the components that are linked to
//! it. The README beside it lists the settings of a link.

mod link;
mod provider;
mod trace_comment;

use crate::provider::PostgresProvider;

/// The interfaces in Rust, as `wit-bindgen-wrpc` writes them.
#[allow(missing_docs, clippy::all, clippy::pedantic)]
mod bindings {
    wit_bindgen_wrpc::generate!({ path: "../../../wit", world: "postgres-provider", generate_all });
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    waybill_provider::run("postgres", |at| Ok(PostgresProvider::new(at.service))).await
}
