//! The numbers of each series: from 1, without a gap, each once.
//!
//! A number is taken under a lock that is held until its commit, so a reader who sees a number sees all before it: no second
//! check is needed.

use uuid::Uuid;
use waybill_postgres::{Database, Error};

use super::pages::{PAGE, Pages, column};
use super::{Finding, Report};

/// What is numbered.
struct Kind {
    /// Stands before a series in findings.
    label: &'static str,
    numbers: &'static str,
    counters: &'static str,
}

const INVOICES: Kind = Kind {
    label: "",
    numbers: include_str!("sql/page_numbers.sql"),
    counters: include_str!("sql/list_counters.sql"),
};

const CREDIT_NOTES: Kind = Kind {
    label: "credit notes ",
    numbers: include_str!("sql/page_credit_note_numbers.sql"),
    counters: include_str!("sql/list_credit_note_counters.sql"),
};

/// A series, a number in it, and an invoice or credit note that has it.
type Number = (String, i64, Uuid);

/// Checks all numbers, and the counters of the next ones.
pub(super) async fn check(invoices: &Database, report: &mut Report<'_>) -> Result<(), Error> {
    for kind in [INVOICES, CREDIT_NOTES] {
        let series = check_numbers(invoices, &kind, report).await?;
        for row in invoices.rows(kind.counters, &[&series]).await? {
            let (counter, highest): (Option<i64>, i64) = (column(&row, 1)?, column(&row, 2)?);
            if counter != Some(highest) {
                let series: String = column(&row, 0)?;
                let series = format!("{}{series}", kind.label);
                report.add(&Finding::CounterDiffers { series, counter, highest });
            }
        }
    }
    Ok(())
}

/// Returns all series. They are years, so they are few.
async fn check_numbers(
    invoices: &Database,
    kind: &Kind,
    report: &mut Report<'_>,
) -> Result<Vec<String>, Error> {
    let mut numbers = Pages::new(
        (String::new(), 0, Uuid::nil()),
        |number: &Number| number.clone(),
        async |after: Number| {
            let rows = invoices.rows(kind.numbers, &[&after.0, &after.1, &after.2, &PAGE]).await?;
            rows.iter().map(|row| Ok((column(row, 0)?, column(row, 1)?, column(row, 2)?))).collect()
        },
    );
    let mut all_series = Vec::new();
    let mut last = 0;
    while let Some((series, number, invoice)) = numbers.next().await? {
        if all_series.last() != Some(&series) {
            all_series.push(series.clone());
            last = 0;
        }
        let series = format!("{}{series}", kind.label);
        if number == last {
            report.add(&Finding::NumberTwice { series, number, invoice });
        } else if number > last + 1 {
            report.add(&Finding::NumberGap { series, first: last + 1, last: number - 1 });
        }
        last = number;
    }
    Ok(all_series)
}
