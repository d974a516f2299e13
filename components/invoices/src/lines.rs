//! The lines of an order's event, and what it says of its invoice besides.
//!
//! An invoice bills them as the event states them. What no document can bill is rejected with the reason, never billed otherwise.

mod blank;

use std::fmt::Display;

use serde::Deserialize as _;
use serde_json::Value;
use waybill_billing::{MAX_LINES, faults, is_payable_by, may_be_tax_in};
use waybill_contracts::{
    CashDiscount, Delivery, InvoiceDetails, Line, LineAllowance, Payment, Prepayment, TaxComponent,
};
use waybill_parties::identifier;
use waybill_service::fields::{Check as _, Given};
use waybill_service::json::{MAX_UNKNOWN_NAMED, RawValue};
use waybill_service::rules::account::{ACCOUNT_NUMBER, BIC, CREDITOR_ID, IBAN, LAST_DIGITS, ROUTING_NUMBER};
use waybill_service::rules::parties::{ICD, SELLER_ID};
use waybill_service::text::LineOfText;
use waybill_service::time::is_date;

/// The rule of a member that is of another type, or has a character that PostgreSQL cannot store.
pub const CONTRACT_RULE: &str = "must be as its contract says";

/// Whether an event may say something of its invoice besides the lines, by the first few of its other members.
pub fn may_have_details(others: &[String]) -> bool {
    let is_detail = |name: &String| InvoiceDetails::MEMBERS.contains(&name.as_str());
    others.len() >= MAX_UNKNOWN_NAMED || others.iter().any(is_detail)
}

/// Reads the lines and details of an event; the error says what is wrong. An order without lines has only an amount, and one without a
/// body with details says nothing besides.
pub fn read(
    lines: Option<&RawValue>,
    body: Option<&[u8]>,
    currency: &str,
) -> Result<(Vec<Line>, InvoiceDetails), String> {
    let given = lines.filter(|lines| lines.get() != "null");
    let mut lines: Vec<Line> = match given {
        Some(lines) => serde_json::from_str(lines.get())
            .map_err(|error| format!("lines {CONTRACT_RULE}: {error:.200}"))?,
        None => Vec::new(),
    };
    let mut details = body.map(|body| details(given, body)).transpose()?.unwrap_or_default();
    blank::clear_details(&mut details);
    for Prepayment { amount, tax_amount, .. } in &mut details.prepayments {
        // It bills nothing. Without it, the deposit is taken off all the same.
        *tax_amount = tax_amount.filter(|tax| may_be_tax_in(*tax, *amount));
    }
    details.payment = details.payment.and_then(|payment| ours(payment, currency));
    if lines.len() > MAX_LINES {
        return Err(format!("lines must be at most {MAX_LINES}"));
    }
    for (index, line) in lines.iter_mut().enumerate() {
        blank::clear_line(line);
        check_texts(line).map_err(|rule| format!("lines[{index}]{rule}"))?;
    }
    check_details(&mut details)?;
    match faults(currency, &lines, &details).into_iter().next() {
        Some(fault) => Err(fault.to_string()),
        None => Ok((lines, details)),
    }
}

/// Reads the details, which stand beside the lines. A blank text is a missing one.
fn details(lines: Option<&RawValue>, body: &[u8]) -> Result<InvoiceDetails, String> {
    // The lines are most of an event, and were read.
    let beside = lines.and_then(|lines| beside(body, lines));
    let mut details: InvoiceDetails = match serde_json::from_slice(beside.as_deref().unwrap_or(body)) {
        Ok(details) => details,
        Err(_) => details_of_others(body)?,
    };
    for (_, text) in informative(&mut details) {
        blank::clear(text);
    }
    Ok(details)
}

/// The body with `null` in place of one of its values; `None` if the value is not a part of it.
fn beside(body: &[u8], value: &RawValue) -> Option<Vec<u8>> {
    let start = value.get().as_ptr().addr().checked_sub(body.as_ptr().addr())?;
    let (before, rest) = body.split_at_checked(start)?;
    let after = rest.get(value.get().len()..)?;
    Some([before, b"null", after].concat())
}

