//! The databases: their servers, schemas and clocks.

use std::time::Duration;

use anyhow::Context as _;
use time::OffsetDateTime;
use waybill_postgres::Database;

use super::finding::Finding;
use crate::databases::{Databases, exists, migrate, setting};
use crate::help::Topic;
use crate::settings::{ComponentName, DatabaseSettings};

/// A server's clock that differs by more shows in the times of orders and invoices, and in leases.
const CLOCK_DIFFERENCE: Duration = Duration::from_secs(2);

/// Each database that exists. The local server is started for it, unless a `waybill` runs on it.
pub(super) async fn check(settings: &DatabaseSettings) -> Vec<Finding> {
    let names = [ComponentName::Orders, ComponentName::Invoices];
    let existing: Vec<ComponentName> = names.into_iter().filter(|name| exists(*name, settings)).collect();
    let databases = if existing.is_empty() { None } else { Some(Databases::join(settings, &existing).await) };
    let mut findings = Vec::new();
    for name in names {
        let what = if name == ComponentName::Orders { "orders database" } else { "invoices database" };
        match &databases {
            Some(Ok(databases)) if existing.contains(&name) => match look_at(databases, name, what).await {
                Ok(found) => findings.extend(found),
                Err(error) => findings.push(Finding::failed(what, &error)),
            },
            Some(Err(error)) if existing.contains(&name) => {
                findings.push(Finding::failed(what, error));
            }
            _ => findings.push(Finding::good(what, "does not exist yet; the first start creates it")),
        }
    }
    findings
}

async fn look_at(
    databases: &Databases,
    name: ComponentName,
    what: &'static str,
) -> anyhow::Result<Vec<Finding>> {
    let database = databases.open(name).await?;
    let found = facts(&database, name, what, databases.is_local(name)).await;
    database.close().await;
    found.with_context(|| setting(name))
}

async fn facts(
    database: &Database,
    name: ComponentName,
    what: &'static str,
    is_local: bool,
) -> anyhow::Result<Vec<Finding>> {
    let session = database.session().await?;
    let before = OffsetDateTime::now_utc();
    let row = session
        .query_one(
            "SELECT current_setting('server_version'), pg_is_in_recovery(), clock_timestamp(), \
             pg_size_pretty(pg_database_size(current_database()))",
            &[],
        )
        .await?;
    let after = OffsetDateTime::now_utc();
    let (version, is_standby): (String, bool) = (row.try_get(0)?, row.try_get(1)?);
    let (clock, size): (OffsetDateTime, String) = (row.try_get(2)?, row.try_get(3)?);
    drop(session);
    let mut found = vec![Finding::good(what, format_args!("PostgreSQL {version}, {size}"))];
    if is_standby {
        let text = "a standby, which takes no orders; name the primary, or both with target_session_attrs=read-write";
        found.push(Finding::failed(what, &Topic::DatabaseReadOnly.says(text).into()));
    }
    let difference = if clock < before { before - clock } else { clock - after };
    if difference > CLOCK_DIFFERENCE {
        let seconds = difference.whole_seconds();
        let text = format_args!("its clock and this machine's differ by {seconds} s; run NTP on both");
        found.push(Finding::doubtful(what, text));
    }
    found.push(match migrate::check(database, name).await {
        Ok(()) => Finding::good(what, "has this version's schema"),
        Err(error) if is_local => {
            Finding::doubtful(what, format_args!("{error:#}\nThe next start of `waybill up` does that."))
        }
        Err(error) => Finding::failed(what, &error),
    });
    Ok(found)
}
