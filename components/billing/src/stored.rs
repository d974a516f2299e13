//! Bills of invoices that were issued before a bill was kept with them.

use waybill_contracts::{Decimal, InvoiceDetails, Line, TaxCategory};

use crate::bill::{Bill, TaxSum};
use crate::{Parties, compute};

impl Bill {
    /// The bill of an invoice that was issued before its bill was kept with it, from its lines and its amount.
    ///
    /// Lines that cannot be billed, or that do not sum up to the amount, were billed as one line over the amount, zero rated. Events
    /// with such lines are rejected now; an invoice from before that rule keeps the documents that it was issued with.
    pub fn of_stored_lines(amount: i64, lines: &[Line]) -> Self {
        let could_be_billed = |line: &Line| {
            let has_text = [&line.description, &line.sku].into_iter().any(|text| !text.trim().is_empty());
            let has_rate = (0..=10_000).contains(&line.tax_rate_basis_points);
            has_text && has_rate && line.quantity >= Decimal::ONE && !line.unit_price.is_negative()
        };
        let are_billable = !lines.is_empty() && lines.iter().all(could_be_billed);
        let bill = || compute::of_lines(lines, &InvoiceDetails::default(), &Parties::default());
        are_billable.then(bill).flatten().filter(|bill| bill.total == amount).unwrap_or_else(|| {
            let sum = TaxSum {
                category: TaxCategory::Z,
                rate_basis_points: 0,
                component: None,
                net: amount,
                tax: 0,
                exemption_reason: None,
                exemption_reason_code: None,
                is_unstated: false,
            };
            Self::of_one_line(amount, sum)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(sku: &str, description: &str, quantity: i64, unit_price: i64, rate: i32) -> Line {
        Line {
            sku: sku.to_owned(),
            description: description.to_owned(),
            quantity: quantity.into(),
            unit_price: unit_price.into(),
            tax_rate_basis_points: rate,
            ..Line::default()
        }
    }

    #[test]
    fn lines_that_sum_up_to_the_amount_are_billed() {
        let lines = [line("a", "A", 3, 1000, 1900), line("b", " ", 1, 999, 700), line("", "C", 1, 0, 0)];
        let bill = Bill::of_stored_lines(4639, &lines);
        assert_eq!((bill.lines.len(), bill.net, bill.tax, bill.total), (3, 3999, 640, 4639));
        assert_eq!((bill.taxes[1].rate_basis_points, bill.taxes[1].net, bill.taxes[1].tax), (700, 999, 70));
        // An item without a description is shown by its identifier.
        let names: Vec<_> =
            bill.lines.iter().flat_map(|line| &line.item).map(|item| &item.description).collect();
        assert_eq!(names, ["A", "b", "C"]);
    }

    #[test]
    fn an_amount_without_lines_that_fit_is_one_line() {
        let good = line("a", "A", 1, 100, 0);
        for lines in [
            vec![],
            vec![good.clone()],
            vec![line("a", "A", 0, 5000, 0)],
            vec![line("a", "A", -1, 0, 0), line("a", "A", 1, 5000, 0)],
            vec![line("a", "A", 1, -1, 0), line("a", "A", 1, 5001, 0)],
            vec![line("a", "A", 1, 10_000, -5000)],
            vec![line("", " ", 1, 5000, 0)],
            vec![line("a", "A", i64::MAX, i64::MAX, 10_000), good],
        ] {
            let bill = Bill::of_stored_lines(5000, &lines);
            assert_eq!((bill.lines.len(), bill.net, bill.tax, bill.total), (1, 5000, 0, 5000), "{lines:?}");
            assert_eq!((bill.lines[0].item.as_ref(), bill.lines[0].quantity), (None, Decimal::ONE));
            assert_eq!(bill.taxes[0].category, TaxCategory::Z);
        }
    }
}
