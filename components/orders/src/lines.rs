//! The lines of a new order, and their sum.

use waybill_contracts::{Line, MAX_AMOUNT, sum_with_tax};
use waybill_service::fields::{self, Faults, Rule, required};
use waybill_service::json::{self, RawValue};
use waybill_service::text::LineOfText;

/// The most lines of an order.
pub const MAX_LINES: usize = 200;

/// The most pieces of a line.
const MAX_QUANTITY: i64 = 1_000_000_000;

/// Lines that keep every rule.
#[derive(Debug, PartialEq, Eq)]
pub struct Lines {
    /// In the client's order.
    pub lines: Vec<Line>,
    /// What is to be paid, with tax, in minor units.
    pub total: i64,
}

/// Reads the lines; none where one of them breaks a rule, which is noted.
pub fn read(lines: &RawValue, faults: &mut Faults) -> Option<Lines> {
    let elements = json::array(lines).filter(|lines| (1..=MAX_LINES).contains(&lines.len()));
    let Some(elements) = elements else {
        faults.add("lines", "must be an array of 1 to 200 lines");
        return None;
    };
    // Each is read to its end, so that all faults are named.
    let lines: Vec<Option<Line>> =
        elements.into_iter().enumerate().map(|(at, line)| read_line(at, line, faults)).collect();
    let lines = lines.into_iter().collect::<Option<Vec<_>>>()?;
    let total = sum_with_tax(&lines);
    if total.is_none() {
        faults.add("lines", "must sum up, with tax, to 1 to 9007199254740991 minor units");
    }
    total.map(|total| Lines { lines, total })
}

fn read_line(at: usize, line: &RawValue, faults: &mut Faults) -> Option<Line> {
    let names = ["sku", "description", "quantity", "unitPrice", "taxRateBasisPoints"];
    let within = |name: &str| format!("lines[{at}].{name}");
    let Ok(members) = json::members(line.get().as_bytes(), &names) else {
        faults.add(format!("lines[{at}]"), "must be an object");
        return None;
    };
    let is_complete = members.repeated.is_empty() && members.unknown.is_empty();
    for name in members.repeated {
        faults.add(within(name), "must not be repeated");
    }
    for name in members.unknown {
        faults.add(within(&name), "is not known here");
    }
    let [sku, description, quantity, unit_price, tax_rate] = members.values;
    let sku = faults.note(within("sku"), required(sku, |value| LineOfText::CODE.read(value)));
    let description = required(description, |value| LineOfText::LONG.read(value));
    let description = faults.note(within("description"), description);
    let quantity = required(quantity, |value| fields::integer(value, 1..=MAX_QUANTITY, QUANTITY_RULE));
    let quantity = faults.note(within("quantity"), quantity);
    let unit_price = required(unit_price, |value| fields::integer(value, 0..=MAX_AMOUNT, UNIT_PRICE_RULE));
    let unit_price = faults.note(within("unitPrice"), unit_price);
    let tax_rate = required(tax_rate, |value| fields::integer(value, 0..=10_000, TAX_RATE_RULE));
    let tax_rate = faults.note(within("taxRateBasisPoints"), tax_rate);
    is_complete.then_some(())?;
    Some(Line {
        sku: sku?.into_owned(),
        description: description?.into_owned(),
        quantity: quantity?,
        unit_price: unit_price?,
        tax_rate_basis_points: i32::try_from(tax_rate?).ok()?,
    })
}

const QUANTITY_RULE: Rule = "must be an integer from 1 to 1000000000, without fraction or exponent";
const UNIT_PRICE_RULE: Rule = "must be an integer of minor units (such as cents) from 0 to 9007199254740991, without fraction or exponent";
const TAX_RATE_RULE: Rule = "must be an integer of basis points from 0 to 10000: 1900 is 19 %";

#[cfg(test)]
mod tests {
    use super::*;

    fn faults_of(lines: &str) -> Vec<String> {
        let mut faults = Faults::default();
        let raw: &RawValue = serde_json::from_str(lines).unwrap();
        assert_eq!(read(raw, &mut faults), None, "{lines}");
        let problem = faults.refuse_any().unwrap_err();
        problem.errors().iter().map(|error| error.field.to_string()).collect()
    }

    #[test]
    fn a_fault_is_named_by_line_and_field() {
        let good = r#"{"sku":"a","description":"A","quantity":1,"unitPrice":1,"taxRateBasisPoints":0}"#;
        assert_eq!(faults_of("[]"), ["lines"]);
        assert_eq!(faults_of("{}"), ["lines"]);
        assert_eq!(faults_of("null"), ["lines"]);
        assert_eq!(faults_of(&format!("[{good},1]")), ["lines[1]"]);
        assert_eq!(faults_of(&format!("[{}]", vec![good; MAX_LINES + 1].join(","))), ["lines"]);
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
            assert_eq!(faults_of(&format!("[{good},{value}]")), [format!("lines[1].{member}")]);
        }
        assert_eq!(
            faults_of(&format!("[{}]", good.replace("sku", "skew"))),
            ["lines[0].skew", "lines[0].sku"]
        );
    }
}
