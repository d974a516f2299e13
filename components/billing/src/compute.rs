//! Computing what an order is billed.

use waybill_contracts::{InvoiceDetails, Line, MAX_AMOUNT, MIN_AMOUNT, TaxCurrency, minor_unit_digits};

use crate::Parties;
use crate::amounts::rounded_quotient;
use crate::bill::{AccountingTax, Bill};
use crate::fault::Fault;
use crate::of_parties::of_parties;
use crate::sums::Sums;

/// The total to pay for lines and details, in minor units; `None` if it is not a valid amount.
pub fn total(lines: &[Line], details: &InvoiceDetails) -> Option<i64> {
    let total = Sums::of(lines, details, &Parties::default())?.total();
    i64::try_from(total).ok().filter(|total| (MIN_AMOUNT..=MAX_AMOUNT).contains(total))
}

/// Bills an order over `amount` in a currency: its lines, or the amount where there are none.
///
/// The fault names what EN 16931 does not allow in the order or its parties.
pub fn bill(
    amount: i64,
    currency: &str,
    lines: &[Line],
    details: &InvoiceDetails,
    parties: &Parties,
) -> Result<Bill, Fault> {
    let mut bill = if lines.is_empty() {
        Bill::of_amount(amount, parties)
    } else {
        of_parties(lines, details, parties)?;
        of_lines(lines, details, parties).ok_or_else(too_large)?
    };
    if bill.total != amount {
        let rule = format!(
            "must sum up, with tax rounded on the sum of each rate, to the amount, {amount}; they sum up to {}",
            bill.total
        );
        return Err(Fault::new("lines", rule));
    }
    if let Some(fault) = prepayment_fault(amount, details) {
        return Err(fault);
    }
    if let Some(other) = &details.tax_currency {
        bill.accounting_tax = Some(accounting_tax(bill.tax, currency, other).ok_or_else(|| {
            Fault::new("taxCurrency.rate", "must give an amount of tax that can be written")
        })?);
    }
    Ok(bill)
}

/// The bill of lines; `None` if an amount is too large.
pub fn of_lines(lines: &[Line], details: &InvoiceDetails, parties: &Parties) -> Option<Bill> {
    Sums::of(lines, details, parties)?.bill(lines, details, parties)
}

/// Whether more was paid before than an order over `amount` costs: what is paid back then is not an invoice.
pub fn prepayment_fault(amount: i64, details: &InvoiceDetails) -> Option<Fault> {
    let rule = format!("must sum up to at most the amount, {amount}");
    (details.prepaid() > amount).then(|| Fault::new("prepayments", rule))
}

fn too_large() -> Fault {
    Fault::new("lines", format!("must sum up, with tax, to 1 to {MAX_AMOUNT} minor units"))
}

/// Whether the tax of an order can be given in the currency that it says.
pub fn is_tax_accountable(currency: &str, lines: &[Line], details: &InvoiceDetails) -> bool {
    let Some(other) = &details.tax_currency else { return true };
    let tax = Sums::of(lines, details, &Parties::default()).and_then(|sums| i64::try_from(sums.tax()).ok());
    tax.is_none_or(|tax| accounting_tax(tax, currency, other).is_some())
}

/// A tax in another currency, in minor units of that one.
fn accounting_tax(tax: i64, currency: &str, other: &TaxCurrency) -> Option<AccountingTax> {
    let digits = |currency: &str| i32::try_from(minor_unit_digits(currency).unwrap_or(2)).ok();
    let (to, from) = (digits(&other.currency)?, digits(currency)?);
    let (rate, scale) = other.rate.fraction();
    let product = i128::from(tax) * i128::from(rate);
    // A power of ten on the side where it is an integer keeps the product exact, which has at most 36 digits.
    let power = |digits: i32| 10_i128.pow(digits.unsigned_abs());
    let below_point = i32::try_from(scale).ok()? + from - to;
    let tax = if below_point > 0 {
        rounded_quotient(product, power(below_point))
    } else {
        product * power(below_point)
    };
    Some(AccountingTax {
        currency: other.currency.clone(),
        tax: i64::try_from(tax).ok().filter(|tax| tax.unsigned_abs() <= MAX_AMOUNT.unsigned_abs())?,
        rate: other.rate,
        source: other.source.clone(),
    })
}

#[cfg(test)]
mod tests;
