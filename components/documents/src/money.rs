//! How amounts are written in electronic invoices.

use waybill_billing::AccountingTax;
use waybill_contracts::Decimal;

use crate::{Document, Profile, Refusal};

/// The most fraction digits of an amount (BR-DEC-…).
const MAX_DIGITS: usize = 2;

/// Currencies of ISO 4217 that the lists of EN 16931 do not have (BR-CL-03, BR-CL-04 in UBL and CII).
const NOT_IN_EN_16931: [&str; 2] = ["STN", "XAD"];

/// Those that are missing in Peppol's list besides (PEPPOL-EN16931-CL007).
const NOT_IN_PEPPOL: [&str; 1] = ["XCG"];

/// Amounts in the currency of a document.
pub struct Money<'a> {
    currency: &'a str,
    digits: usize,
}

impl<'a> Money<'a> {
    /// A currency with three or four fraction digits is written with two if no amount needs more; rounding would change the
    /// amount due.
    pub fn of(document: &'a Document, profile: Profile) -> Result<Self, Refusal> {
        let Document { currency, bill, .. } = document;
        let of_tax = bill.accounting_tax.as_ref().map(|tax| &tax.currency);
        for currency in [Some(currency), of_tax].into_iter().flatten() {
            let unknown =
                |profile, rule| Refusal::UnknownCurrency { currency: currency.clone(), profile, rule };
            if NOT_IN_EN_16931.contains(&currency.as_str()) {
                return Err(unknown(Profile::En16931, "BR-CL-04"));
            }
            if profile == Profile::Peppol && NOT_IN_PEPPOL.contains(&currency.as_str()) {
                return Err(unknown(profile, "PEPPOL-EN16931-CL007"));
            }
        }
        // Bills of before edition 3 have it rounded to two digits.
        if let Some(tax) = &bill.accounting_tax
            && tax.tax % smallest(digits_of(&tax.currency)) != 0
        {
            return Err(Refusal::TooPrecise { currency: tax.currency.clone() });
        }
        let digits = digits_of(currency);
        let prepaid = document.details.prepaid();
        if bill.amounts().chain([prepaid]).all(|amount| amount % smallest(digits) == 0) {
            Ok(Money { currency, digits })
        } else {
            Err(Refusal::TooPrecise { currency: currency.clone() })
        }
    }

    /// ISO 4217.
    pub fn currency(&self) -> &'a str {
        self.currency
    }

    /// An amount, with the digits that the standard allows.
    pub fn amount(&self, amount: i64) -> String {
        // Only zeros are cut off: `Money` is not made otherwise.
        within_digits(amount, self.digits)
    }

    /// A price, which may have any number of fraction digits.
    pub fn price(&self, price: Decimal) -> String {
        price.shifted(-i32::try_from(self.digits).unwrap_or(2))
    }
}

/// The tax in the currency that the seller accounts for it in (BT-111), with the digits that the standard allows (BR-DEC-15): `Money` is
/// not made where it has more.
pub fn accounting_amount(tax: &AccountingTax) -> String {
    within_digits(tax.tax, digits_of(&tax.currency))
}

fn digits_of(currency: &str) -> usize {
    waybill_contracts::minor_unit_digits(currency).unwrap_or(2)
}

/// The minor units that are the smallest amount of two fraction digits.
fn smallest(digits: usize) -> i64 {
    10_i64.pow(u32::try_from(digits.saturating_sub(MAX_DIGITS)).unwrap_or(0))
}

fn within_digits(amount: i64, digits: usize) -> String {
    let mut text = fixed(amount, digits);
    text.truncate(text.len() - digits.saturating_sub(MAX_DIGITS));
    text
}

/// Formats an integer of the smallest unit with this many fraction digits.
pub fn fixed(number: i64, digits: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let all = format!("{:0>width$}", number.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = all.split_at(all.len() - digits);
    if digits == 0 { format!("{sign}{all}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::fixed;

    #[test]
    fn the_decimal_point_stands_before_the_fraction() {
        for (number, digits, text) in [
            (0, 2, "0.00"),
            (5, 2, "0.05"),
            (12345, 2, "123.45"),
            (-5, 2, "-0.05"),
            (7, 0, "7"),
            (-70, 0, "-70"),
        ] {
            assert_eq!(fixed(number, digits), text);
        }
    }
}
