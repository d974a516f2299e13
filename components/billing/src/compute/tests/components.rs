//! Taxes by their own names. The right values are worked out by hand.

use waybill_contracts::TaxComponent;

use super::*;
use crate::faults;

mod gross;

fn tax(name: &str, rate: &str) -> TaxComponent {
    TaxComponent { name: name.into(), rate_basis_points: rate.parse().unwrap() }
}

fn gst() -> TaxComponent {
    tax("GST", "500")
}

/// British Columbia's.
fn pst() -> TaxComponent {
    tax("PST", "700")
}

/// Québec's, which has a rate between basis points.
fn qst() -> TaxComponent {
    tax("QST", "997.5")
}

fn taxed(quantity: &str, unit_price: &str, taxes: &[TaxComponent]) -> Line {
    Line { taxes: taxes.to_vec(), ..line(quantity, unit_price, 0) }
}

fn allowance_taxed(amount: i64, taxes: &[TaxComponent]) -> Allowance {
    Allowance { taxes: taxes.to_vec(), ..allowance(amount, 0) }
}

/// The name, net amount and tax of each sum.
fn of_names(bill: &Bill) -> Vec<(&str, i64, i64)> {
    let name = |sum: &'_ TaxSum| (sum.net, sum.tax);
    let named = bill.taxes.iter().map(|sum| (sum.component.as_ref(), name(sum)));
    named.map(|(component, (net, tax))| (component.map_or("", |it| it.name.as_str()), net, tax)).collect()
}

#[test]
fn each_tax_is_rounded_once_on_the_sum_of_what_bears_it() {
    let both = [gst(), pst()];
    for (lines, expected, total) in [
        (vec![taxed("1", "10000", &both)], vec![("GST", 10_000, 500), ("PST", 10_000, 700)], 11_200),
        // 9.975 is rounded up.
        (
            vec![taxed("1", "10000", &[gst(), qst()])],
            vec![("GST", 10_000, 500), ("QST", 10_000, 998)],
            11_498,
        ),
        // 19.99 × 8.875 % = 1.7741…
        (vec![taxed("1", "1999", &[tax("Sales tax", "887.5")])], vec![("Sales tax", 1999, 177)], 2176),
        // 0.99 × 5 % = 0.0495 and 0.99 × 7 % = 0.0693; by line it would be three times 0.02.
        (vec![taxed("1", "33", &both); 3], vec![("GST", 99, 5), ("PST", 99, 7)], 111),
        // 0.07 × 9.975 % = 0.0069…; by line it would be nothing.
        (vec![taxed("1", "1", &[qst()]); 7], vec![("QST", 7, 1)], 8),
        // A book bears GST only.
        (
            vec![taxed("1", "10000", &both), taxed("2", "2500", &[gst()])],
            vec![("GST", 15_000, 750), ("PST", 10_000, 700)],
            16_450,
        ),
        // A return.
        (
            vec![taxed("1", "10000", &both), taxed("-1", "1000", &both)],
            vec![("GST", 9000, 450), ("PST", 9000, 630)],
            10_080,
        ),
        // -0.30 × 5 % = -0.015, whose half is rounded away from zero.
        (
            vec![taxed("1", "10000", &[tax("HST", "1300")]), taxed("-1", "30", &[gst()])],
            vec![("HST", 10_000, 1300), ("GST", -30, -2)],
            11_268,
        ),
        // One name with two rates is two taxes: they cannot be summed.
        (
            vec![taxed("1", "10000", &[tax("HST", "1300")]), taxed("1", "10000", &[tax("HST", "1500")])],
            vec![("HST", 10_000, 1300), ("HST", 10_000, 1500)],
            22_800,
        ),
        // A name is the same in any case.
        (
            vec![
                taxed("1", "10", &[gst()]),
                taxed("1", "10", &[tax("GST ", "500")]),
                taxed("1", "10", &[tax("gst", "500")]),
            ],
            vec![("GST", 30, 2)],
            32,
        ),
        // Food without tax has the category Z; it comes first.
        (
            vec![taxed("1", "10000", &both), line("1", "2000", 0)],
            vec![("", 2000, 0), ("GST", 10_000, 500), ("PST", 10_000, 700)],
            13_200,
        ),
    ] {
        let bill = billed(&lines, &InvoiceDetails::default());
        assert_eq!((of_names(&bill), bill.total), (expected, total), "{lines:?}");
        assert_eq!(bill.net + bill.tax, bill.total);
        assert_eq!(bill.net, bill.line_total);
    }
}