/// The members of text that do not affect money or tax, with their names; the last is a date. Other producers may use these names for
/// values of other types: a number is taken as its text, and the others are ignored like unknown members.
fn informative(details: &mut InvoiceDetails) -> [(&'static str, &mut Option<String>); 8] {
    [
        ("note", &mut details.note),
        ("buyerReference", &mut details.buyer_reference),
        ("purchaseOrder", &mut details.purchase_order),
        ("salesOrder", &mut details.sales_order),
        ("project", &mut details.project),
        ("contract", &mut details.contract),
        ("paymentTerms", &mut details.payment_terms),
        ("dueDate", &mut details.due_date),
    ]
}

/// Reads the details of a producer whose informative members are of other types. The error of serde names the value or the member.
fn details_of_others(body: &[u8]) -> Result<InvoiceDetails, String> {
    let fault = |error| format!("the details of the invoice must be as their contract says: {error:.200}");
    let mut members: serde_json::Map<String, Value> = serde_json::from_slice(body).map_err(fault)?;
    let names = informative(&mut InvoiceDetails::default()).map(|(name, _)| name);
    for (name, value) in &mut members {
        if names.contains(&name.as_str()) {
            number_as_text(value);
        }
    }
    if let Some(Value::Object(delivery)) = members.get_mut("delivery") {
        for name in ["locationId", "locationIdScheme"] {
            delivery.get_mut(name).map(number_as_text);
        }
        delivery.retain(|name, value| !name.starts_with("locationId") || value.is_string());
    }
    members.retain(|name, value| match name.as_str() {
        "delivery" => value.is_object(),
        "payment" => Payment::deserialize(&*value).is_ok(),
        "cashDiscounts" => Vec::<CashDiscount>::deserialize(&*value).is_ok(),
        name => !names.contains(&name) || value.is_string(),
    });
    serde_json::from_value(Value::Object(members)).map_err(fault)
}

fn number_as_text(value: &mut Value) {
    if value.is_number() {
        *value = Value::String(value.to_string());
    }
}

/// Checks the texts of a line. An empty text is a missing one: an item without a description is shown by its identifier.
fn check_texts(line: &mut Line) -> Result<(), String> {
    if line.sku.is_empty() && line.description.is_empty() {
        return Err(" must have a description or a sku".to_owned());
    }
    let texts = [
        ("sku", Some(&line.sku).filter(|text| !text.is_empty())),
        ("description", Some(&line.description).filter(|text| !text.is_empty())),
        ("buyerItemId", line.buyer_item_id.as_ref()),
        ("exemptionReason", line.exemption_reason.as_ref()),
    ];
    for (name, text) in texts {
        check_text(format_args!(".{name}"), text)?;
    }
    check_free_text(".note", &mut line.note)?;
    for LineAllowance { reason, .. } in line.allowances.iter().chain(&line.charges) {
        check_text(": the reason of an allowance or charge", Some(reason))?;
    }
    check_names(&line.taxes).map_err(|rule| format!(": {rule}"))
}

fn check_names(taxes: &[TaxComponent]) -> Result<(), String> {
    taxes.iter().try_for_each(|tax| check_text("the name of a tax", Some(&tax.name)))
}

fn check_details(details: &mut InvoiceDetails) -> Result<(), String> {
    if details.seller_id.as_deref().is_some_and(|id| (SELLER_ID.read)(id).is_none()) {
        return Err(format!("sellerId {}", SELLER_ID.rule));
    }
    let [texts @ .., _] = informative(details);
    for (name, text) in texts {
        match name {
            "note" | "paymentTerms" => check_free_text(name, text)?,
            name => check_text(name, text.as_ref())?,
        }
    }
    if let Some(delivery) = &mut details.delivery {
        read_location(delivery);
    }
    let nowhere = Delivery::default();
    let delivery = details.delivery.as_ref().unwrap_or(&nowhere);
    for (name, text) in [
        ("delivery.locationId", &delivery.location_id),
        ("delivery.name", &delivery.name),
        ("delivery.address", &delivery.address),
        ("delivery.addressLine2", &delivery.address_line2),
        ("delivery.city", &delivery.city),
        ("delivery.zipCode", &delivery.zip_code),
        ("delivery.subdivision", &delivery.subdivision),
    ] {
        check_text(name, text.as_ref())?;
    }
    for Prepayment { invoice_number, date, .. } in &details.prepayments {
        check_text("the invoiceNumber of a prepayment", invoice_number.as_ref())?;
        check_date("the date of a prepayment", date.as_deref())?;
    }
    check_text("taxCurrency.source", details.tax_currency.as_ref().map(|tax| &tax.source))?;
    for allowance in details.allowances.iter().chain(&details.charges) {
        check_text("the reason of an allowance or charge", Some(&allowance.reason))?;
        check_names(&allowance.taxes)?;
    }
    for (name, date) in [
        ("dueDate", &details.due_date),
        ("delivery.date", &delivery.date),
        ("delivery.startDate", &delivery.start_date),
        ("delivery.endDate", &delivery.end_date),
    ] {
        check_date(name, date.as_deref())?;
    }
    Ok(())
}

/// The identifier of a place bills nothing, and other producers may have one of their own: what its scheme does not allow is kept without
/// the scheme.
fn read_location(delivery: &mut Delivery) {
    let id = delivery.location_id.as_deref();
    let is_of = |scheme: &String| {
        id.is_some_and(|id| (ICD.read)(scheme).is_some() && identifier::is_valid(scheme, id))
    };
    delivery.location_id_scheme = delivery.location_id_scheme.take().filter(is_of);
}

/// A way of payment as an order of ours has it. Any other is another producer's, and says nothing here.
fn ours(mut payment: Payment, currency: &str) -> Option<Payment> {
    for account in &mut payment.accounts {
        for (text, rule) in [
            (&mut account.iban, IBAN),
            (&mut account.account_number, ACCOUNT_NUMBER),
            (&mut account.routing_number, ROUTING_NUMBER),
            (&mut account.bic, BIC),
        ] {
            *text = text.as_deref().map_or(Some(None), |text| (rule.read)(text).map(Some))?;
        }
    }
    if let Some(card) = &mut payment.card {
        card.last_digits = (LAST_DIGITS.read)(&card.last_digits)?;
    }
    if let Some(debit) = &mut payment.direct_debit {
        debit.creditor_id = (CREDITOR_ID.read)(&debit.creditor_id)?;
        debit.iban = (IBAN.read)(&debit.iban)?;
    }
    let of_accounts = payment.accounts.iter().flat_map(|it| [it.name.as_ref(), it.bank_name.as_ref()]);
    let of_payment = of_accounts.chain([
        payment.text.as_ref(),
        payment.card.as_ref().and_then(|card| card.holder.as_ref()),
        payment.direct_debit.as_ref().map(|debit| &debit.mandate_reference),
    ]);
    let are_allowed = of_payment.flatten().all(|text| LineOfText::LONGEST.allows(text));
    (are_allowed && is_payable_by(currency, &payment)).then_some(payment)
}

fn check_date(name: &str, date: Option<&str>) -> Result<(), String> {
    let is_allowed = date.is_none_or(is_date);
    if is_allowed { Ok(()) } else { Err(format!("{name} must be a date, such as \"2026-01-31\"")) }
}

fn check_text(name: impl Display, text: Option<&String>) -> Result<(), String> {
    let is_allowed = text.is_none_or(|text| LineOfText::LONGEST.allows(text));
    if is_allowed { Ok(()) } else { Err(format!("{name} {}", LineOfText::LONGEST.rule())) }
}

/// Checks a text that may have several lines, and keeps it as its rule writes it.
fn check_free_text(name: &str, text: &mut Option<String>) -> Result<(), String> {
    if let Some(text) = text {
        *text = LineOfText::NOTE
            .check(Given::Parameter(text))
            .map_err(|_| format!("{name} {}", LineOfText::NOTE.rule()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
