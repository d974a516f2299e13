//! What the audit reports.

use std::fmt::{self, Write as _};

use serde::Serialize;
use uuid::Uuid;

/// A difference that the audit reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Finding {
    /// An order older than the grace time has no invoice.
    OrderWithoutInvoice {
        order: Uuid,
        /// Where its event is.
        event: Whereabouts,
    },
    /// An invoice is for an order that does not exist.
    InvoiceWithoutOrder {
        invoice: Uuid,
        /// The order that it names.
        order: Uuid,
    },
    /// An order has more than one invoice.
    DuplicateInvoice {
        order: Uuid,
        /// The second invoice, or a further one.
        invoice: Uuid,
    },
    /// An invoice has another amount than its order.
    AmountDiffers {
        order: Uuid,
        invoice: Uuid,
        /// Minor units and currency.
        ordered: String,
        /// Minor units and currency.
        invoiced: String,
    },
    /// An invoice has another state than its order, which changed before the grace time.
    StateDiffers {
        order: Uuid,
        invoice: Uuid,
        /// The order's state: `pending`, `paid` or `canceled`.
        ordered: String,
        /// The state on the invoice; `canceled` if it is credited.
        invoiced: String,
        /// Where the event of the change is.
        event: Whereabouts,
    },
    /// Numbers are missing in a series.
    NumberGap {
        series: String,
        /// The first number that is missing.
        first: i64,
        last: i64,
    },
    /// Two invoices have one number.
    NumberTwice {
        series: String,
        number: i64,
        /// The second invoice of this number, or a further one.
        invoice: Uuid,
    },
    /// Two invoices or two credit notes print one number.
    PrintedTwice {
        printed: String,
        /// The last of them.
        document: Uuid,
    },
    /// A document has a number of another seller's series.
    SeriesOfAnotherSeller {
        series: String,
        number: i64,
        /// The invoice or credit note.
        document: Uuid,
        /// The seller of its invoice.
        seller: String,
    },
    /// An invoice was issued by another seller than its order names.
    SellerDiffers {
        order: Uuid,
        invoice: Uuid,
        /// The seller that the order names.
        ordered: String,
        /// The seller of the invoice.
        invoiced: String,
    },
    /// A document is not as it was issued, or the hash of the one before it is not the one that it follows.
    DocumentDiffers {
        series: String,
        number: i64,
        /// The number as it is printed.
        printed: String,
        /// The invoice or credit note.
        document: Uuid,
    },
    /// Of documents from before each had a hash of its own, one or more are not as they were.
    DocumentsDiffer {
        series: String,
        /// The first number of those that were hashed together.
        first: i64,
        last: i64,
    },
    /// The next number of a series would not follow its last one.
    CounterDiffers {
        series: String,
        /// The counter's value; `None` if the series has no counter.
        counter: Option<i64>,
        /// The highest number in use.
        highest: i64,
    },
    /// The relay parked an event after its last attempt.
    EventParked {
        event: Uuid,
        /// The order that it is about.
        order: Uuid,
        /// The error of the last attempt.
        error: String,
    },
}

/// Where the event of an order without invoice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// In the outbox, pending.
    Outbox,
    /// In the outbox, parked.
    Parked,
    /// Not in the outbox: delivered to a queue, a dead letter, or lost.
    Delivered,
}

