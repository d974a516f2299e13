//! One suite over both backends.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use support::{cluster::Cluster, conformance};
use waybill_postgres::{Database, EmbeddedConfig, ServerConfig};

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_database_conforms() {
    let mut config = EmbeddedConfig::in_memory();
    config.session_settings = conformance::session_settings();
    let database = Database::open_embedded(config).await.unwrap();
    assert!(database.is_embedded());
    conformance::everything(&database).await;
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_conforms() {
    let Some(cluster) = Cluster::start() else { return };
    let mut config = ServerConfig::new(&cluster.url()).unwrap();
    config.session_settings = conformance::session_settings();
    let database = Database::connect(config).await.unwrap();
    assert!(!database.is_embedded());
    conformance::everything(&database).await;
    database.close().await;
}
