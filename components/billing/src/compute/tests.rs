use waybill_contracts::TaxCategory::{AE, G, K, O, Z};
use waybill_contracts::{Allowance, Decimal, LineAllowance, TaxCategory};

use super::*;
use crate::bill::{BilledLine, Price};
use crate::{Destination, TaxSum};

mod components;

fn line(quantity: &str, unit_price: &str, rate: i32) -> Line {
    Line {
        sku: "a".into(),
        description: "A".into(),
        quantity: quantity.parse().unwrap(),
        unit_price: unit_price.parse().unwrap(),
        tax_rate_basis_points: rate,
        ..Line::default()
    }
}

fn gross() -> InvoiceDetails {
    InvoiceDetails { prices_include_tax: true, ..InvoiceDetails::default() }
}

fn allowance(amount: i64, rate: i32) -> Allowance {
    Allowance { amount, reason: "Shipping".into(), tax_rate_basis_points: rate, ..Allowance::default() }
}

fn to(country: &str) -> Destination {
    Destination { country: country.into(), zip_code: None }
}

/// A German seller and a buyer with a VAT identifier.
fn parties() -> Parties {
    Parties {
        vat_id: Some("DE136695976".into()),
        buyer_vat_id: Some("FR40303265045".into()),
        destination: Some(to("FR")),
        ..Parties::default()
    }
}

fn billed(lines: &[Line], details: &InvoiceDetails) -> Bill {
    bill(total(lines, details).unwrap(), "EUR", lines, details, &parties()).unwrap()
}

fn sums(bill: &Bill) -> (i64, i64, i64) {
    (bill.net, bill.tax, bill.total)
}

#[test]
fn tax_is_rounded_half_up_on_the_sum_of_a_rate() {
    for (lines, expected) in [
        (vec![line("3", "33", 1900)], (99, 19, 118)),
        (vec![line("1", "1", 1900); 7], (7, 1, 8)),
        (vec![line("1", "50", 100), line("1", "10", 2550), line("1", "1", 5000)], (61, 5, 66)),
        (vec![line("1.5", "8000", 1900)], (12_000, 2280, 14_280)),
        (vec![line("0.25", "1999", 700)], (500, 35, 535)),
        (vec![line("1", "10000", 1900), line("-1", "1000", 1900)], (9000, 1710, 10_710)),
        (vec![line("3500", "28.75", 1900)], (100_625, 19_119, 119_744)),
        (
            vec![line("1000000000", "7569075", 1900)],
            (7_569_075_000_000_000, 1_438_124_250_000_000, 9_007_199_250_000_000),
        ),
    ] {
        assert_eq!(sums(&billed(&lines, &InvoiceDetails::default())), expected, "{lines:?}");
    }
}

#[test]
fn a_price_with_tax_comes_out_as_it_is() {
    let bill = billed(&[line("1", "999", 1900)], &gross());
    assert_eq!(sums(&bill), (839, 160, 999));
    assert_eq!(bill.lines[0].price, Price { amount: 839.into(), per: Decimal::ONE });
    for price in 1..=10_000 {
        for rate in [700, 1000, 1900, 2000, 2100, 2500, 2550] {
            assert_eq!(total(&[line("1", &price.to_string(), rate)], &gross()), Some(price));
        }
    }
}

#[test]
fn net_prices_of_gross_prices_multiply_to_the_net_amount() {
    for (quantity, price) in
        [("3", "999"), ("7", "1"), ("0.333333", "1999"), ("1000000", "999"), ("-3", "999")]
    {
        let lines = [line(quantity, price, 1900), line("100000000", "999", 1900)];
        for BilledLine { quantity, price, net, .. } in billed(&lines, &gross()).lines {
            let exact = quantity.times(price.amount).filter(|_| price.per == Decimal::ONE);
            let is_whole = price.per == quantity.abs() && price.amount.integer() == Some(net.abs());
            assert!(exact == Some(net) || is_whole, "{quantity} at {price:?} is {net}");
        }
    }
}

