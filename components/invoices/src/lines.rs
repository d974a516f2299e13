//! The lines of an order's event.
//!
//! An invoice bills them as the event states them. Lines that no document can bill would be billed as one line over the amount, without
//! their tax, so an event that has such lines is rejected with the reason.

use waybill_contracts::{Line, sum_with_tax};
use waybill_service::json::RawValue;
use waybill_service::text::is_printable;

/// The rule of a member that is of another type, or has a character that PostgreSQL cannot store.
pub const CONTRACT_RULE: &str = "must be as its contract says";

/// Reads the lines of an order over `amount`; the error says what is wrong. An order without lines has only an amount.
pub fn read(value: Option<&RawValue>, amount: i64) -> Result<Vec<Line>, String> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let lines: Vec<Line> = serde_json::from_str(value.get()).map_err(|_| format!("lines {CONTRACT_RULE}"))?;
    check(&lines, amount)?;
    Ok(lines)
}

fn check(lines: &[Line], amount: i64) -> Result<(), String> {
    for (at, line) in lines.iter().enumerate() {
        check_line(line).map_err(|rule| format!("lines[{at}]{rule}"))?;
    }
    match sum_with_tax(lines) {
        _ if lines.is_empty() => Ok(()),
        Some(sum) if sum == amount => Ok(()),
        Some(sum) => Err(format!(
            "lines must sum up, with tax rounded on the sum of each rate, to the amount, {amount}; they sum up to {sum}"
        )),
        None => Err("lines must sum up, with tax, to 1 to 9007199254740991 minor units".to_owned()),
    }
}

/// Checks one line. An empty text is a missing one: an item without a description is shown by its identifier.
fn check_line(line: &Line) -> Result<(), &'static str> {
    let Line { sku, description, quantity, unit_price, tax_rate_basis_points } = line;
    let is_blank = |text: &str| !text.is_empty() && !is_printable(text);
    match line {
        _ if is_blank(sku) => Err(".sku must have a printable character, or be empty"),
        _ if is_blank(description) => Err(".description must have a printable character, or be empty"),
        _ if sku.is_empty() && description.is_empty() => Err(" must have a description or a sku"),
        _ if *quantity < 1 => Err(".quantity must be 1 or more"),
        _ if *unit_price < 0 => Err(".unitPrice must be 0 or more"),
        _ if !(0..=10_000).contains(tax_rate_basis_points) => {
            Err(".taxRateBasisPoints must be from 0 to 10000: 1900 is 19 %")
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use waybill_documents::Bill;

    use super::*;

    fn line(sku: &str, description: &str, quantity: i64, unit_price: i64, rate: i32) -> Line {
        Line {
            sku: sku.to_owned(),
            description: description.to_owned(),
            quantity,
            unit_price,
            tax_rate_basis_points: rate,
        }
    }

    #[test]
    fn lines_that_can_be_billed_are_taken_and_billed_as_they_are() {
        assert_eq!(check(&[], 5000), Ok(()));
        for lines in [
            vec![line("a", "A", 3, 1000, 1900)],
            vec![line("a", "", 3, 1000, 1900)],
            vec![line("", "A", 3, 1000, 1900)],
        ] {
            assert_eq!(check(&lines, 3570), Ok(()), "{lines:?}");
            assert_eq!(Bill::of(3570, &lines).tax, 570, "{lines:?}");
        }
    }

    #[test]
    fn lines_that_cannot_be_billed_are_rejected_with_the_reason() {
        let good = line("a", "A", 1, 1000, 1900);
        for (bad, amount, reason) in [
            (line("a", " ", 1, 0, 0), 1190, "lines[1].description must have a printable character"),
            (line("\u{200b}", "A", 1, 0, 0), 1190, "lines[1].sku must have a printable character"),
            (line("", "", 1, 0, 0), 1190, "lines[1] must have a description or a sku"),
            (line("b", "B", 0, 0, 0), 1190, "lines[1].quantity must be 1 or more"),
            (line("b", "B", -1, 190, 0), 1000, "lines[1].quantity must be 1 or more"),
            (line("b", "B", 1, -190, 0), 1000, "lines[1].unitPrice must be 0 or more"),
            (line("b", "B", 1, 100, -1), 1290, "lines[1].taxRateBasisPoints must be from 0 to 10000"),
            (line("b", "B", 1, 1, 0), 1190, "they sum up to 1191"),
            (line("b", "B", i64::MAX, i64::MAX, 10_000), 1190, "lines must sum up, with tax, to 1 to"),
        ] {
            let error = check(&[good.clone(), bad], amount).unwrap_err();
            assert!(error.contains(reason), "{error}");
        }
        // 3 × 0.33 with 0.18, as tax that is rounded line by line gives; rounded on their sum it is 0.19.
        let rounded_by_line = vec![line("a", "A", 1, 33, 1900); 3];
        assert!(check(&rounded_by_line, 117).unwrap_err().ends_with("they sum up to 118"));
    }
}
