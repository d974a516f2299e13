//! How an order is paid.

use super::{LINES, read, refusal};

#[test]
fn an_order_says_how_it_is_paid() {
    let iban = "DE02 1203 0000 0000 2020 51";
    let payment = |members: &str| {
        read(&format!(r#"{{"amount":5000,"payment":{{{members}}}}}"#)).unwrap().details.payment
    };
    let accounts = payment(&format!(r#""accounts":[{{"iban":"{iban}","name":"Main"}}]"#)).unwrap().accounts;
    assert_eq!(
        (accounts[0].iban.as_deref(), accounts[0].name.as_deref()),
        (Some("DE02120300000000202051"), Some("Main"))
    );
    let number = r#""accountNumber":"123456789","routingNumber":"021000021","bankName":"Bank of Examples""#;
    let account = payment(&format!(r#""accounts":[{{{number}}}]"#)).unwrap().accounts.remove(0);
    assert_eq!((account.account_number.as_deref(), account.iban), (Some("123456789"), None));
    let debit = format!(
        r#""directDebit":{{"mandateReference":"M-1","creditorId":"de98zzz09999999999","iban":"{iban}"}}"#
    );
    assert_eq!(payment(&debit).unwrap().direct_debit.unwrap().creditor_id, "DE98ZZZ09999999999");
    assert!(payment(r#""code":"54","card":{"lastDigits":"4242"}"#).unwrap().card.is_some());
    assert!(payment(r#""code":"10","text":"On delivery""#).is_some());
    let card = r#""card":{"lastDigits":"4242"}"#;
    for (members, fields) in [
        (String::new(), &["payment.code"][..]),
        (r#""text":"somehow""#.to_owned(), &["payment.code"]),
        (r#""code":"98""#.to_owned(), &["payment.code"]),
        (r#""code":"58""#.to_owned(), &["payment.accounts"]),
        (r#""code":"42""#.to_owned(), &["payment.accounts"]),
        (r#""code":"48""#.to_owned(), &["payment.card"]),
        (r#""code":"59""#.to_owned(), &["payment.directDebit"]),
        (format!(r#""code":"58",{card}"#), &["payment.accounts", "payment.card"]),
        (format!(r#""code":"10",{card}"#), &["payment.card"]),
        (format!("{card},{debit}"), &["payment"]),
        (r#""card":{"lastDigits":"4242424242424242"}"#.to_owned(), &["payment.card.lastDigits"]),
        (r#""accounts":[{"iban":"DE02120300000000202052"}]"#.to_owned(), &["payment.accounts[0].iban"]),
        (r#""accounts":[{"name":"Main"}]"#.to_owned(), &["payment.accounts[0].iban"]),
        (r#""accounts":[{"accountNumber":"-"}]"#.to_owned(), &["payment.accounts[0].accountNumber"]),
        (format!(r#""accounts":[{{{number},"iban":"{iban}"}}]"#), &["payment.accounts[0].accountNumber"]),
        (
            format!(r#""accounts":[{{"routingNumber":"1","iban":"{iban}"}}]"#),
            &["payment.accounts[0].routingNumber"],
        ),
        (format!(r#""code":"58","accounts":[{{{number}}}]"#), &["payment.accounts[0].iban"]),
        (debit.replace("98zzz", "97zzz"), &["payment.directDebit.creditorId"]),
    ] {
        let refused = refusal(&format!(r#"{{"amount":5000,"payment":{{{members}}}}}"#));
        assert_eq!(refused, (422, fields.iter().map(|field| (*field).to_owned()).collect()), "{members}");
    }
}

#[test]
fn sepa_is_for_euros() {
    let order = |currency: &str, code: &str| {
        format!(
            r#"{{"amount":5000,"currency":"{currency}","payment":{{"code":"{code}","accounts":[{{"iban":"DE02120300000000202051"}}]}}}}"#
        )
    };
    assert_eq!(refusal(&order("USD", "58")), (422, vec!["payment.code".into()]));
    assert!(read(&order("USD", "30")).is_ok() && read(&order("EUR", "58")).is_ok());
}

#[test]
fn an_order_says_what_was_paid_before_and_what_an_early_payment_saves() {
    let details = r#""prepayments":[{"amount":3000,"taxAmount":479,"invoiceNumber":"A-7","date":"2026-01-31"},{"amount":2000}],
        "cashDiscounts":[{"days":14,"rateBasisPoints":200}]"#;
    let order = |details: &str| format!(r#"{{"amount":5000,{details}}}"#);
    assert_eq!(read(&order(details)).unwrap().details.prepaid(), 5000);
    let lines = format!(r#"{{"lines":{LINES},"prepayments":[{{"amount":3571}}]}}"#);
    assert_eq!(refusal(&lines), (422, vec!["prepayments".into()]));
    assert!(read(&lines.replace("3571", "3570")).is_ok());
    // 100 % of 1.5 is rounded to 2.
    for (amount, tax) in [(100, 50), (3, 2), (1, 0)] {
        assert!(read(&order(&format!(r#""prepayments":[{{"amount":{amount},"taxAmount":{tax}}}]"#))).is_ok());
    }
    for (details, field) in [
        (r#""prepayments":[{"amount":5001}]"#, "prepayments"),
        (r#""prepayments":[{"amount":3000},{"amount":2001}]"#, "prepayments"),
        (r#""prepayments":[{"amount":0}]"#, "prepayments[0].amount"),
        (r#""prepayments":[{"amount":100,"taxAmount":100}]"#, "prepayments[0].taxAmount"),
        (r#""prepayments":[{"amount":5000,"taxAmount":4999}]"#, "prepayments[0].taxAmount"),
        (r#""prepayments":[{"amount":100,"taxAmount":51}]"#, "prepayments[0].taxAmount"),
        (r#""prepayments":[{"amount":100,"date":"2026-02-30"}]"#, "prepayments[0].date"),
        (r#""cashDiscounts":[{"days":0,"rateBasisPoints":200}]"#, "cashDiscounts[0].days"),
        (r#""cashDiscounts":[{"days":14,"rateBasisPoints":10000}]"#, "cashDiscounts[0].rateBasisPoints"),
        (
            r#""paymentTerms":"net\n#SKONTO#","cashDiscounts":[{"days":14,"rateBasisPoints":200}]"#,
            "paymentTerms",
        ),
    ] {
        assert_eq!(refusal(&order(details)), (422, vec![field.to_owned()]), "{details}");
    }
}