#[test]
fn allowances_and_charges_are_taxed() {
    let discounted = Line {
        allowances: vec![LineAllowance { amount: 500, reason: "Discount".into() }],
        charges: vec![LineAllowance { amount: 100, reason: "Engraving".into() }],
        ..line("2", "5000", 1900)
    };
    let details = InvoiceDetails {
        allowances: vec![allowance(1000, 1900)],
        charges: vec![allowance(490, 1900)],
        ..InvoiceDetails::default()
    };
    let bill = billed(std::slice::from_ref(&discounted), &details);
    assert_eq!(bill.lines[0].net, 9600);
    assert_eq!((bill.line_total, bill.allowance_total, bill.charge_total), (9600, 1000, 490));
    assert_eq!(sums(&bill), (9090, 1727, 10_817));

    let details = InvoiceDetails { prices_include_tax: true, ..details };
    let bill = billed(&[discounted], &details);
    assert_eq!(bill.total, 9090);
    assert_eq!(bill.line_total - bill.allowance_total + bill.charge_total, bill.net);
    let of_line = &bill.lines[0];
    let price = of_line.quantity.times(of_line.price.amount).unwrap();
    assert_eq!(price - of_line.allowances[0].net + of_line.charges[0].net, of_line.net);
}

#[test]
fn a_category_has_its_reason() {
    let with = |category| Line { tax_category: Some(category), ..line("1", "10000", 0) };
    for (category, code) in [
        (TaxCategory::AE, Some("VATEX-EU-AE")),
        (TaxCategory::K, Some("VATEX-EU-IC")),
        (TaxCategory::G, Some("VATEX-EU-G")),
        (TaxCategory::O, Some("VATEX-EU-O")),
        (TaxCategory::Z, None),
    ] {
        let parties = Parties { destination: Some(to(if category == G { "US" } else { "FR" })), ..parties() };
        let bill = bill(10_000, "EUR", &[with(category)], &InvoiceDetails::default(), &parties).unwrap();
        let sum = &bill.taxes[0];
        assert_eq!((sum.category, sum.tax, sum.exemption_reason_code.as_deref()), (category, 0, code));
        assert_eq!(bill.lines[0].category, category);
    }
    let exempt = Line { exemption_reason_code: Some("VATEX-EU-132-1I".into()), ..with(TaxCategory::E) };
    let sum = billed(&[exempt, line("1", "1", 0)], &InvoiceDetails::default()).taxes;
    assert_eq!((sum[0].category, sum[1].category), (TaxCategory::Z, TaxCategory::E));
    assert_eq!(sum[1].exemption_reason_code.as_deref(), Some("VATEX-EU-132-1I"));
}

#[test]
fn a_seller_who_is_exempt_charges_no_tax() {
    let reason = "Kleinunternehmer, § 19 UStG";
    let seller = Parties {
        exemption_reason: Some(reason.into()),
        amount_tax_rate_basis_points: Some(1900),
        ..Parties::default()
    };
    let details = InvoiceDetails::default();
    for lines in [vec![], vec![line("1", "5000", 0)]] {
        let bill = bill(5000, "EUR", &lines, &details, &seller).unwrap();
        assert_eq!((bill.taxes[0].category, bill.tax), (TaxCategory::E, 0));
        assert_eq!(bill.taxes[0].exemption_reason.as_deref(), Some(reason));
    }
    let own = Line { exemption_reason: Some("§ 4 Nr. 21 UStG".into()), ..line("1", "2000", 0) };
    let both = bill(5000, "EUR", &[line("1", "3000", 0), own], &details, &seller).unwrap();
    assert_eq!(both.taxes[0].exemption_reason, Some(format!("{reason}; § 4 Nr. 21 UStG")));
    let coded = Line { exemption_reason_code: Some("VATEX-EU-132-1I".into()), ..line("1", "2000", 0) };
    let coded = bill(5000, "EUR", &[line("1", "3000", 0), coded], &details, &seller).unwrap();
    let TaxSum { exemption_reason, exemption_reason_code, .. } = &coded.taxes[0];
    assert_eq!((exemption_reason.as_deref(), exemption_reason_code), (Some(reason), &None));
    let fault = bill(5950, "EUR", &[line("1", "5000", 1900)], &details, &seller).unwrap_err();
    assert_eq!(fault.to_string(), "lines[0].taxRateBasisPoints must be 0: the seller is exempt from tax");
}

