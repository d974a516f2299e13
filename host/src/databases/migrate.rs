//! Migrations: SQL files inside the program, applied in order and never changed afterwards.

use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use refinery::error::Kind;
use refinery::{Migration, Runner};
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};
use tokio_postgres::error::{DbError, SqlState};
use waybill_postgres::Database;

use super::setting;
use crate::help::Topic;
use crate::settings::ComponentName;

mod orders {
    refinery::embed_migrations!("../migrations/orders");
}

mod invoices {
    refinery::embed_migrations!("../migrations/invoices");
}

/// The advisory lock that serializes processes which migrate the same database.
const LOCK: i64 = 0x5741_5942_494c_4c01;

/// The time that one process waits for another to finish migrating.
const LOCK_TIMEOUT: &str = "60s";

/// The migrations of one database.
pub fn migrations(database: ComponentName) -> Runner {
    match database {
        ComponentName::Orders => orders::migrations::runner(),
        ComponentName::Invoices => invoices::migrations::runner(),
    }
}

/// Applies pending migrations and returns their names. Several processes may do so at once: one applies them, the others wait.
pub async fn apply(database: &Database, name: ComponentName, runner: &Runner) -> anyhow::Result<Vec<String>> {
    let mut session = database.session().await?;
    session.batch_execute(&format!("SET lock_timeout = '{LOCK_TIMEOUT}'")).await?;
    session
        .execute("SELECT pg_advisory_lock($1)", &[&LOCK])
        .await
        .map_err(|error| lock_refused(name, error))?;
    let applied = runner.run_async(&mut *session).await.map_err(|error| explain(name, error));
    // The lock ends with its session; an earlier unlock serves the processes that wait for it.
    let unlocked = session.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await;
    let applied = applied?;
    unlocked?;
    Ok(applied.applied_migrations().iter().map(file_name).collect())
}

/// Whether a migration is applied to a database.
enum State {
    Pending,
    Applied(Option<OffsetDateTime>),
    /// The file is not what it was when it was applied.
    Changed,
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pending => out.write_str("pending"),
            Self::Applied(Some(time)) => {
                let time = time.to_offset(UtcOffset::UTC).replace_nanosecond(0).unwrap_or(*time);
                write!(out, "applied {}", time.format(&Rfc3339).map_err(|_| fmt::Error)?)
            }
            Self::Applied(None) => out.write_str("applied"),
            Self::Changed => out.write_str("CHANGED since it was applied"),
        }
    }
}

/// A table of applied and pending migrations.
pub async fn status(database: &Database, name: ComponentName, runner: &Runner) -> anyhow::Result<String> {
    Ok(table(name, &states(database, name, runner).await?))
}

/// Both databases have one column of files, as far as their names allow.
const FILE_WIDTH: usize = 36;

fn table(name: ComponentName, states: &[(String, State)]) -> String {
    let width = states.iter().map(|(file, _)| file.chars().count()).max().unwrap_or(0).max(FILE_WIDTH);
    let line = |(file, state): &(String, State)| format!("{:<9} {file:<width$} {state}\n", name.as_str());
    states.iter().map(line).collect::<Vec<_>>().concat()
}

/// The migrations of this version by their files. Fails if the database is that of the other service.
async fn states(
    database: &Database,
    name: ComponentName,
    runner: &Runner,
) -> anyhow::Result<Vec<(String, State)>> {
    let mut session = database.session().await?;
    let history = session
        .query_one("SELECT to_regclass('refinery_schema_history') IS NOT NULL", &[])
        .await?
        .get::<_, bool>(0);
    let applied =
        if history { runner.get_applied_migrations_async(&mut *session).await? } else { Vec::new() };
    if let Some(fault) = applied.iter().find_map(|migration| of_other_service(name, migration)) {
        bail!(Topic::Schema.says(fault));
    }
    let state = |migration: &Migration| match applied.iter().find(|it| it.version() == migration.version()) {
        None => State::Pending,
        Some(done) if done.checksum() != migration.checksum() => State::Changed,
        Some(done) => State::Applied(done.applied_on().copied()),
    };
    Ok(in_order(runner).into_iter().map(|migration| (file_name(migration), state(migration))).collect())
}

/// The migrations in the order in which they are applied; refinery has them in that of their names.
fn in_order(runner: &Runner) -> Vec<&Migration> {
    let mut migrations: Vec<_> = runner.get_migrations().iter().collect();
    migrations.sort_by_key(|migration| migration.version());
    migrations
}

/// Whether a folder is that of the migrations which are in this program: it has the first one of each database.
pub fn is_own_folder(folder: &Path) -> bool {
    [ComponentName::Orders, ComponentName::Invoices].into_iter().all(|database| {
        let first = in_order(&migrations(database)).first().map(|first| file_name(first));
        first.is_some_and(|file| folder.join(database.as_str()).join(file).exists())
    })
}