#[test]
fn allowances_and_charges_of_the_document_bear_the_taxes_that_they_name() {
    let both = [gst(), pst()];
    let details = InvoiceDetails {
        allowances: vec![allowance_taxed(1000, &both)],
        charges: vec![allowance_taxed(500, &[gst()])],
        ..InvoiceDetails::default()
    };
    let bill = billed(&[taxed("1", "10000", &both)], &details);
    // GST on 95.00 and PST on 90.00.
    assert_eq!(of_names(&bill), [("GST", 9500, 475), ("PST", 9000, 630)]);
    assert_eq!(sums(&bill), (9500, 1105, 10_605));
    assert_eq!((bill.allowances[0].taxes.len(), bill.charges[0].taxes.len()), (2, 1));
}

#[test]
fn what_a_line_bears_is_kept_with_it() {
    let bill = billed(&[taxed("1", "10000", &[gst(), qst()])], &InvoiceDetails::default());
    let line = &bill.lines[0];
    assert_eq!((line.category, line.rate_basis_points), (TaxCategory::S, 0));
    assert_eq!(line.rate(), "1497.5".parse().unwrap());
    assert_eq!(line.taxes, [gst(), qst()]);
    let json = serde_json::to_string(&bill).unwrap();
    assert!(json.contains(r#""component":{"name":"QST","rateBasisPoints":997.5}"#), "{json}");
    assert_eq!(serde_json::from_str::<Bill>(&json).unwrap(), bill);
    // The bill of an order without taxes says nothing of them.
    let json = serde_json::to_string(&billed(&[super::line("1", "1", 1900)], &gross())).unwrap();
    assert!(!json.contains("component") && !json.contains(r#""taxes":[]"#), "{json}");
}

#[test]
fn the_tax_in_another_currency_is_that_of_all_taxes() {
    let details = InvoiceDetails {
        tax_currency: Some(TaxCurrency {
            currency: "CAD".into(),
            rate: "1.4".parse().unwrap(),
            source: "Bank of Canada, 2026-11-27".into(),
        }),
        ..InvoiceDetails::default()
    };
    let lines = [taxed("1", "10000", &[gst(), pst()])];
    let bill = bill(11_200, "USD", &lines, &details, &parties()).unwrap();
    assert_eq!(bill.accounting_tax.unwrap().tax, 1680);
}

#[test]
fn what_taxes_may_be_is_refused_by_field() {
    let both = [gst(), pst()];
    let good = || taxed("1", "10000", &both);
    let of = |line: Line, details: &InvoiceDetails| {
        let faults = faults("CAD", &[line, good()], details);
        faults.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let six: Vec<TaxComponent> = (0..6).map(|index| tax(&format!("T{index}"), "1")).collect();
    for (line, fault) in [
        (taxed("1", "1", &six), "lines[0].taxes must be at most 5"),
        (taxed("1", "1", &[gst(), tax("PST", "0")]), "lines[0].taxes[1].rateBasisPoints must be more than 0"),
        (taxed("1", "1", &[tax("PST", "-1")]), "lines[0].taxes[0].rateBasisPoints must be more than 0"),
        (taxed("1", "1", &[tax("PST", "10000.5")]), "lines[0].taxes[0].rateBasisPoints must be more than 0"),
        (
            taxed("1", "1", &[tax("A", "6000"), tax("B", "4000.5")]),
            "lines[0].taxes must be at most 10000 basis points together",
        ),
        (taxed("1", "1", &[gst(), tax("gst ", "700")]), "lines[0].taxes[1].name must not be repeated"),
        (
            Line { tax_rate_basis_points: 500, ..good() },
            "lines[0].taxRateBasisPoints must be 0 where there are taxes",
        ),
        (
            Line { tax_category: Some(TaxCategory::Z), ..good() },
            "lines[0].taxCategory must be left out, or S, where there are taxes",
        ),
        (
            Line { exemption_reason: Some("Exempt".into()), ..good() },
            "lines[0].exemptionReason must be left out where tax is charged",
        ),
        // A tax without a name would be VAT beside the others.
        (
            super::line("1", "10000", 500),
            "lines[0].taxRateBasisPoints must be 0 where others have taxes: say it in taxes",
        ),
    ] {
        let faults = of(line.clone(), &InvoiceDetails::default());
        assert!(faults.len() == 1 && faults[0].starts_with(fault), "{line:?}: {faults:?}");
    }
    for good in [good(), Line { tax_category: Some(TaxCategory::S), ..good() }, super::line("1", "100", 0)] {
        assert_eq!(of(good, &InvoiceDetails::default()), Vec::<String>::new());
    }
    for (charge, fault) in [
        (allowance_taxed(100, &[gst(), gst()]), "charges[0].taxes[1].name must not be repeated"),
        (
            Allowance { tax_rate_basis_points: 500, ..allowance_taxed(100, &both) },
            "charges[0].taxRateBasisPoints must be 0 where there are taxes",
        ),
        (
            allowance(100, 500),
            "charges[0].taxRateBasisPoints must be 0 where others have taxes: say it in taxes",
        ),
    ] {
        let details = InvoiceDetails { charges: vec![charge], ..InvoiceDetails::default() };
        let faults = of(good(), &details);
        assert!(faults.len() == 1 && faults[0].starts_with(fault), "{faults:?}");
    }
}

#[test]
fn a_seller_who_is_exempt_charges_no_taxes() {
    let seller = Parties { exemption_reason: Some("Small supplier".into()), ..Parties::default() };
    let lines = [taxed("1", "10000", &[gst()])];
    let fault = bill(10_500, "CAD", &lines, &InvoiceDetails::default(), &seller).unwrap_err();
    assert_eq!(fault.to_string(), "lines[0].taxes must be left out: the seller is exempt from tax");
    let details =
        InvoiceDetails { charges: vec![allowance_taxed(100, &[gst()])], ..InvoiceDetails::default() };
    let fault = bill(10_105, "CAD", &[line("1", "10000", 0)], &details, &seller).unwrap_err();
    assert_eq!(fault.to_string(), "charges[0].taxes must be left out: the seller is exempt from tax");
}

#[test]
fn rates_out_of_range_have_no_sum() {
    for rate in ["-10000", "0", "10001", "9007199254740991"] {
        let lines = [taxed("1", "100", &[tax("A", rate)])];
        assert_eq!(total(&lines, &gross()), None, "{rate}");
        assert_eq!(total(&lines, &InvoiceDetails::default()), None, "{rate}");
    }
    // The divisor of such a rate is 0.
    assert_eq!(total(&[line("1", "100", -10_000)], &gross()), None);
}

#[test]
fn the_largest_amounts_with_taxes_have_sums_or_none() {
    let most = taxed("9007199254740991", "9007199254740991", &[tax("A", "5000"), tax("B", "5000")]);
    assert_eq!(total(&vec![most; 5], &gross()), None);
    let large = taxed("1", "9007199254740991", &[qst()]);
    assert_eq!(total(std::slice::from_ref(&large), &gross()), Some(MAX_AMOUNT));
    assert_eq!(total(&[large], &InvoiceDetails::default()), None);
    let most = Line {
        charges: vec![LineAllowance { amount: MAX_AMOUNT, reason: "a".into() }; 50],
        ..taxed("1", "9007199254740991", &[tax("A", "9999.999999")])
    };
    assert_eq!(total(&vec![most; 200], &gross()), None);
}

#[test]
fn a_bill_from_before_is_read() {
    let json = r#"{"lines":[{"item":{"sku":"a","description":"A"},"quantity":1,"unitCode":"H87","price":{"amount":100},"net":100,"category":"S","rateBasisPoints":1900}],"charges":[{"net":100,"reason":"a","category":"S","rateBasisPoints":1900}],"taxes":[{"category":"S","rateBasisPoints":1900,"net":200,"tax":38}],"lineTotal":100,"allowanceTotal":0,"chargeTotal":100,"net":200,"tax":38,"total":238}"#;
    let bill: Bill = serde_json::from_str(json).unwrap();
    assert_eq!((bill.lines[0].rate(), bill.taxes[0].rate()), (1900.into(), 1900.into()));
    assert_eq!(bill.components().count(), 0);
    assert_eq!(serde_json::to_string(&bill).unwrap(), json);
}
