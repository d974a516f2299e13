//! What the link carries, and how.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use support::{conformance, fresh};
use waybill_postgres::Database;

#[tokio::test(flavor = "multi_thread")]
async fn a_database_conforms() {
    let mut config = fresh().await;
    config.session_settings = conformance::session_settings();
    let database = Database::connect(config).await.unwrap();
    conformance::everything(&database).await;
    database.close().await;
}
