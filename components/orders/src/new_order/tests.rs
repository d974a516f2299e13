use waybill_contracts::TaxCategory;
use waybill_service::Problem;
use waybill_service::fields::from_json;

use super::*;

mod exemptions;
mod payment;

fn read(body: &str) -> Result<CheckedOrder, Problem> {
    from_json::<NewOrder>(body.as_bytes())?.checked()
}

fn refusal(body: &str) -> (u16, Vec<String>) {
    let problem = read(body).unwrap_err();
    let fields = problem.errors().iter().map(|error| error.field.to_string()).collect();
    (problem.status().as_u16(), fields)
}

#[test]
fn an_order_of_an_amount_only_is_the_default_customers_in_euro() {
    let new = read(r#"{"amount":5000}"#).unwrap();
    let expected = CheckedOrder {
        amount: 5000,
        customer_id: "1651654165".into(),
        currency: "EUR".into(),
        lines: Vec::new(),
        details: InvoiceDetails::default(),
    };
    assert_eq!(new, expected);
}

#[test]
fn an_order_may_name_customer_and_currency() {
    let new = read(r#"{"currency":"JPY","customerId":"c-1","amount":9007199254740991}"#).unwrap();
    assert_eq!((new.amount, new.customer_id.as_str(), new.currency.as_str()), (MAX_AMOUNT, "c-1", "JPY"));
}

const LINES: &str =
    r#"[{"sku":"a","description":"A","quantity":3,"unitPrice":1000,"taxRateBasisPoints":1900}]"#;

#[test]
fn an_order_of_lines_has_their_sum() {
    for amount in ["", r#""amount":3570,"#] {
        let body = format!(r#"{{{amount}"lines":{LINES}}}"#);
        let new = read(&body).unwrap();
        assert_eq!((new.amount, new.lines.len()), (3570, 1));
    }
}

#[test]
fn an_amount_that_is_not_the_sum_of_the_lines_is_refused() {
    assert_eq!(refusal(&format!(r#"{{"amount":3000,"lines":{LINES}}}"#)), (422, vec!["amount".into()]));
    assert_eq!(refusal(r#"{"amount":1,"lines":[]}"#), (422, vec!["lines".into()]));
    assert_eq!(refusal(r#"{"lines":null}"#), (422, vec!["lines".into()]));
}

#[test]
fn a_bad_amount_is_a_422_that_names_it() {
    for amount in ["0", "-1", "5000.5", "5000.0", "5e3", "9007199254740992", "\"5000\"", "null", "true", "[]"]
    {
        assert_eq!(refusal(&format!(r#"{{"amount":{amount}}}"#)), (422, vec!["amount".into()]), "{amount}");
    }
    assert_eq!(refusal("{}"), (422, vec!["amount".into()]));
    assert_eq!(refusal(r#"{"amount":1,"amount":2}"#), (422, vec!["amount".into()]));
}

#[test]
fn all_fields_at_fault_are_named() {
    let (status, fields) = refusal(r#"{"amount":0,"customerId":"","currency":"eur","curency":"USD"}"#);
    assert_eq!((status, fields.join(" ")), (422, "curency amount customerId currency".into()));
    assert_eq!(refusal(r#"{"amount":1,"customerId":null}"#), (422, vec!["customerId".into()]));
    assert_eq!(refusal(r#"{"amount":1,"currency":null}"#), (422, vec!["currency".into()]));
}

#[test]
fn a_fault_of_a_line_is_named_by_line_and_field() {
    let good = r#"{"sku":"a","description":"A","quantity":1,"unitPrice":1,"taxRateBasisPoints":0}"#;
    let faults = |lines: &str| refusal(&format!(r#"{{"lines":{lines}}}"#)).1;
    for lines in ["[]", "{}", "null", &format!("[{}]", [good; 201].join(","))] {
        assert_eq!(faults(lines), ["lines"]);
    }
    assert_eq!(faults(&format!("[{good},1]")), ["lines[1]"]);
    for (member, bad) in [
        ("sku", r#""""#),
        ("description", "1"),
        ("quantity", "0"),
        ("quantity", "1.0000001"),
        ("quantity", "\"1\""),
        ("quantity", "1e1"),
        ("unitPrice", "0.0000001"),
        ("unitCode", "\"STUECK\""),
        ("taxCategory", "\"X\""),
        ("exemptionReasonCode", "\"VATEX\""),
        ("allowances", "[]"),
        ("unitPrice", "-1"),
        ("taxRateBasisPoints", "10001"),
    ] {
        let mut value: serde_json::Value = serde_json::from_str(good).unwrap();
        value[member] = serde_json::Value::Null;
        let bad = value.to_string().replacen("null", bad, 1);
        assert_eq!(faults(&format!("[{good},{bad}]")), [format!("lines[1].{member}")]);
    }
    let misspelt = format!("[{},{{}}]", good.replace("sku", "skew"));
    assert_eq!(faults(&misspelt)[..3], ["lines[0].skew", "lines[0].sku", "lines[1].sku"].map(str::to_owned));
}

#[test]
fn a_misspelt_field_is_refused() {
    assert_eq!(refusal(r#"{"amount":5000,"curency":"USD"}"#), (422, vec!["curency".into()]));
}

#[test]
fn invalid_json_is_a_400_and_a_non_object_a_422() {
    assert_eq!(refusal(""), (400, vec![]));
    assert_eq!(refusal("amount=5000"), (400, vec![]));
    assert_eq!(refusal("5000"), (422, vec![]));
}

/// An order of one line with these members, and these members of the order.
fn order(line: &str, order: &str) -> String {
    format!(r#"{{"lines":[{{"sku":"a","description":"A",{line}}}]{order}}}"#)
}

#[test]
fn what_a_business_sells_can_be_ordered() {
    for (line, details, amount) in [
        (r#""quantity":1.5,"unitPrice":8000,"taxRateBasisPoints":1900,"unitCode":"HUR""#, "", 14_280),
        (r#""quantity":0.25,"unitPrice":1999,"taxRateBasisPoints":700,"unitCode":"KGM""#, "", 535),
        (r#""quantity":3500,"unitPrice":28.75,"taxRateBasisPoints":1900,"unitCode":"KWH""#, "", 119_744),
        (r#""quantity":1,"unitPrice":999,"taxRateBasisPoints":1900"#, r#","pricesIncludeTax":true"#, 999),
        (
            r#""quantity":1,"unitPrice":10000,"taxRateBasisPoints":1900"#,
            r#","charges":[{"amount":490,"reason":"Shipping","taxRateBasisPoints":1900}]"#,
            12_483,
        ),
        (
            r#""quantity":1,"unitPrice":10000,"taxRateBasisPoints":0,"taxCategory":"K""#,
            r#","delivery":{"date":"2026-11-27","country":"FR"},"purchaseOrder":"PO-1""#,
            10_000,
        ),
        (
            r#""quantity":1,"unitPrice":10000,"taxRateBasisPoints":0,"taxCategory":"K""#,
            r#","delivery":{"date":"2026-11-27","country":"GB","zipCode":"BT1 5GS"}"#,
            10_000,
        ),
        (
            r#""quantity":1,"unitPrice":10000,"taxRateBasisPoints":1900"#,
            r#","delivery":{"locationId":"4012345678901","locationIdScheme":"0088"}"#,
            11_900,
        ),
    ] {
        assert_eq!(read(&order(line, details)).unwrap().amount, amount, "{line}");
    }
}

#[test]
fn a_rate_of_exchange_has_the_digits_of_weak_currencies() {
    let line = r#""quantity":1,"unitPrice":100000000,"taxRateBasisPoints":1000"#;
    for (rate, read_as) in [("0.00003571", "0.00003571"), ("3.571e-05", "0.00003571"), ("0.92", "0.92")] {
        let details =
            format!(r#","currency":"VND","taxCurrency":{{"currency":"EUR","rate":{rate},"source":"ECB"}}"#);
        let tax = read(&order(line, &details)).unwrap().details.tax_currency.unwrap();
        assert_eq!(tax.rate.to_string(), read_as);
    }
}

#[test]
fn an_order_that_cannot_be_billed_is_refused_by_field() {
    let line = r#""quantity":1,"unitPrice":10000,"taxRateBasisPoints":0"#;
    for (member, details, field) in [
        (r#","taxCategory":"S""#, "", "lines[0].taxRateBasisPoints"),
        (r#","taxCategory":"K""#, "", "delivery.date"),
        (r#","taxCategory":"K""#, r#","delivery":{"date":"2026-11-27","country":"US"}"#, "delivery.country"),
        (
            r#","taxCategory":"K""#,
            r#","delivery":{"date":"2026-11-27","country":"GB","zipCode":"M1 1AE"}"#,
            "delivery.country",
        ),
        (
            r#","taxCategory":"AE""#,
            r#","allowances":[{"amount":1,"reason":"a","taxRateBasisPoints":0,"taxCategory":"Z"}]"#,
            "allowances[0].taxRateBasisPoints",
        ),
        (r#","exemptionReason":"x","taxCategory":"Z""#, "", "lines[0].exemptionReason"),
        (r#","taxCategory":"E""#, "", "lines[0].exemptionReason"),
        ("", r#","delivery":{"date":"2026-11-27","startDate":"2026-11-01"}"#, "delivery.date"),
        ("", r#","delivery":{"endDate":"2026-11-01","startDate":"2026-11-02"}"#, "delivery.endDate"),
        ("", r#","delivery":{"city":"Paris"}"#, "delivery.country"),
        ("", r#","delivery":{"addressLine2":"Floor 8"}"#, "delivery.country"),
        ("", r#","delivery":{"subdivision":"NY"}"#, "delivery.country"),
        ("", r#","delivery":{"subdivision":"","country":"US"}"#, "delivery.subdivision"),
        ("", r#","delivery":{"country":"UK"}"#, "delivery.country"),
        ("", r#","delivery":{"locationIdScheme":"0088"}"#, "delivery.locationId"),
        (
            "",
            r#","delivery":{"locationId":"4012345678900","locationIdScheme":"0088"}"#,
            "delivery.locationId",
        ),
        ("", r#","delivery":{"locationId":"1","locationIdScheme":"GLN"}"#, "delivery.locationIdScheme"),
        ("", r#","taxCurrency":{"currency":"EUR","rate":0,"source":"ECB"}"#, "taxCurrency.rate"),
        ("", r#","dueDate":"2026-02-30""#, "dueDate"),
        ("", r#","pricesIncludeTax":1"#, "pricesIncludeTax"),
        ("", r#","charges":[{"amount":0,"reason":"a","taxRateBasisPoints":0}]"#, "charges[0].amount"),
        ("", r#","allowances":[{"amount":10000,"reason":"a","taxRateBasisPoints":0}]"#, "lines"),
        (
            "",
            r#","allowances":[{"amount":1,"reason":"a","taxRateBasisPoints":700}]"#,
            "allowances[0].taxRateBasisPoints",
        ),
    ] {
        let (status, fields) = refusal(&order(&format!("{line}{member}"), details));
        assert_eq!((status, fields.as_slice()), (422, [field.to_owned()].as_slice()), "{member}{details}");
    }
    assert_eq!(refusal(r#"{"amount":1,"pricesIncludeTax":true}"#).1, ["pricesIncludeTax"]);
    assert_eq!(
        refusal(r#"{"amount":1,"charges":[{"amount":1,"reason":"a","taxRateBasisPoints":0}]}"#).1,
        ["charges"]
    );
    let untaxed = order(
        r#""quantity":1,"unitPrice":10000,"taxRateBasisPoints":1900"#,
        r#","charges":[{"amount":1,"reason":"a","taxRateBasisPoints":0}]"#,
    );
    assert_eq!(refusal(&untaxed).1, ["charges[0].taxRateBasisPoints"]);
    let mixed = r#"{"lines":[
        {"sku":"a","description":"A","quantity":1,"unitPrice":1,"taxRateBasisPoints":0,"taxCategory":"O"},
        {"sku":"a","description":"A","quantity":1,"unitPrice":1,"taxRateBasisPoints":1900}]}"#;
    assert_eq!(refusal(mixed).1, ["lines"]);
}

const GST_AND_PST: &str =
    r#""taxes":[{"name":"GST","rateBasisPoints":500},{"name":"PST","rateBasisPoints":700}]"#;
const GST_AND_QST: &str =
    r#""taxes":[{"name":"GST","rateBasisPoints":500},{"name":"QST","rateBasisPoints":997.5}]"#;

#[test]
fn an_order_names_taxes_in_place_of_a_rate() {
    let one = r#""quantity":1,"unitPrice":10000,"#;
    let sales_tax = r#""quantity":1,"unitPrice":1999,"taxes":[{"name":"Sales tax","rateBasisPoints":887.5}]"#;
    let shipped = format!(r#","charges":[{{"amount":1000,"reason":"Shipping",{GST_AND_PST}}}]"#);
    // A name is the same in any case.
    let reduced =
        r#","allowances":[{"amount":1000,"reason":"Sale","taxes":[{"name":"gst","rateBasisPoints":500}]}]"#;
    for (line, details, amount) in [
        (format!("{one}{GST_AND_PST}"), "", 11_200),
        (format!("{one}{GST_AND_QST}"), "", 11_498),
        (sales_tax.to_owned(), "", 2176),
        (format!("{one}{GST_AND_PST}"), shipped.as_str(), 12_320),
        (format!("{one}{GST_AND_PST}"), reduced, 10_150),
        (format!("{one}{GST_AND_PST}"), r#","pricesIncludeTax":true"#, 10_000),
    ] {
        let new = read(&order(&line, details)).unwrap();
        assert_eq!(new.amount, amount, "{line}{details}");
        // A reader that does not know taxes must not bill 0 %: a rate of 0 in category S is refused.
        let line = &new.lines[0];
        assert_eq!((line.tax_rate_basis_points, line.tax_category), (0, Some(TaxCategory::S)));
        let unknown = Line { taxes: Vec::new(), ..line.clone() };
        let fault = &waybill_billing::faults("CAD", &[unknown], &InvoiceDetails::default())[0];
        assert_eq!(fault.to_string(), "lines[0].taxRateBasisPoints must be more than 0 in category S");
    }
}

#[test]
fn a_line_has_either_a_rate_or_taxes() {
    let one = r#""quantity":1,"unitPrice":10000"#;
    let with_rate = r#""amount":100,"reason":"a","taxRateBasisPoints":500"#;
    let filled = |text: &str| text.replace("TAXES", GST_AND_PST).replace("WITH_RATE", with_rate);
    for (members, details, field) in [
        ("", "", "lines[0].taxRateBasisPoints"),
        (r#","taxRateBasisPoints":0,TAXES"#, "", "lines[0].taxRateBasisPoints"),
        (r#","taxCategory":"S",TAXES"#, "", "lines[0].taxCategory"),
        (r#","exemptionReason":"a",TAXES"#, "", "lines[0].exemptionReason"),
        (r#","taxes":[]"#, "", "lines[0].taxes"),
        (r#","taxes":{}"#, "", "lines[0].taxes"),
        (r#","taxes":[{"name":"GST"}]"#, "", "lines[0].taxes[0].rateBasisPoints"),
        (r#","taxes":[{"name":"GST","rateBasisPoints":0}]"#, "", "lines[0].taxes[0].rateBasisPoints"),
        (r#","taxes":[{"name":"GST","rateBasisPoints":10001}]"#, "", "lines[0].taxes[0].rateBasisPoints"),
        (r#","taxes":[{"name":" ","rateBasisPoints":1}]"#, "", "lines[0].taxes[0].name"),
        (
            r#","taxes":[{"name":"A","rateBasisPoints":6000},{"name":"B","rateBasisPoints":5000}]"#,
            "",
            "lines[0].taxes",
        ),
        (
            r#","taxes":[{"name":"A","rateBasisPoints":1},{"name":"A","rateBasisPoints":2}]"#,
            "",
            "lines[0].taxes[1].name",
        ),
        (",TAXES", r#","charges":[{WITH_RATE}]"#, "charges[0].taxRateBasisPoints"),
        (",TAXES", r#","allowances":[{WITH_RATE,TAXES}]"#, "allowances[0].taxRateBasisPoints"),
        (",TAXES", r#","charges":[{"amount":100,"reason":"a"}]"#, "charges[0].taxRateBasisPoints"),
    ] {
        let body = order(&filled(&format!("{one}{members}")), &filled(details));
        assert_eq!(refusal(&body), (422, vec![field.to_owned()]), "{body}");
    }
}