/// Creates the file of the next migration and returns its path.
pub fn new_file(folder: &Path, database: ComponentName, name: &str) -> anyhow::Result<std::path::PathBuf> {
    let folder = folder.join(database.as_str());
    let entries = std::fs::read_dir(&folder).with_context(|| {
        format!(
            "there is no folder {}; run this in the project's folder, or set the folder with --migrations",
            folder.display()
        )
    })?;
    let mut last = 0;
    for entry in entries {
        let file = entry?.file_name();
        let version = file
            .to_string_lossy()
            .strip_prefix('V')
            .and_then(|rest| rest.split_once("__")?.0.parse::<u32>().ok());
        last = last.max(version.unwrap_or(0));
    }
    let path = folder.join(format!("V{}__{name}.sql", last + 1));
    let mut file =
        std::fs::File::create_new(&path).with_context(|| format!("{} cannot be created", path.display()))?;
    let explain = "-- What this changes and why. Expand first, contract in a later release: the version before this one still runs\n\
                   -- while this is applied. Once applied anywhere, this file never changes.\n";
    std::io::Write::write_all(&mut file, explain.as_bytes())?;
    Ok(path)
}

fn file_name(migration: &Migration) -> String {
    format!("V{}__{}.sql", migration.version(), migration.name())
}

/// Says that another process migrates, if that is what the server's answer means.
fn lock_refused(name: ComponentName, error: tokio_postgres::Error) -> anyhow::Error {
    let what = if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) {
        format!("another process has been migrating the {} database for {LOCK_TIMEOUT}", name.as_str())
    } else {
        format!("the {} database could not be locked for its migration", name.as_str())
    };
    anyhow::Error::new(error).context(what)
}

/// Says which file is at fault and what to do, where the library only says what it found. The cause is PostgreSQL's answer, with its
/// detail and hint.
fn explain(name: ComponentName, error: refinery::Error) -> anyhow::Error {
    let database = name.as_str();
    let met = match error.kind() {
        Kind::DivergentVersion(met, _) | Kind::MissingVersion(met) => of_other_service(name, met),
        _ => None,
    };
    if let Some(fault) = met {
        return Topic::Schema.says(fault).into();
    }
    match error.kind() {
        Kind::DivergentVersion(applied, _) => Topic::Schema.says(format_args!(
            "migrations/{database}/{} was changed after it was applied; restore it and make the change in a new file (waybill migrate new {database} NAME)",
            file_name(applied)
        )).into(),
        Kind::MissingVersion(missing) => Topic::Schema.says(format_args!(
            "the {database} database knows the migration {}, which this version of waybill does not have; use the version that applied it, or a newer one",
            file_name(missing)
        )).into(),
        Kind::Connection(what, cause) => {
            let cause = in_words(cause.as_ref());
            match what.strip_prefix("error applying migration ") {
                Some(file) => anyhow::anyhow!(
                    "migrations/{database}/{file}.sql could not be applied to the {database} database, and nothing of it was: {cause}"
                ),
                None => anyhow::anyhow!("the {database} database could not be migrated: {what}: {cause}"),
            }
        }
        _ => anyhow::Error::new(error).context(format!("the {database} database could not be migrated")),
    }
}

/// Says that the database is that of the other service, if this migration, which was met in it, is the other one's. Then both settings
/// name one database, perhaps by two names of its server, or they are exchanged.
fn of_other_service(name: ComponentName, met: &Migration) -> Option<String> {
    let other = match name {
        ComponentName::Orders => ComponentName::Invoices,
        ComponentName::Invoices => ComponentName::Orders,
    };
    let is_same = |of: &Migration| {
        of.version() == met.version() && of.name() == met.name() && of.checksum() == met.checksum()
    };
    migrations(other).get_migrations().iter().any(is_same).then(|| {
        format!(
            "{} names the database of {other}: migrations/{other}/{} is applied to it; each service needs a database of its own, \
             for example postgresql://user:password@localhost:5432/{}",
            setting(name),
            file_name(met),
            name.as_str(),
            other = other.as_str()
        )
    })
}

/// An error with its causes. PostgreSQL's has its message, with detail, hint, and the statement's context.
fn in_words(error: &(dyn StdError + 'static)) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(words, ": {error}");
        if let Some(answer) = error.downcast_ref::<DbError>() {
            let _ = write!(words, " (SQLSTATE {})", answer.code().code());
            if let Some(place) = answer.where_() {
                let _ = write!(words, "\nCONTEXT: {place}");
            }
        }
        cause = error.source();
    }
    words
}

/// Fails unless the schema is this version's.
pub async fn check(database: &Database, name: ComponentName) -> anyhow::Result<()> {
    let states = states(database, name, &migrations(name)).await?;
    if !states.iter().all(|(_, state)| matches!(state, State::Applied(_))) {
        bail!(Topic::Schema.says(format_args!(
            "the {} database is not at this version's schema; run waybill migrate first:\n{}",
            name.as_str(),
            table(name, &states)
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_status_lists_migrations_by_their_versions_with_times_as_everywhere() {
        for name in [ComponentName::Orders, ComponentName::Invoices] {
            let runner = migrations(name);
            let versions: Vec<_> = in_order(&runner).iter().map(|migration| migration.version()).collect();
            assert!(versions.is_sorted() && versions[0] == 1, "{versions:?}");
        }
        let applied = State::Applied(Some(datetime!(2026-12-01 01:40:52.7 +00:00)));
        assert_eq!(applied.to_string(), "applied 2026-12-01T01:40:52Z");
    }
}
