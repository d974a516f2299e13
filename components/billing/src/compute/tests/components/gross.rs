//! Prices that include the taxes.

use super::*;

#[test]
fn prices_with_taxes_come_out_as_they_are() {
    let both = [gst(), pst()];
    for (lines, expected) in [
        (vec![taxed("1", "11200", &both)], vec![("GST", 10_000, 500), ("PST", 10_000, 700)]),
        (vec![taxed("1", "11498", &[gst(), qst()])], vec![("GST", 10_000, 500), ("QST", 10_000, 998)]),
        (
            vec![taxed("1", "11200", &both), taxed("1", "10500", &[gst()])],
            vec![("GST", 20_000, 1000), ("PST", 10_000, 700)],
        ),
        // 100.00 / 1.12 = 89.2857…, of which GST is 4.464… and PST 6.25.
        (vec![taxed("1", "10000", &both)], vec![("GST", 8929, 446), ("PST", 8929, 625)]),
        (vec![taxed("1", "999", &[tax("VAT", "1900")])], vec![("VAT", 839, 160)]),
    ] {
        let bill = billed(&lines, &gross());
        assert_eq!(of_names(&bill), expected, "{lines:?}");
    }
}

#[test]
fn sums_of_prices_with_taxes_agree_for_any_lines() {
    let sets = [vec![gst()], vec![gst(), pst()], vec![gst(), qst()], vec![tax("Sales tax", "887.5")]];
    for price in (0..=1000).chain([9999, 123_456, 99_999_999]) {
        for (index, set) in sets.iter().enumerate() {
            let other = &sets[(index + 1) % sets.len()];
            let price_text = price.to_string();
            let lines = [
                taxed("1", &price_text, set),
                taxed("3", "7", other),
                taxed("1", "0", set),
                taxed("2", "1", set),
            ];
            let details = InvoiceDetails {
                allowances: vec![allowance_taxed(3, other)],
                charges: vec![allowance(1, 0)],
                ..gross()
            };
            let bill = billed(&lines, &details);
            assert_eq!(bill.total, price + 21 + 2 - 3 + 1, "{lines:?}");
            let of_lines: i64 = bill.lines.iter().map(|line| line.net).sum();
            assert_eq!(
                (of_lines, of_lines - bill.allowance_total + bill.charge_total),
                (bill.line_total, bill.net)
            );
            assert_eq!(bill.taxes.iter().map(|sum| sum.tax).sum::<i64>(), bill.tax);
            // What is free has no net amount.
            assert_eq!(bill.lines[2].net, 0, "{lines:?}");
            for sum in bill.taxes.iter().filter_map(|sum| Some((sum, sum.component.as_ref()?))) {
                let (TaxSum { net, tax, .. }, component) = sum;
                let exact = i128::from(*net) * i128::from(component.millionths().unwrap());
                let off = i128::from(*tax) * 10_000_000_000 - exact;
                // The net sum is rounded too, by at most a unit for each tax.
                assert!(off.abs() <= 8_000_000_000, "{lines:?}: {sum:?}");
            }
            for BilledLine { quantity, price, net, .. } in &bill.lines {
                let exact = quantity.times(price.amount).filter(|_| price.per == Decimal::ONE);
                let is_whole = price.per == quantity.abs() && price.amount.integer() == Some(net.abs());
                assert!(exact == Some(*net) || is_whole, "{quantity} at {price:?} is {net}");
            }
        }
    }
}

#[test]
fn a_line_with_prices_with_taxes_is_the_sum_of_its_parts() {
    let both = [gst(), pst()];
    let line = Line {
        allowances: vec![LineAllowance { amount: 99, reason: "Discount".into() }],
        charges: vec![LineAllowance { amount: 7, reason: "Engraving".into() }],
        ..taxed("3", "333", &both)
    };
    for rest in 1..=100 {
        let bill = billed(&[line.clone(), taxed("1", &rest.to_string(), &[gst()])], &gross());
        let of_line = &bill.lines[0];
        let whole = of_line.price.per == of_line.quantity;
        let of_price =
            if whole { of_line.price.amount.integer() } else { of_line.quantity.times(of_line.price.amount) };
        let parts = of_price.unwrap() - of_line.allowances[0].net + of_line.charges[0].net;
        assert_eq!(parts, of_line.net, "{rest}");
    }
}
