//! The documents of each series: numbers without a gap, each once, and each document as it was issued.
//!
//! A number is taken under a lock that is held until its commit, so a reader who sees a number sees all before it: no second
//! check is needed.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use waybill_contracts::DEFAULT_SELLER_ID;
use waybill_postgres::{Database, Error};
use waybill_statement_macro::bound;

use super::pages::{PAGE, Pages, column};
use super::{Chain, Finding, Report};

/// Hashes of a hundred documents each that are checked at once.
const HASHED_PAGE: i64 = 100;

/// What is numbered.
struct Kind {
    /// Stands before a series in findings.
    label: &'static str,
    numbers: &'static str,
    counters: &'static str,
    hashed: &'static str,
    printed_twice: &'static str,
    start_number: &'static str,
}

const INVOICES: Kind = Kind {
    label: "",
    numbers: include_str!("sql/page_invoice_numbers.sql"),
    counters: include_str!("sql/list_counters.sql"),
    hashed: include_str!("sql/page_hashed_invoices.sql"),
    printed_twice: include_str!("sql/list_invoices_printed_twice.sql"),
    start_number: "invoice_start_number",
};

const CREDIT_NOTES: Kind = Kind {
    label: "credit notes ",
    numbers: include_str!("sql/page_credit_note_numbers.sql"),
    counters: include_str!("sql/list_credit_note_counters.sql"),
    hashed: include_str!("sql/page_hashed_credit_notes.sql"),
    printed_twice: include_str!("sql/list_credit_notes_printed_twice.sql"),
    start_number: "credit_note_start_number",
};

bound!(IsStartNumber, "audit/sql/is_start_number.sql");

/// An invoice or credit note by its number.
struct Numbered {
    series: String,
    number: i64,
    id: Uuid,
    /// As it is printed.
    printed: String,
    /// The SHA-256 of the link of the document before and of its own hash, written when it was issued.
    link: Option<Vec<u8>>,
    /// The SHA-256 of its columns as they are; `None` without a link.
    own: Option<Vec<u8>>,
    /// It has a link, or is one of those that were hashed together.
    is_hashed: bool,
    /// The seller of the invoice; `None` where a credit note has no invoice.
    seller: Option<String>,
}

