//! The numbers of each series: from 1, without a gap, each once.
//!
//! A number is taken under a lock that is held until its commit, so whoever sees a number sees all before it: there is
//! nothing here to be looked at twice.

use waybill_postgres::{Database, value::QueryError};

use super::{
    Finding, Report,
    pages::{PAGE, Pages, column},
};

const NUMBERS: &str = include_str!("sql/page_numbers.sql");
const COUNTERS: &str = include_str!("sql/list_counters.sql");

/// A series and a number in it.
type Number = (String, i64);

/// Looks at all numbers and at the counters that give the next ones.
pub(super) async fn look(invoices: &Database, report: &mut Report<'_>) -> Result<(), QueryError> {
    let mut numbers = Pages::new(
        (String::new(), 0),
        |number: &Number| number.clone(),
        async |after: Number| {
            let rows = invoices.rows(NUMBERS, &[&after.0, &after.1, &PAGE]).await?;
            rows.iter().map(|row| Ok((column(row, 0)?, column(row, 1)?))).collect()
        },
    );
    let mut last: Number = (String::new(), 0);
    while let Some((series, number)) = numbers.next().await? {
        let before = if series == last.0 { last.1 } else { 0 };
        if number == before {
            report.add(&Finding::NumberTwice { series: series.clone(), number });
        } else if number > before + 1 {
            report.add(&Finding::NumberGap { series: series.clone(), first: before + 1, last: number - 1 });
        }
        last = (series, number);
    }
    for row in invoices.rows(COUNTERS, &[]).await? {
        let (counter, highest) = (column(&row, 1)?, column(&row, 2)?);
        if counter != highest {
            report.add(&Finding::CounterDiffers { series: column(&row, 0)?, counter, highest });
        }
    }
    Ok(())
}
