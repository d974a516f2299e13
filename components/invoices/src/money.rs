//! Amounts for people to read.

use waybill_contracts::minor_unit_digits;

/// An amount in minor units as people write it: `1,234.50` of 123450 `EUR`, `5,000` of 5000 `JPY`.
///
/// A currency that is no longer on the list keeps two digits, as nearly all have.
pub fn decimal(amount: i64, currency: &str) -> String {
    let digits = minor_unit_digits(currency).unwrap_or(2);
    // The amount is padded so that at least one digit stands before the point.
    let minor_units = format!("{amount:0>width$}", width = digits + 1);
    let (whole, fraction) = minor_units.split_at(minor_units.len() - digits);
    let mut text = String::with_capacity(minor_units.len() * 2);
    for (index, digit) in whole.char_indices() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if digits > 0 {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_stands_where_the_currency_has_it() {
        for (amount, currency, text) in [
            (1, "EUR", "0.01"),
            (10, "EUR", "0.10"),
            (5000, "EUR", "50.00"),
            (123_450, "USD", "1,234.50"),
            (1, "JPY", "1"),
            (5000, "JPY", "5,000"),
            (1, "KWD", "0.001"),
            (1_234_567, "KWD", "1,234.567"),
            (123_456, "CLF", "12.3456"),
            (9_007_199_254_740_991, "EUR", "90,071,992,547,409.91"),
            (100_000, "XXX", "1,000.00"),
        ] {
            assert_eq!(decimal(amount, currency), text);
        }
    }
}
