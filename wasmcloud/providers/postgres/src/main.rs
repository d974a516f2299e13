//! `wasmcloud:postgres` as a provider of wasmCloud 1.9: what `crates/postgres` does, for the components that are linked to
//! it. The README beside it lists the settings of a link.

mod bindings;
mod link;
mod provider;
mod trace_comment;

use crate::provider::PostgresProvider;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    waybill_provider::run("postgres", |at| Ok(PostgresProvider::new(at.service))).await
}