/// Checks all numbers, the counters of the next ones, and the hashes of all documents.
pub(super) async fn check(invoices: &Database, report: &mut Report<'_>) -> Result<(), Error> {
    for kind in [INVOICES, CREDIT_NOTES] {
        let series = check_documents(invoices, &kind, report).await?;
        check_hashed(invoices, &kind, report).await?;
        for row in invoices.rows(kind.printed_twice, &[]).await? {
            report.add(&Finding::PrintedTwice { printed: column(&row, 0)?, document: column(&row, 1)? });
        }
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

/// Returns all series: the years of each seller.
async fn check_documents(
    invoices: &Database,
    kind: &Kind,
    report: &mut Report<'_>,
) -> Result<Vec<String>, Error> {
    let mut documents = Pages::new(
        (String::new(), 0, Uuid::nil()),
        |document: &Numbered| (document.series.clone(), document.number, document.id),
        async |after: (String, i64, Uuid)| {
            let rows = invoices.rows(kind.numbers, &[&after.0, &after.1, &after.2, &PAGE]).await?;
            rows.iter().map(numbered).collect()
        },
    );
    let mut all_series = Vec::new();
    let mut last = 0;
    let mut before = Before::first();
    while let Some(document) = documents.next().await? {
        if all_series.last() != Some(&document.series) {
            all_series.push(document.series.clone());
            last = 0;
            report.summary.chains.extend(before.end());
            before = Before::first();
        }
        let series = format!("{}{}", kind.label, document.series);
        let number = document.number;
        if number == last {
            report.add(&Finding::NumberTwice { series: series.clone(), number, invoice: document.id });
            before.link = None;
        } else if number > last + 1 && !is_start_number(invoices, kind, &document.series, number).await? {
            report.add(&Finding::NumberGap { series: series.clone(), first: last + 1, last: number - 1 });
            before.link = None;
        }
        last = number;
        if let Some(seller) =
            document.seller.as_deref().filter(|seller| *seller != seller_of(&document.series))
        {
            let (seller, document) = (seller.to_owned(), document.id);
            report.add(&Finding::SeriesOfAnotherSeller { series: series.clone(), number, document, seller });
        }
        if !before.is_followed_by(&document) {
            let Numbered { id, printed, .. } = &document;
            report.add(&Finding::DocumentDiffers {
                series: series.clone(),
                number,
                printed: printed.clone(),
                document: *id,
            });
        }
        before = Before { link: Some(document.link.unwrap_or_default()), at: Some((series, number)) };
    }
    report.summary.chains.extend(before.end());
    Ok(all_series)
}

/// What is known of the document before.
struct Before {
    /// Its link, empty if it has none; `None` if it is missing, so that the link of the next one cannot be checked.
    link: Option<Vec<u8>>,
    /// Its series and number; `None` at the beginning of a series.
    at: Option<(String, i64)>,
}

impl Before {
    fn first() -> Self {
        Self { link: Some(Vec::new()), at: None }
    }

    /// Whether a document is as it was issued, as far as its link says.
    fn is_followed_by(&self, document: &Numbered) -> bool {
        let (Some(before), Some(link), Some(own)) = (&self.link, &document.link, &document.own) else {
            return document.is_hashed;
        };
        Sha256::new().chain_update(before).chain_update(own).finalize().as_slice() == link.as_slice()
    }

    /// The last link of a series.
    fn end(self) -> Option<Chain> {
        let (series, last_number) = self.at?;
        let link = self.link.filter(|link| !link.is_empty())?;
        Some(Chain { series, last_number, sha256: hex::encode(link) })
    }
}

/// Checks the hashes of documents from before they were linked.
async fn check_hashed(invoices: &Database, kind: &Kind, report: &mut Report<'_>) -> Result<(), Error> {
    type Hashed = (String, i64, i64, bool, Vec<u8>);
    let mut hashed = Pages::new(
        (String::new(), 0),
        |hashed: &Hashed| (hashed.0.clone(), hashed.1),
        async |after: (String, i64)| {
            let rows = invoices.rows(kind.hashed, &[&after.0, &after.1, &HASHED_PAGE]).await?;
            rows.iter()
                .map(|row| {
                    Ok((column(row, 0)?, column(row, 1)?, column(row, 2)?, column(row, 3)?, column(row, 4)?))
                })
                .collect()
        },
    );
    let mut all: Option<(String, i64, Sha256)> = None;
    while let Some((series, first, last, is_same, sha256)) = hashed.next().await? {
        let series = format!("{}{series}", kind.label);
        if !is_same {
            report.add(&Finding::DocumentsDiffer { series: series.clone(), first, last });
        }
        let of_series = match all.take() {
            Some((before, _, hash)) if before == series => hash,
            ended => {
                report.summary.chains.extend(ended.map(chain_of_hashed));
                Sha256::new()
            }
        };
        all = Some((series, last, of_series.chain_update(sha256)));
    }
    report.summary.chains.extend(all.map(chain_of_hashed));
    Ok(())
}

/// Documents from before they were linked end with a line of their own: the SHA-256 of the series' hashes in the order of numbers.
fn chain_of_hashed((series, last_number, sha256): (String, i64, Sha256)) -> Chain {
    Chain { series, last_number, sha256: hex::encode(sha256.finalize()) }
}

/// The seller of a series: `paper` of `paper/2026`.
fn seller_of(series: &str) -> &str {
    series.split_once('/').map_or(DEFAULT_SELLER_ID, |(seller, _)| seller)
}

async fn is_start_number(invoices: &Database, kind: &Kind, series: &str, number: i64) -> Result<bool, Error> {
    let start = IsStartNumber { setting: kind.start_number, number, seller: seller_of(series) };
    let rows = invoices.rows(IsStartNumber::TEXT, &start.values()).await?;
    rows.first().map_or(Ok(false), |row| column(row, 0))
}

fn numbered(row: &tokio_postgres::Row) -> Result<Numbered, Error> {
    Ok(Numbered {
        series: column(row, 0)?,
        number: column(row, 1)?,
        id: column(row, 2)?,
        printed: column(row, 3)?,
        link: column(row, 4)?,
        own: column(row, 5)?,
        is_hashed: column(row, 6)?,
        seller: column(row, 7)?,
    })
}
