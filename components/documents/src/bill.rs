//! The billed lines and their sums.

use waybill_contracts::{Line, taxes_by_rate};

/// Lines and their sums, in minor units of the document's currency. The sums agree: the lines' net amounts sum up to `net`, the
/// taxes to `tax`, and both to `total`, the order's amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// At least one.
    pub lines: Vec<BillLine>,
    /// The lines of each rate, summed up; the lowest rate first.
    pub taxes: Vec<RateSum>,
    /// Without tax.
    pub net: i64,
    /// The tax.
    pub tax: i64,
    /// With tax.
    pub total: i64,
}

/// One line of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillLine {
    /// What is sold; `None` for a line that bills the whole order.
    pub item: Option<Item>,
    /// Number of pieces.
    pub quantity: i64,
    /// Price of one piece, without tax.
    pub unit_price: i64,
    /// Price of all pieces, without tax.
    pub net: i64,
    /// Basis points: 1900 is 19 %.
    pub rate_basis_points: i32,
}

/// What is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The seller's identifier (SKU); may be empty.
    pub sku: String,
    /// Description; never empty.
    pub description: String,
}

/// The lines of one tax rate, summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateSum {
    /// Basis points: 1900 is 19 %.
    pub rate_basis_points: i32,
    /// Without tax.
    pub net: i64,
    /// The tax on that sum, rounded once.
    pub tax: i64,
}

impl Bill {
    /// The bill of an order with these lines and this amount.
    ///
    /// An event may have an amount and no lines: such an order is billed as one line over the amount, without tax. So is one
    /// whose lines cannot be billed. Events with such lines are rejected now; an invoice from before that rule keeps the
    /// documents that it was issued with.
    pub fn of(amount: i64, lines: &[Line]) -> Self {
        Self::of_lines(lines).filter(|bill| bill.total == amount).unwrap_or_else(|| Self::of_amount(amount))
    }

    /// `None` if a line cannot be billed or the sums are too large.
    fn of_lines(lines: &[Line]) -> Option<Self> {
        // Lines are checked first: the sums of billable lines do not overflow.
        let billed: Vec<BillLine> = lines.iter().map(BillLine::of).collect::<Option<_>>()?;
        let taxes = taxes_by_rate(lines)
            .map(|sum| {
                Some(RateSum {
                    rate_basis_points: sum.rate_basis_points,
                    net: sum.net.try_into().ok()?,
                    tax: sum.tax.try_into().ok()?,
                })
            })
            .collect::<Option<Vec<_>>>()?;
        let sum = |of: fn(&RateSum) -> i64| taxes.iter().map(of).try_fold(0_i64, i64::checked_add);
        let (net, tax) = (sum(|rate| rate.net)?, sum(|rate| rate.tax)?);
        let total = net.checked_add(tax)?;
        (!billed.is_empty()).then_some(Self { lines: billed, taxes, net, tax, total })
    }

    fn of_amount(amount: i64) -> Self {
        let line =
            BillLine { item: None, quantity: 1, unit_price: amount, net: amount, rate_basis_points: 0 };
        let taxes = vec![RateSum { rate_basis_points: 0, net: amount, tax: 0 }];
        Self { lines: vec![line], taxes, net: amount, tax: 0, total: amount }
    }

    /// Every amount that is a sum, not a price.
    pub fn amounts(&self) -> impl Iterator<Item = i64> {
        let of_rates = self.taxes.iter().flat_map(|rate| [rate.net, rate.tax]);
        let of_lines = self.lines.iter().map(|line| line.net);
        of_rates.chain(of_lines).chain([self.net, self.tax, self.total])
    }
}

impl BillLine {
    fn of(line: &Line) -> Option<Self> {
        let Line { sku, description, quantity, unit_price, tax_rate_basis_points } = line;
        let (sku, words) = (sku.trim(), description.trim());
        let name = [words, sku].into_iter().find(|text| !text.is_empty())?;
        let is_billable = *quantity >= 1 && *unit_price >= 0 && (0..=10_000).contains(tax_rate_basis_points);
        Some(Self {
            item: Some(Item { sku: sku.to_owned(), description: name.to_owned() }),
            quantity: *quantity,
            unit_price: *unit_price,
            net: quantity.checked_mul(*unit_price).filter(|_| is_billable)?,
            rate_basis_points: *tax_rate_basis_points,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::line;

    #[test]
    fn lines_that_sum_up_to_the_amount_are_billed() {
        let lines = [line("a", "A", 3, 1000, 1900), line("b", " ", 1, 999, 700), line("", "C", 1, 0, 0)];
        let bill = Bill::of(4639, &lines);
        assert_eq!((bill.lines.len(), bill.net, bill.tax, bill.total), (3, 3999, 640, 4639));
        assert_eq!(bill.taxes[1], RateSum { rate_basis_points: 700, net: 999, tax: 70 });
        // An item without a description is shown by its identifier.
        let names: Vec<_> = bill.lines.iter().flat_map(|line| &line.item).collect();
        assert_eq!(names[1], &Item { sku: "b".into(), description: "b".into() });
        assert_eq!(names[2], &Item { sku: String::new(), description: "C".into() });
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
            let bill = Bill::of(5000, &lines);
            assert_eq!((bill.lines.len(), bill.net, bill.tax, bill.total), (1, 5000, 0, 5000), "{lines:?}");
            assert_eq!((bill.lines[0].item.as_ref(), bill.lines[0].quantity), (None, 1));
        }
    }
}
