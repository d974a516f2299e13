//! The lines of an order's event, and what it says of its invoice besides.
//!
//! An invoice bills them as the event states them. What no document can bill is rejected with the reason, never billed otherwise.

use serde_json::Value;
use waybill_billing::{MAX_LINES, faults};
use waybill_contracts::{InvoiceDetails, Line, LineAllowance};
use waybill_service::json::RawValue;
use waybill_service::text::LineOfText;
use waybill_service::time::is_date;

/// The rule of a member that is of another type, or has a character that PostgreSQL cannot store.
pub const CONTRACT_RULE: &str = "must be as its contract says";

/// Members that say nothing of money or tax. Producers that know other ones of these names go on as before: a value of another type is
/// ignored, as all members are that the contract does not have.
const INFORMATIVE: [&str; 8] = [
    "note",
    "buyerReference",
    "purchaseOrder",
    "salesOrder",
    "project",
    "contract",
    "paymentTerms",
    "dueDate",
];

/// Reads the lines and details of an event; the error says what is wrong. An order without lines has only an amount.
pub fn read(
    lines: Option<&RawValue>,
    body: &[u8],
    currency: &str,
) -> Result<(Vec<Line>, InvoiceDetails), String> {
    let lines: Vec<Line> = match lines {
        Some(lines) => serde_json::from_str(lines.get())
            .map_err(|error| format!("lines {CONTRACT_RULE}: {error:.200}"))?,
        None => Vec::new(),
    };
    let details = details(body)?;
    if lines.len() > MAX_LINES {
        return Err(format!("lines must be at most {MAX_LINES}"));
    }
    for (index, line) in lines.iter().enumerate() {
        check_texts(line).map_err(|rule| format!("lines[{index}]{rule}"))?;
    }
    check_details(&details)?;
    match faults(currency, &lines, &details).into_iter().next() {
        Some(fault) => Err(fault.to_string()),
        None => Ok((lines, details)),
    }
}

/// Reads the details. A blank text is a missing one.
fn details(body: &[u8]) -> Result<InvoiceDetails, String> {
    let mut details: InvoiceDetails = match serde_json::from_slice(body) {
        Ok(details) => details,
        Err(_) => details_of_others(body)?,
    };
    for text in [
        &mut details.note,
        &mut details.buyer_reference,
        &mut details.purchase_order,
        &mut details.sales_order,
        &mut details.project,
        &mut details.contract,
        &mut details.payment_terms,
        &mut details.due_date,
    ] {
        *text = text.take().filter(|text| !text.trim().is_empty());
    }
    Ok(details)
}

/// Reads the details of a producer whose informative members are of other types. The error of serde names the value or the member.
fn details_of_others(body: &[u8]) -> Result<InvoiceDetails, String> {
    let fault = |error| format!("the details of the invoice must be as their contract says: {error:.200}");
    let mut members: serde_json::Map<String, Value> = serde_json::from_slice(body).map_err(fault)?;
    members.retain(|name, value| match name.as_str() {
        "delivery" => value.is_object(),
        name => !INFORMATIVE.contains(&name) || value.is_string(),
    });
    serde_json::from_value(Value::Object(members)).map_err(fault)
}

/// Checks the texts of a line. An empty text is a missing one: an item without a description is shown by its identifier.
fn check_texts(line: &Line) -> Result<(), String> {
    if line.sku.is_empty() && line.description.is_empty() {
        return Err(" must have a description or a sku".to_owned());
    }
    let texts = [
        ("sku", Some(&line.sku).filter(|text| !text.is_empty())),
        ("description", Some(&line.description).filter(|text| !text.is_empty())),
        ("note", line.note.as_ref()),
        ("buyerItemId", line.buyer_item_id.as_ref()),
        ("exemptionReason", line.exemption_reason.as_ref()),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            check_text(text).map_err(|rule| format!(".{name} {rule}"))?;
        }
    }
    for LineAllowance { reason, .. } in line.allowances.iter().chain(&line.charges) {
        check_text(reason).map_err(|rule| format!(": the reason of an allowance or charge {rule}"))?;
    }
    Ok(())
}

fn check_details(details: &InvoiceDetails) -> Result<(), String> {
    let delivery = details.delivery.clone().unwrap_or_default();
    let source = details.tax_currency.as_ref().map(|tax| &tax.source);
    for (name, text) in [
        ("note", details.note.as_ref()),
        ("buyerReference", details.buyer_reference.as_ref()),
        ("purchaseOrder", details.purchase_order.as_ref()),
        ("salesOrder", details.sales_order.as_ref()),
        ("project", details.project.as_ref()),
        ("contract", details.contract.as_ref()),
        ("paymentTerms", details.payment_terms.as_ref()),
        ("delivery.name", delivery.name.as_ref()),
        ("delivery.address", delivery.address.as_ref()),
        ("delivery.city", delivery.city.as_ref()),
        ("delivery.zipCode", delivery.zip_code.as_ref()),
        ("taxCurrency.source", source),
    ] {
        if let Some(text) = text {
            check_text(text).map_err(|rule| format!("{name} {rule}"))?;
        }
    }
    for allowance in details.allowances.iter().chain(&details.charges) {
        check_text(&allowance.reason)
            .map_err(|rule| format!("the reason of an allowance or charge {rule}"))?;
    }
    for (name, date) in [
        ("dueDate", &details.due_date),
        ("delivery.date", &delivery.date),
        ("delivery.startDate", &delivery.start_date),
        ("delivery.endDate", &delivery.end_date),
    ] {
        if !date.as_deref().is_none_or(is_date) {
            return Err(format!("{name} must be a date, such as \"2026-01-31\""));
        }
    }
    Ok(())
}

fn check_text(text: &str) -> Result<(), &'static str> {
    if LineOfText::NOTE.allows(text) {
        Ok(())
    } else {
        Err("must have 1 to 1000 characters, with a printable character and without control characters")
    }
}

#[cfg(test)]
mod tests;
