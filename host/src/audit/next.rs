//! What an operator does next about a finding.

use waybill_contracts::documentation;

use super::finding::{Finding, Whereabouts};

impl Finding {
    /// The next step, for the end of the report, with the address of its page. Findings with the same cause have the same.
    pub fn next_step(&self) -> String {
        self.step().replace("(docs/", &format!("({}", documentation("")))
    }

    fn step(&self) -> &'static str {
        match self {
            Self::OrderWithoutInvoice { event, .. } | Self::StateDiffers { event, .. } => match event {
                Whereabouts::Outbox => {
                    "pending events are delivered by the relay: its /readyz says what it waits for (docs/operations.md#outboxold)"
                }
                Whereabouts::Parked => PARKED,
                Whereabouts::Delivered => {
                    "waybill dead-letters list shows messages that could not be handled; events that are neither there nor in a queue are \
                     lost: write them again (docs/backup.md#recover)"
                }
            },
            Self::EventParked { .. } => PARKED,
            Self::InvoiceWithoutOrder { .. } => {
                "the orders database lacks orders that were invoiced, as after the restore of an older backup: credit their invoices, or \
                 have them ordered again (docs/backup.md#the-orders-database-came-back-older)"
            }
            Self::AmountDiffers { .. } | Self::DuplicateInvoice { .. } => {
                "rows were changed by hand: compare GET /orders/ID with GET /invoices?orderId=ID, and correct the one that is wrong \
                 (docs/operations.md#auditfound)"
            }
            Self::NumberGap { .. } | Self::CounterDiffers { .. } => {
                "numbers are missing where an invoice or a credit note was deleted, or an older backup was restored; no message brings them \
                 back: look for them in what was sent (docs/backup.md#the-invoices-database-came-back-older)"
            }
            Self::DocumentDiffers { .. } | Self::DocumentsDiffer { .. } => {
                "a document was changed after it was issued: compare it with what was sent and with a backup, and find out who could \
                 (docs/operations.md#what-is-issued-stays)"
            }
            Self::SeriesOfAnotherSeller { .. } | Self::SellerDiffers { .. } => {
                "an invoice is in the name or the series of the wrong seller: cancel its order, which credits it, and have it ordered again \
                 (docs/operations.md#auditfound)"
            }
            Self::NumberTwice { .. } | Self::PrintedTwice { .. } => {
                "two documents have one number, which no constraint allows: see which of them was sent, and what was done to the table \
                 (docs/operations.md#auditfound)"
            }
        }
    }
}

const PARKED: &str = "parked events wait until their cause is corrected and they are retried, on the console's page Dead letters or with SQL \
                      (docs/troubleshooting.md#parked-events)";

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn dead_letters_are_named_only_where_a_message_can_be_missing() {
        let (order, invoice) = (Uuid::nil(), Uuid::nil());
        let lacks = |event| Finding::OrderWithoutInvoice { order, event };
        let gap = Finding::NumberGap { series: "2026".to_owned(), first: 3, last: 4 };
        let counter = Finding::CounterDiffers { series: "2026".to_owned(), counter: None, highest: 4 };
        for (finding, words) in [
            (lacks(Whereabouts::Delivered), "waybill dead-letters list"),
            (lacks(Whereabouts::Outbox), "/readyz"),
            (lacks(Whereabouts::Parked), "#parked-events"),
            (gap, "#the-invoices-database-came-back-older"),
            (counter, "#the-invoices-database-came-back-older"),
            (Finding::DuplicateInvoice { order, invoice }, "GET /orders/ID"),
            (Finding::InvoiceWithoutOrder { invoice, order }, "#the-orders-database-came-back-older"),
        ] {
            let step = finding.next_step();
            assert!(step.contains(words), "{finding}: {step}");
            // A release has no folder `docs`.
            assert!(!step.contains("(docs/"), "{step}");
            assert_eq!(step.contains('#'), step.contains("(https://"), "{step}");
            assert_eq!(
                step.contains("dead-letters"),
                finding == lacks(Whereabouts::Delivered),
                "{finding}: {step}"
            );
        }
    }

    #[test]
    fn every_section_that_is_named_is_in_the_documents() {
        let parts = include_str!("next.rs").split("(docs/").skip(1);
        let names = parts.filter_map(|part| part.split_once(')')?.0.split_once('#'));
        let mut count = 0;
        for (file, section) in names {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(file);
            let page = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
            let headings = page.lines().filter(|line| line.starts_with('#'));
            let mut sections =
                headings.map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-"));
            assert!(sections.any(|it| it == section), "{file}#{section}");
            count += 1;
        }
        assert!(count > 5, "{count} sections are named");
    }
}
