//! A blank text of an event is a missing one, in every optional member but `currency` and `taxCategory`: it says nothing, and is no reason
//! to refuse an order.

use waybill_contracts::{Account, Delivery, InvoiceDetails, Line, Payment, Prepayment};

/// Clears a text that is blank.
pub fn clear(text: &mut Option<String>) {
    if text.as_ref().is_some_and(|text| text.trim().is_empty()) {
        *text = None;
    }
}

/// Clears the blank texts of a line.
pub fn clear_line(line: &mut Line) {
    for text in [&mut line.sku, &mut line.description] {
        if text.trim().is_empty() {
            text.clear();
        }
    }
    for text in [
        &mut line.unit_code,
        &mut line.exemption_reason,
        &mut line.exemption_reason_code,
        &mut line.note,
        &mut line.buyer_item_id,
    ] {
        clear(text);
    }
}

/// Clears the blank texts of the parts of an invoice.
pub fn clear_details(details: &mut InvoiceDetails) {
    clear(&mut details.seller_id);
    details.delivery.iter_mut().for_each(clear_delivery);
    details.payment.iter_mut().for_each(clear_payment);
    for Prepayment { invoice_number, date, .. } in &mut details.prepayments {
        clear(invoice_number);
        clear(date);
    }
}

fn clear_delivery(delivery: &mut Delivery) {
    let Delivery {
        date,
        start_date,
        end_date,
        location_id,
        location_id_scheme,
        name,
        address,
        address_line2,
        city,
        zip_code,
        subdivision,
        country,
    } = delivery;
    for text in [date, start_date, end_date, location_id, location_id_scheme, name] {
        clear(text);
    }
    for text in [address, address_line2, city, zip_code, subdivision, country] {
        clear(text);
    }
}

fn clear_payment(payment: &mut Payment) {
    clear(&mut payment.code);
    clear(&mut payment.text);
    for Account { iban, account_number, routing_number, name, bic, bank_name } in &mut payment.accounts {
        for text in [iban, account_number, routing_number, name, bic, bank_name] {
            clear(text);
        }
    }
    if let Some(card) = &mut payment.card {
        clear(&mut card.holder);
    }
}
