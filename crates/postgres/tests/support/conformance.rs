//! What holds on every backend.

mod behaviour;
mod refused;
mod scalars;
mod vectors;

use waybill_postgres::value::PgValue;
use waybill_postgres::{Database, SessionSettings};

use super::one;

/// A value that only correct quoting leaves as it is.
const SETTING: &str = r#"it's "geheim" ' $1 ; -- é"#;

/// What the database under test must be opened with.
pub fn session_settings() -> SessionSettings {
    let mut settings = SessionSettings::default();
    settings.set("waybill.test", SETTING);
    settings.set("work_mem", "5MB");
    settings
}

/// Runs everything; the database was opened with [`session_settings`], is empty before and needs not be afterwards.
pub async fn everything(database: &Database) {
    scalars::round_trip(database).await;
    vectors::round_trip(database).await;
    refused::values(database).await;
    refused::statements(database).await;
    behaviour::pipelined_statements_get_their_own_answers(database).await;
    behaviour::an_effect_is_told_in_rows_and_a_check_has_none(database).await;
    behaviour::a_session_is_exclusive_and_leaves_nothing_behind(database).await;
    behaviour::a_changed_table_is_read_anew(database).await;
    behaviour::settings_are_there_from_the_start_and_come_back(database).await;
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
