//! The outbox: what waits, and what was given up.

use uuid::Uuid;
use waybill_postgres::{Database, Error};

use super::pages::{PAGE, Pages, column};
use super::{Finding, Report};

const COUNT: &str = include_str!("sql/count_waiting.sql");
const SET_ASIDE: &str = include_str!("sql/page_set_aside.sql");

/// An event, its order, and why it was given up.
type Event = (Uuid, Uuid, String);

/// Counts what waits, and reports what is set aside.
pub(super) async fn look(orders: &Database, report: &mut Report<'_>) -> Result<(), Error> {
    for row in orders.rows(COUNT, &[]).await? {
        report.summary.outbox_waiting = u64::try_from(column::<i64>(&row, 0)?).unwrap_or(0);
    }
    let mut events = Pages::new(
        Uuid::nil(),
        |event: &Event| event.0,
        async |after: Uuid| {
            let rows = orders.rows(SET_ASIDE, &[&after, &PAGE]).await?;
            rows.iter().map(|row| Ok((column(row, 0)?, column(row, 1)?, column(row, 2)?))).collect()
        },
    );
    while let Some((event, order, error)) = events.next().await? {
        report.add(&Finding::EventSetAside { event, order, error });
    }
    Ok(())
}