#[test]
fn an_amount_includes_the_tax_that_the_seller_has_set() {
    let details = InvoiceDetails::default();
    let seller = Parties { amount_tax_rate_basis_points: Some(1900), ..parties() };
    assert_eq!(sums(&bill(5000, "EUR", &[], &details, &seller).unwrap()), (4202, 798, 5000));
    let unstated = bill(5000, "EUR", &[], &details, &parties()).unwrap();
    assert_eq!(sums(&unstated), (5000, 0, 5000));
    assert!(unstated.taxes[0].is_unstated);
}

#[test]
fn an_order_that_the_parties_do_not_allow_is_refused() {
    let with = |category| Line { tax_category: Some(category), ..line("1", "10000", 0) };
    let no_buyer = Parties { buyer_vat_id: None, ..parties() };
    let no_seller = Parties { vat_id: None, ..parties() };
    let nowhere = Parties { destination: None, ..parties() };
    let of_buyer = |vat_id: &str| Parties { buyer_vat_id: Some(vat_id.into()), ..parties() };
    let of_seller = |vat_id: &str| Parties { vat_id: Some(vat_id.into()), ..parties() };
    let delivered = |country: &str| Parties { destination: Some(to(country)), ..parties() };
    let placed = |country: &str, zip_code: &str| Parties {
        destination: Some(Destination { country: country.into(), zip_code: Some(zip_code.into()) }),
        buyer_vat_id: Some("XI980780684".into()),
        ..parties()
    };
    let exempt = Parties { exemption_reason: Some("§ 19 UStG".into()), ..parties() };

    for (category, parties, expected) in [
        (AE, &no_buyer, "needs the VAT identifier of the customer, or the company number"),
        (AE, &no_seller, "needs the VAT identifier or tax number of the seller"),
        (K, &no_buyer, "needs the VAT identifier of the customer"),
        (K, &nowhere, "needs the country of the delivery or of the customer"),
        (K, &no_seller, "needs the VAT identifier of the seller"),
        (
            K,
            &of_seller("CHE116281710MWST"),
            "must not be K: the seller's VAT identifier is not of a member state",
        ),
        (K, &of_seller("GB980780684"), "must not be K: the seller's VAT identifier is not of a member state"),
        (K, &of_buyer("GB980780684"), "needs the customer's VAT identifier of a member state"),
        (K, &of_buyer("US123456789"), "needs the customer's VAT identifier of a member state"),
        (K, &of_buyer("DE811907980"), "needs the customer's VAT identifier of another member state"),
        (K, &delivered("US"), "needs a delivery to a member state"),
        (K, &delivered("DE"), "needs a delivery to another member state"),
        (K, &placed("GB", "M1 1AE"), "needs a delivery to a member state"),
        (K, &placed("IT", "23041"), "needs a delivery to a member state"),
        (G, &nowhere, "needs the country of the delivery or of the customer"),
        (G, &no_seller, "needs the VAT identifier of the seller"),
        (G, &delivered("DE"), "needs a delivery to another country"),
        (G, &delivered("FR"), "needs a delivery to a country outside of the European Union"),
        (G, &placed("GB", "BT1 5GS"), "needs a delivery to a country outside of the European Union"),
        (G, &placed("IT", "23030"), "needs a delivery to a country outside of the European Union"),
        (Z, &exempt, "must be E or O, or left out: the seller is exempt from tax"),
        (K, &exempt, "must be E or O, or left out: the seller is exempt from tax"),
        (AE, &exempt, "must be E or O, or left out: the seller is exempt from tax"),
    ] {
        let fault = bill(10_000, "EUR", &[with(category)], &InvoiceDetails::default(), parties).unwrap_err();
        assert!(fault.to_string().starts_with(&format!("lines[0].taxCategory {expected}")), "{fault}");
    }
    let northern = Parties { destination: Some(to("GB")), ..of_buyer("XI980780684") };
    let by_numbers = Parties {
        tax_number: Some("12/345".into()),
        has_buyer_company_id: true,
        buyer_vat_id: None,
        vat_id: None,
        ..parties()
    };
    for (category, parties) in [
        (K, &northern),
        (K, &placed("GB", "BT1 5GS")),
        (K, &placed("IT", "23030")),
        (AE, &by_numbers),
        (G, &delivered("GB")),
        (G, &placed("GB", "M1 1AE")),
        (G, &placed("ES", "35001")),
        (G, &placed("IT", "23041")),
        (G, &Parties { destination: Some(to("DE")), ..of_seller("CHE116281710MWST") }),
        (O, &exempt),
    ] {
        bill(10_000, "EUR", &[with(category)], &InvoiceDetails::default(), parties).unwrap();
    }
    let charge = Allowance { tax_category: Some(Z), ..allowance(100, 0) };
    let charged = InvoiceDetails { charges: vec![charge], ..InvoiceDetails::default() };
    let fault = bill(10_100, "EUR", &[line("1", "10000", 0)], &charged, &exempt).unwrap_err();
    assert!(fault.to_string().starts_with("charges[0].taxCategory must be E or O"), "{fault}");
    let other_sum = bill(5000, "EUR", &[line("1", "10000", 1900)], &InvoiceDetails::default(), &parties());
    assert!(other_sum.unwrap_err().rule.ends_with("they sum up to 11900"));
}

