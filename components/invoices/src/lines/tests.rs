use serde_json::json;
use serde_json::value::RawValue;
use waybill_billing::Parties;

use crate::bill::Bill;
use crate::events::PlacedOrder;
use crate::events::tests::ID;
use crate::lines::beside;
use crate::seller::current_seller::CurrentSeller;
use crate::stored_document::StoredDocument;

mod blank;
mod taxes;
mod zero;

/// The document of an event over an amount with these further members, by a seller who charges tax.
fn document(amount: i64, members: &str) -> Result<StoredDocument, String> {
    document_by(Parties::default(), amount, members)
}

/// The same by a seller with what these parties say of the seller.
fn document_by(seller: Parties, amount: i64, members: &str) -> Result<StoredDocument, String> {
    let body = format!(r#"{{"orderId":"{ID}","amount":{amount},"customer":{{"id":"c"}}{members}}}"#);
    let seller = CurrentSeller::of(Parties { vat_id: Some("DE123456789".into()), ..seller });
    let json = PlacedOrder::read(body.as_bytes())?.document(&seller)?;
    Ok(serde_json::from_str(&json).unwrap())
}

fn line(sku: &str, description: &str, quantity: &str, unit_price: &str, rate: &str) -> String {
    format!(
        r#"{{"sku":"{sku}","description":"{description}","quantity":{quantity},"unitPrice":{unit_price},"taxRateBasisPoints":{rate}}}"#
    )
}

fn lines(lines: &[String]) -> String {
    format!(r#","lines":[{}]"#, lines.join(","))
}

#[test]
fn lines_that_can_be_billed_are_taken_and_billed_as_they_are() {
    for (sku, description) in [("a", "A"), ("a", ""), ("", "A")] {
        let stored = document(3570, &lines(&[line(sku, description, "3", "1000", "1900")])).unwrap();
        assert_eq!((stored.bill.net, stored.bill.tax), (3000, 570), "{sku} {description}");
    }
    let returned = [line("a", "Ware", "1", "10000", "1900"), line("a", "Rabatt", "-1", "1000", "1900")];
    let stored = document(10_710, &lines(&returned)).unwrap();
    assert_eq!((stored.bill.net, stored.bill.tax, stored.bill.lines[1].net), (9000, 1710, -1000));
    let gross = format!(r#"{},"pricesIncludeTax":true"#, lines(&[line("a", "A", "1", "999", "1900")]));
    assert_eq!(document(999, &gross).unwrap().bill.net, 839);
    // A due date is judged when the order is taken: an accepted order becomes an invoice, however late its event comes.
    let overdue = document(5000, r#","dueDate":"2020-01-31""#).unwrap();
    assert_eq!(overdue.details.due_date.as_deref(), Some("2020-01-31"));
}

#[test]
fn the_bill_is_shown_as_it_was_computed() {
    let shown = |amount, members: &str| {
        let StoredDocument { bill, details, .. } = document(amount, members).unwrap();
        serde_json::to_value(Bill::of(&bill, &details)).unwrap()
    };
    // 3 × 9.99 with tax is 25.18 without it.
    let gross = [line("a", "A", "3", "999", "1900"), line("b", "B", "1", "999", "700")];
    let members = lines(&gross)
        + r#","pricesIncludeTax":true,"prepayments":[{"amount":1000}],
            "allowances":[{"amount":119,"reason":"Treue","taxRateBasisPoints":1900}],
            "charges":[{"amount":107,"reason":"Porto","taxRateBasisPoints":700}]"#;
    assert_eq!(
        shown(3984, &members),
        json!({
            "lines": [
                {
                    "quantity": 3, "unitCode": "H87", "netPrice": 839.333_333, "priceQuantity": 1, "netAmount": 2518,
                    "taxCategory": "S", "taxRateBasisPoints": 1900,
                },
                {
                    "quantity": 1, "unitCode": "H87", "netPrice": 934, "priceQuantity": 1, "netAmount": 934,
                    "taxCategory": "S", "taxRateBasisPoints": 700,
                },
            ],
            "allowances": [
                { "netAmount": 100, "reason": "Treue", "taxCategory": "S", "taxRateBasisPoints": 1900 },
            ],
            "charges": [{ "netAmount": 100, "reason": "Porto", "taxCategory": "S", "taxRateBasisPoints": 700 }],
            "lineNetAmount": 3452, "allowanceNetAmount": 100, "chargeNetAmount": 100, "netAmount": 3452, "taxAmount": 532,
            "amount": 3984, "prepaidAmount": 1000, "amountDue": 2984,
        })
    );
    let hours = r#","lines":[{"sku":"","description":"Work","quantity":1.5,"unitCode":"HUR","unitPrice":9999.5,"taxRateBasisPoints":0,
        "allowances":[{"amount":99,"reason":"Treue"}],"charges":[{"amount":1,"reason":"Weg"}]}]"#;
    let shown_hours = shown(14_901, hours);
    assert_eq!(
        shown_hours["lines"],
        json!([{
            "quantity": 1.5, "unitCode": "HUR", "netPrice": 9999.5, "priceQuantity": 1,
            "allowances": [{ "netAmount": 99, "reason": "Treue" }], "charges": [{ "netAmount": 1, "reason": "Weg" }],
            "netAmount": 14901, "taxCategory": "Z", "taxRateBasisPoints": 0,
        }])
    );
    // The price of one has more decimals than there may be.
    let many = lines(&[line("a", "A", "30000000", "1", "1900")]) + r#","pricesIncludeTax":true"#;
    let many = shown(30_000_000, &many);
    let price = [&many["lines"][0]["netPrice"], &many["lines"][0]["priceQuantity"]];
    assert_eq!(price, [&json!(25_210_084), &json!(30_000_000)]);
    let of_amount = shown(5000, "");
    assert_eq!((&of_amount["lines"][0]["netAmount"], &of_amount["amountDue"]), (&json!(5000), &json!(5000)));
    assert_eq!(of_amount["lines"].as_array().unwrap().len(), 1);
}

#[test]
fn details_are_read_beside_the_lines_wherever_they_stand() {
    let lines = lines(&[line("a", "A", "1", "1000", "1900")]);
    for members in
        [format!(r#","note":"a","project":7{lines}"#), format!(r#"{lines},"note":"a","project":7"#)]
    {
        let details = document(1190, &members).unwrap().details;
        assert_eq!((details.note.as_deref(), details.project.as_deref()), (Some("a"), Some("7")));
    }
    // Behind more unknown members than are named, too.
    let unknown: Vec<String> = (0..20).map(|at| format!(r#""x{at}":1"#)).collect();
    let details = document(5000, &format!(r#",{},"note":"a""#, unknown.join(","))).unwrap().details;
    assert_eq!(details.note.as_deref(), Some("a"));
    let other: Box<RawValue> = serde_json::from_str("[1,2]").unwrap();
    assert_eq!(
        (beside(b"{}", &other), beside(other.get().as_bytes(), &other)),
        (None, Some(b"null".to_vec()))
    );
}

#[test]
fn lines_that_cannot_be_billed_are_rejected_with_the_reason() {
    let good = line("a", "A", "1", "1000", "1900");
    for (bad, amount, reason) in [
        (
            line("a", "\u{200b}", "1", "0", "0"),
            1190,
            "lines[1].description must be a string of 1 to 1000 characters, with a printable",
        ),
        (line("\u{200b}", "A", "1", "0", "0"), 1190, "lines[1].sku must be a string of 1 to 1000 characters"),
        (line("", "", "1", "0", "0"), 1190, "lines[1] must have a description or a sku"),
        (
            line("b", "B", "0", "0", "0"),
            1190,
            "lines[1].quantity must be from -1000000000 to 1000000000, and not 0",
        ),
        (line("b", "B", "1", "-190", "0"), 1000, "lines[1].unitPrice must be 0 or more"),
        (line("b", "B", "1", "100", "-1"), 1290, "lines[1].taxRateBasisPoints must be from 0 to 10000"),
        (line("b", "B", "1", "1", "0"), 1190, "they sum up to 1191"),
        (
            line("b", "B", "1000000000", "9007199254740991", "10000"),
            1190,
            "lines must sum up, with tax, to 1 to",
        ),
    ] {
        let error = document(amount, &lines(&[good.clone(), bad])).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
    // 3 × 0.33 with 0.18, as tax that is rounded line by line gives; rounded on their sum it is 0.19.
    let rounded_by_line = vec![line("a", "A", "1", "33", "1900"); 3];
    assert!(document(117, &lines(&rounded_by_line)).unwrap_err().ends_with("they sum up to 118"));
    assert!(document(1, &lines(&vec![good; 201])).unwrap_err().contains("at most 200"));
}

#[test]
fn what_a_document_cannot_say_is_rejected_with_the_reason() {
    let reverse = r#","taxCategory":"AE"}"#;
    let reverse = line("a", "A", "1", "5000", "0").replace('}', reverse);
    let export = line("a", "A", "1", "5000", "0").replace('}', r#","taxCategory":"G"}"#);
    for (members, reason) in [
        (lines(&[export]), "lines[0].taxCategory needs the country of the delivery or of the customer"),
        (lines(&[reverse]), "lines[0].taxCategory needs the VAT identifier of the customer"),
        (r#","note":"a\u0007""#.to_owned(), "note must be a string of 1 to 1000 characters"),
        (r#","dueDate":"2026-02-30""#.to_owned(), "dueDate must be a date"),
        (
            r#","prepayments":[{"amount":5001}]"#.to_owned(),
            "prepayments must sum up to at most the amount, 5000",
        ),
        (
            r#","prepayments":[{"amount":1,"date":"soon"}]"#.to_owned(),
            "the date of a prepayment must be a date",
        ),
        (
            r#","cashDiscounts":[{"days":0,"rateBasisPoints":1}]"#.to_owned(),
            "cashDiscounts[0].days must be from 1",
        ),
        (r#","delivery":{"country":"Germany"}"#.to_owned(), "delivery.country must be the ISO 3166-1 code"),
        (
            r#","delivery":{"locationId":"a\u0007"}"#.to_owned(),
            "delivery.locationId must be a string of 1 to 1000 characters",
        ),
        (
            r#","pricesIncludeTax":true"#.to_owned(),
            "pricesIncludeTax must be left out of an order without lines",
        ),
        (
            r#","pricesIncludeTax":"yes""#.to_owned(),
            "the details of the invoice must be as their contract says",
        ),
        (
            r#","taxCurrency":{"currency":"euro","rate":1,"source":"ECB"}"#.to_owned(),
            "taxCurrency must be left out of an order without lines",
        ),
    ] {
        let error = document(5000, &members).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn an_amount_without_lines_states_no_tax_unless_the_seller_has_a_rate_for_it() {
    let stored = document(5000, "").unwrap();
    assert!(stored.bill.taxes[0].is_unstated);
    assert_eq!((stored.bill.net, stored.bill.tax, stored.bill.total), (5000, 0, 5000));
}

#[test]
fn informative_members_of_other_types_are_ignored() {
    let members = r#","note":"","project":17,"delivery":"express","contract":{},"dueDate":null,"charges":null,"allowances":null,
        "pricesIncludeTax":null,"taxCurrency":null"#;
    let stored = document(5000, members).unwrap();
    // A number is the buyer's or the seller's own, however it is written.
    let named = waybill_contracts::InvoiceDetails { project: Some("17".into()), ..Default::default() };
    assert_eq!(stored.details, named);
    assert_eq!(document(5000, r#","lines":null"#).unwrap().bill.lines.len(), 1);
    // A scheme by itself says nothing, and neither does a blank identifier. One that its scheme does not allow is kept without it.
    for (members, id, scheme) in [
        (r#""locationId":" ","locationIdScheme":"0088""#, None, None),
        (r#""locationId":{},"locationIdScheme":"0088""#, None, None),
        (r#""locationId":4012345678901,"locationIdScheme":88"#, Some("4012345678901"), None),
        (r#""locationId":4012345678901,"locationIdScheme":"0088""#, Some("4012345678901"), Some("0088")),
        (r#""locationId":"4012345678900","locationIdScheme":"0088""#, Some("4012345678900"), None),
        (r#""locationId":"1","locationIdScheme":"GLN""#, Some("1"), None),
    ] {
        let other = format!(r#","project":17,"delivery":{{{members}}}"#);
        let delivery = document(5000, &other).unwrap().details.delivery.unwrap();
        let found = (delivery.location_id.as_deref(), delivery.location_id_scheme.as_deref());
        assert_eq!(found, (id, scheme), "{members}");
    }
    // Of a payment, other producers say whatever they know.
    for payment in [
        r#""card""#,
        "null",
        "{}",
        r#"{"status":"paid"}"#,
        r#"{"card":"visa"}"#,
        r#"{"card":{"lastDigits":"42"}}"#,
        r#"{"code":"visa"}"#,
        r#"{"code":"58"}"#,
        r#"{"code":"10","text":"a\nb"}"#,
        r#"{"accounts":[{"iban":"DE0"}]}"#,
        r#"{"accounts":[{"name":"Main"}]}"#,
        r#"{"accounts":[{"accountNumber":"DE02120300000000202051"}]}"#,
        r#"{"code":"58","accounts":[{"accountNumber":"123456789"}]}"#,
        r#"[{"iban":"DE0"}]"#,
    ] {
        let members = format!(r#","project":17,"cashDiscounts":"2 %","payment":{payment}"#);
        assert_eq!(document(5000, &members).unwrap().details, named, "{payment}");
    }
    let ours = r#","payment":{"accounts":[{"iban":"de02 1203 0000 0000 2020 51"}]}"#;
    let payment = document(5000, ours).unwrap().details.payment.unwrap();
    assert_eq!(payment.accounts[0].iban.as_deref(), Some("DE02120300000000202051"));
    let american = r#","payment":{"accounts":[{"accountNumber":"123456789","routingNumber":"021000021","bankName":"Bank"}]}"#;
    let account = document(5000, american).unwrap().details.payment.unwrap().accounts.remove(0);
    assert_eq!(
        (account.account_number.as_deref(), account.bank_name.as_deref()),
        (Some("123456789"), Some("Bank"))
    );
    let line =
        line("a", "A", "1", "5000", "0").replace('}', r#","note":null,"allowances":null,"unitCode":null}"#);
    assert_eq!(document(5000, &lines(&[line])).unwrap().bill.net, 5000);
}

#[test]
fn a_tax_that_no_prepayment_can_have_in_it_is_left_out() {
    for (tax, kept) in
        [(0, Some(0)), (798, Some(798)), (2500, Some(2500)), (4999, None), (5000, None), (-1, None)]
    {
        let members = format!(r#","prepayments":[{{"amount":5000,"taxAmount":{tax},"invoiceNumber":"A1"}}]"#);
        let stored = document(5000, &members).unwrap();
        assert_eq!(stored.details.prepayments[0].tax_amount, kept, "{tax}");
        assert_eq!(stored.details.prepaid(), 5000);
    }
}

#[test]
fn a_rate_that_makes_the_divisor_zero_is_rejected() {
    let members = lines(&[line("a", "A", "1", "10000", "-10000")])
        + r#","pricesIncludeTax":true,"taxCurrency":{"currency":"USD","rate":1,"source":"ECB"}"#;
    let error = document(10_000, &members).unwrap_err();
    assert!(error.starts_with("lines[0].taxRateBasisPoints must be from 0 to 10000"), "{error}");
}
