//! One suite over both backends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use support::{cluster::Cluster, conformance};
use waybill_postgres::{Database, EmbeddedConfig, ServerConfig};

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_database_conforms() {
    let database = Database::open_embedded(EmbeddedConfig::in_memory()).await.unwrap();
    assert!(database.is_embedded());
    conformance::everything(&database).await;
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_conforms() {
    let Some(cluster) = Cluster::start() else { return };
    let database = Database::connect(ServerConfig::new(&cluster.url()).unwrap()).await.unwrap();
    assert!(!database.is_embedded());
    conformance::everything(&database).await;
    database.close().await;
}