#[test]
fn tax_is_given_in_the_sellers_currency() {
    let of = |currency: &str, rate: &str| InvoiceDetails {
        tax_currency: Some(TaxCurrency {
            currency: currency.into(),
            rate: rate.parse().unwrap(),
            source: "ECB, 2026-11-27".into(),
        }),
        ..InvoiceDetails::default()
    };
    let lines = [line("1", "10000", 1900)];
    for (from, currency, rate, expected) in [
        ("USD", "EUR", "0.92", 1748),
        ("USD", "JPY", "150.25", 2855),
        ("JPY", "EUR", "0.0061", 1159),
        // Of 19.00, in thousandths.
        ("USD", "BHD", "0.3765", 7154),
        ("USD", "KWD", "0.30723", 5837),
        ("BHD", "USD", "2.6596", 505),
    ] {
        let bill = bill(11_900, from, &lines, &of(currency, rate), &parties()).unwrap();
        assert_eq!(bill.accounting_tax.unwrap().tax, expected, "{from} {currency}");
    }
}

#[test]
fn any_lines_have_valid_sums_or_are_refused() {
    let most = line("9007199254740991", "9007199254740991", 10_000);
    assert_eq!(total(&vec![most; 5], &InvoiceDetails::default()), None);
    assert_eq!(total(&vec![line("1000000000", "9007199", 10_000); 200], &InvoiceDetails::default()), None);
    assert_eq!(total(&[], &InvoiceDetails::default()), None);
    assert_eq!(total(&[line("1", "0", 1900)], &InvoiceDetails::default()), None);
    assert_eq!(total(&[line("-1", "100", 1900)], &InvoiceDetails::default()), None);
    assert_eq!(total(&[line("1", "9007199254740991", 0)], &InvoiceDetails::default()), Some(MAX_AMOUNT));
    assert_eq!(total(&[line("1", "9007199254740991", 1)], &InvoiceDetails::default()), None);
}

#[test]
fn a_bill_is_kept_as_json() {
    let details = InvoiceDetails { charges: vec![allowance(490, 1900)], ..gross() };
    let bill = billed(&[line("3", "999", 1900), line("0.5", "10.5", 0)], &details);
    let json = serde_json::to_string(&bill).unwrap();
    assert_eq!(serde_json::from_str::<Bill>(&json).unwrap(), bill);
}
