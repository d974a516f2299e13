//! What a client orders.

use waybill_contracts::{DEFAULT_CURRENCY, DEFAULT_CUSTOMER_ID, Line, MAX_AMOUNT, Priced, sum_with_tax};
use waybill_service::Fields;
use waybill_service::faults::Faults;
use waybill_service::rules::{AMOUNT, CURRENCY, Integer, Items};
use waybill_service::text::LineOfText;

/// What a client orders: an amount, or lines, or both where they agree.
#[derive(Debug, PartialEq, Eq, Fields)]
#[fields(check = sum_up(amount, lines))]
pub struct NewOrder {
    /// Minor units of the currency, such as cents. Needed where there are no lines.
    #[rule(AMOUNT, example = 5000)]
    pub amount: Option<i64>,
    /// Who orders.
    #[rule(LineOfText::LONG, default = DEFAULT_CUSTOMER_ID)]
    pub customer_id: String,
    /// ISO 4217.
    #[rule(CURRENCY, default = DEFAULT_CURRENCY)]
    pub currency: String,
    /// What is ordered. Their sum with tax is the amount.
    #[rule(Items::<NewOrderLine>::up_to(200, "must be an array of 1 to 200 lines"))]
    pub lines: Option<Vec<NewOrderLine>>,
}

/// A line of a new order.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
pub struct NewOrderLine {
    /// The seller's identifier of what is sold.
    #[rule(LineOfText::CODE)]
    sku: String,
    /// What is sold, in words.
    #[rule(LineOfText::LONG)]
    description: String,
    /// Pieces.
    #[rule(Integer::new(1, 1_000_000_000))]
    quantity: i64,
    /// Minor units of the order's currency for one piece, without tax.
    #[rule(Integer::minor_units(0))]
    unit_price: i64,
    /// Basis points: 1900 is 19 %.
    #[rule(Integer::new(0, 10_000).of("an integer of basis points", ": 1900 is 19 %"))]
    tax_rate_basis_points: i32,
}

impl NewOrder {
    /// Minor units: the given amount, or the sum of the lines. An order that was read has either.
    pub fn amount_to_pay(&self) -> Option<i64> {
        self.amount.or_else(|| sum_with_tax(self.lines.as_deref()?))
    }
}

impl Priced for NewOrderLine {
    fn price(&self) -> (i64, i64, i32) {
        (self.quantity, self.unit_price, self.tax_rate_basis_points)
    }
}

impl From<NewOrderLine> for Line {
    fn from(line: NewOrderLine) -> Self {
        let NewOrderLine { sku, description, quantity, unit_price, tax_rate_basis_points } = line;
        Self { sku, description, quantity, unit_price, tax_rate_basis_points }
    }
}

/// What of amount and lines breaks no rule of its own has to be there and to agree.
fn sum_up(amount: Option<&Option<i64>>, lines: Option<&Option<Vec<NewOrderLine>>>, faults: &mut Faults) {
    let sum = lines.map(|lines| lines.as_deref().map(sum_with_tax));
    match (amount, sum) {
        (Some(None), Some(None)) => faults.add("amount", "is required"),
        (_, Some(Some(None))) => {
            faults.add("lines", format!("must sum up, with tax, to 1 to {MAX_AMOUNT} minor units"));
        }
        (Some(Some(amount)), Some(Some(Some(sum)))) if *amount != sum => {
            faults.add("amount", "must be the sum of the lines with tax, or be left out");
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use waybill_service::Problem;
    use waybill_service::fields::from_json;

    use super::*;

    fn read(body: &str) -> Result<NewOrder, Problem> {
        from_json(body.as_bytes())
    }

    fn refusal(body: &str) -> (u16, Vec<String>) {
        let problem = read(body).unwrap_err();
        let fields = problem.errors().iter().map(|error| error.field.to_string()).collect();
        (problem.status().as_u16(), fields)
    }

    #[test]
    fn an_order_of_an_amount_only_is_the_default_customers_in_euro() {
        let new = read(r#"{"amount":5000}"#).unwrap();
        let expected = NewOrder {
            amount: Some(5000),
            customer_id: "1651654165".into(),
            currency: "EUR".into(),
            lines: None,
        };
        assert_eq!(new, expected);
    }

    #[test]
    fn an_order_may_name_customer_and_currency() {
        let new = read(r#"{"currency":"JPY","customerId":"c-1","amount":9007199254740991}"#).unwrap();
        assert_eq!(
            (new.amount, new.customer_id.as_str(), new.currency.as_str()),
            (Some(MAX_AMOUNT), "c-1", "JPY")
        );
    }

    const LINES: &str =
        r#"[{"sku":"a","description":"A","quantity":3,"unitPrice":1000,"taxRateBasisPoints":1900}]"#;

    #[test]
    fn an_order_of_lines_has_their_sum() {
        for amount in ["", r#""amount":3570,"#] {
            let body = format!(r#"{{{amount}"lines":{LINES}}}"#);
            let new = read(&body).unwrap();
            assert_eq!((new.amount_to_pay(), new.lines.map(|lines| lines.len())), (Some(3570), Some(1)));
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
        for amount in
            ["0", "-1", "5000.5", "5000.0", "5e3", "9007199254740992", "\"5000\"", "null", "true", "[]"]
        {
            assert_eq!(
                refusal(&format!(r#"{{"amount":{amount}}}"#)),
                (422, vec!["amount".into()]),
                "{amount}"
            );
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
            ("quantity", "1.0"),
            ("unitPrice", "-1"),
            ("taxRateBasisPoints", "10001"),
        ] {
            let mut value: serde_json::Value = serde_json::from_str(good).unwrap();
            value[member] = serde_json::from_str(bad).unwrap();
            assert_eq!(faults(&format!("[{good},{value}]")), [format!("lines[1].{member}")]);
        }
        let misspelt = format!("[{},{{}}]", good.replace("sku", "skew"));
        assert_eq!(
            faults(&misspelt)[..3],
            ["lines[0].skew", "lines[0].sku", "lines[1].sku"].map(str::to_owned)
        );
    }

    #[test]
    fn a_misspelt_field_is_refused() {
        assert_eq!(refusal(r#"{"amount":5000,"curency":"USD"}"#), (422, vec!["curency".into()]));
    }

    #[test]
    fn what_is_not_json_is_a_400_and_what_is_no_object_a_422() {
        assert_eq!(refusal(""), (400, vec![]));
        assert_eq!(refusal("amount=5000"), (400, vec![]));
        assert_eq!(refusal("5000"), (422, vec![]));
    }
}
