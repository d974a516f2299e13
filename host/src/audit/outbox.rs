//! Pending and parked events.

use uuid::Uuid;
use waybill_postgres::{Database, Error};

use super::pages::{PAGE, Pages, column};
use super::{Finding, Report};

const COUNT: &str = include_str!("sql/count_pending.sql");
const PARKED: &str = include_str!("sql/page_parked.sql");

/// An event, its order, and the error of its last attempt.
type Event = (Uuid, Uuid, String);

/// Counts pending events, and reports parked ones.
pub(super) async fn check(orders: &Database, report: &mut Report<'_>) -> Result<(), Error> {
    for row in orders.rows(COUNT, &[]).await? {
        report.summary.outbox_pending = u64::try_from(column::<i64>(&row, 0)?).unwrap_or(0);
    }
    let mut events = Pages::new(
        Uuid::nil(),
        |event: &Event| event.0,
        async |after: Uuid| {
            let rows = orders.rows(PARKED, &[&after, &PAGE]).await?;
            rows.iter().map(|row| Ok((column(row, 0)?, column(row, 1)?, column(row, 2)?))).collect()
        },
    );
    while let Some((event, order, error)) = events.next().await? {
        report.add(&Finding::EventParked { event, order, error });
    }
    Ok(())
}
