//! Blank texts of events are missing ones.

use serde_json::{Value, json};

use super::{document, line, lines};

const BLANKS: [&str; 3] = ["", " ", "\u{a0}\t"];

#[test]
fn blank_texts_of_a_line_are_missing_ones() {
    let plain = document(5000, &lines(&[line("a", "A", "1", "5000", "0")])).unwrap();
    for name in ["note", "unitCode", "buyerItemId", "exemptionReason", "exemptionReasonCode"] {
        for blank in BLANKS {
            let member = format!(",{}:{}}}", json!(name), json!(blank));
            let stored = document(5000, &lines(&[line("a", "A", "1", "5000", "0").replace('}', &member)]));
            assert_eq!(stored.unwrap(), plain, "{name} {blank:?}");
        }
    }
    let without_description = document(5000, &lines(&[line("a", "", "1", "5000", "0")])).unwrap();
    let blank = document(5000, &lines(&[line("a", " ", "1", "5000", "0")])).unwrap();
    assert_eq!(blank, without_description);
    let error = document(5000, &lines(&[line(" ", "", "1", "5000", "0")])).unwrap_err();
    assert!(error.contains("lines[0] must have a description or a sku"), "{error}");
}

#[test]
fn blank_texts_of_details_are_missing_ones() {
    let stored = |members: &Value| {
        let members = members.as_object().unwrap().iter();
        let members: Vec<String> = members.map(|(name, value)| format!(",{}:{value}", json!(name))).collect();
        document(5000, &members.concat()).map(|stored| stored.details)
    };
    let delivery = ["date", "startDate", "endDate", "locationId", "locationIdScheme", "name", "address"];
    let address = ["addressLine2", "city", "zipCode", "subdivision", "country"];
    let of_delivery = delivery.iter().chain(&address).map(|name| ("delivery", *name, json!({})));
    let of_payment = ["name", "bankName", "bic"]
        .map(|name| ("accounts", name, json!({ "iban": "DE02120300000000202051" })));
    for blank in BLANKS {
        for (part, name, plain) in of_delivery.clone().chain(of_payment.clone()) {
            let mut given = plain.clone();
            given[name] = blank.into();
            let within = |value: Value| match part {
                "accounts" => json!({ "payment": { "accounts": [value] } }),
                part => json!({ part: value }),
            };
            let found = stored(&within(given)).unwrap();
            assert_eq!(found, stored(&within(plain)).unwrap(), "{part}.{name} {blank:?}");
            assert!(part != "accounts" || found.payment.is_some());
        }
        for name in ["date", "invoiceNumber"] {
            let found = stored(&json!({ "prepayments": [{ "amount": 1, name: blank }] })).unwrap();
            assert_eq!((&found.prepayments[0].date, &found.prepayments[0].invoice_number), (&None, &None));
        }
        assert_eq!(stored(&json!({ "sellerId": blank })).unwrap().seller_id, None);
    }
}
