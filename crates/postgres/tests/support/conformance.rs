//! What holds on every backend.

mod behaviour;
mod refused;
mod scalars;
mod vectors;

use waybill_postgres::{Database, value::PgValue};

use super::one;

/// Runs everything; the database is empty before and needs not be afterwards.
pub async fn everything(database: &Database) {
    scalars::round_trip(database).await;
    vectors::round_trip(database).await;
    refused::values(database).await;
    refused::statements(database).await;
    behaviour::pipelined_statements_get_their_own_answers(database).await;
    behaviour::a_session_is_exclusive_and_leaves_nothing_behind(database).await;
    behaviour::a_changed_table_is_read_anew(database).await;
}

/// The value goes in as a parameter of the type and comes out as it was.
async fn same(database: &Database, ty: &str, value: PgValue) {
    becomes(database, ty, value.clone(), value).await;
}

/// The value goes in as a parameter of the type and comes out as the other one.
async fn becomes(database: &Database, ty: &str, value: PgValue, expected: PgValue) {
    let given = one(database, &format!("SELECT $1::{ty} AS value"), std::slice::from_ref(&value)).await;
    assert_eq!(given, Ok(expected), "{value:?} as {ty}");
}