impl Finding {
    /// The name in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::OrderWithoutInvoice { .. } => "order_without_invoice",
            Self::InvoiceWithoutOrder { .. } => "invoice_without_order",
            Self::DuplicateInvoice { .. } => "duplicate_invoice",
            Self::AmountDiffers { .. } => "amount_differs",
            Self::StateDiffers { .. } => "state_differs",
            Self::NumberGap { .. } => "number_gap",
            Self::NumberTwice { .. } => "number_twice",
            Self::PrintedTwice { .. } => "printed_twice",
            Self::SeriesOfAnotherSeller { .. } => "series_of_another_seller",
            Self::SellerDiffers { .. } => "seller_differs",
            Self::DocumentDiffers { .. } => "document_differs",
            Self::DocumentsDiffer { .. } => "documents_differ",
            Self::CounterDiffers { .. } => "counter_differs",
            Self::EventParked { .. } => "event_parked",
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrderWithoutInvoice { order, event } => {
                write!(out, "order {order} has no invoice; its event is {event}")
            }
            Self::InvoiceWithoutOrder { invoice, order } => {
                write!(out, "invoice {invoice} is for the order {order}, which does not exist")
            }
            Self::DuplicateInvoice { order, invoice } => {
                write!(out, "order {order} has another invoice: {invoice}")
            }
            Self::AmountDiffers { order, invoice, ordered, invoiced } => {
                write!(
                    out,
                    "order {order} has the amount {ordered}, but its invoice {invoice} has {invoiced}"
                )
            }
            Self::StateDiffers { order, invoice, ordered, invoiced, event } => {
                write!(
                    out,
                    "order {order} is {ordered}, but {invoiced} on its invoice {invoice}; the event is {event}"
                )
            }
            Self::NumberGap { series, first, last } if first == last => {
                write!(out, "series {series} lacks the number {first}")
            }
            Self::NumberGap { series, first, last } => {
                write!(out, "series {series} lacks the numbers {first} to {last}")
            }
            Self::NumberTwice { series, number, invoice } => {
                write!(out, "series {series} has the number {number} again on the invoice {invoice}")
            }
            Self::PrintedTwice { printed, document } => {
                write!(out, "the number {} is printed again on {document}", OneLine(printed))
            }
            Self::SeriesOfAnotherSeller { series, number, document, seller } => {
                let seller = OneLine(seller);
                write!(
                    out,
                    "{document} has the number {number} of series {series}, but its seller is {seller}"
                )
            }
            Self::SellerDiffers { order, invoice, ordered, invoiced } => {
                let (ordered, invoiced) = (OneLine(ordered), OneLine(invoiced));
                write!(
                    out,
                    "order {order} names the seller {ordered}, but its invoice {invoice} is by {invoiced}"
                )
            }
            Self::DocumentDiffers { series, number, printed, document } => {
                write!(
                    out,
                    "{} ({document}, number {number} of series {series}) is not as it was issued; put it back from a backup, see \
                     \"What is issued stays\" in docs/operations.md",
                    OneLine(printed)
                )
            }
            Self::DocumentsDiffer { series, first, last } => {
                write!(
                    out,
                    "among the numbers {first} to {last} of series {series}, a document is not as it was issued; compare them with a \
                     backup, see \"What is issued stays\" in docs/operations.md"
                )
            }
            Self::CounterDiffers { series, counter: None, highest } => {
                write!(out, "series {series} has no counter, but its highest number is {highest}")
            }
            Self::CounterDiffers { series, counter: Some(counter), highest } => {
                write!(
                    out,
                    "the counter of series {series} is {counter}, but its highest number is {highest}"
                )
            }
            Self::EventParked { event, order, error } => {
                write!(out, "event {event} of order {order} is parked: {}", OneLine(error))
            }
        }
    }
}

/// Text from outside as one line without control characters.
struct OneLine<'a>(&'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| out.write_char(if c.is_control() { ' ' } else { c }))
    }
}

impl fmt::Display for Whereabouts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Outbox => "in the outbox, pending",
            Self::Parked => "in the outbox, parked",
            Self::Delivered => "not in the outbox: in a queue, a dead letter, or lost",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_is_one_line_whatever_an_error_says() {
        let error = "first\nsecond\u{1b}[31m\u{9b}0m".to_owned();
        let finding = Finding::EventParked { event: Uuid::nil(), order: Uuid::nil(), error };
        let text = finding.to_string();
        assert!(text.ends_with("is parked: first second [31m 0m"), "{text}");
    }

    #[test]
    fn a_finding_is_known_by_its_kind_in_json() {
        let finding = Finding::OrderWithoutInvoice { order: Uuid::nil(), event: Whereabouts::Delivered };
        let json = serde_json::json!(finding);
        assert_eq!(json["kind"], finding.kind());
        assert_eq!(json["order"], Uuid::nil().to_string());
        assert_eq!(json["event"], "delivered");
    }
}
