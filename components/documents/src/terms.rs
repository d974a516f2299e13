//! Business terms that UBL and CII have in common, and some of them page and PDF too.

use waybill_contracts::{Delivery, TaxCategory};

use crate::address::Address;
use crate::parties::{Buyer as _, filled};
use crate::payment_terms::{self, Term};
use crate::{Date, Document, Kind, Language, Profile, rows};

/// What is written for a mandatory identifier that is not known.
pub const NOT_AVAILABLE: &str = "NA";

/// The notes (BT-22); in Peppol one with all of them (PEPPOL-EN16931-R002).
pub fn notes(document: &Document, profile: Profile) -> Vec<String> {
    let specimen = document.seller.is_specimen.then(|| Language::En.words().specimen);
    let note = filled(document.details.note.as_ref());
    let notes: Vec<String> = specimen.into_iter().chain(note).map(str::to_owned).collect();
    if profile == Profile::Peppol && notes.len() > 1 { vec![notes.join("\n")] } else { notes }
}

/// The buyer reference (BT-10). XRechnung requires one (BR-DE-15), and Peppol between German parties (DE-R-015), also of a business that
/// has none.
pub fn buyer_reference(document: &Document, profile: Profile) -> Option<&str> {
    let is_required = match profile {
        Profile::En16931 => false,
        Profile::XRechnung => true,
        Profile::Peppol => document.edition >= 1 && document.is_german(),
    };
    document.buyer_reference().or(is_required.then_some(NOT_AVAILABLE))
}

/// The seller's number of the order (BT-14).
pub fn sales_order(document: &Document) -> &str {
    filled(document.details.sales_order.as_ref()).unwrap_or(&document.order_id)
}

/// Invoices before this document, with their days (BG-3): the one that a credit note credits, or those of deposits.
///
/// A credit note refers to one only, without any doubt (VAT Directive, art. 219): the invoices of deposits are not taken back by it.
pub fn preceding_invoices(document: &Document) -> impl Iterator<Item = (&str, Option<Date>)> {
    let credited = match &document.kind {
        Kind::CreditNote { invoice_number, invoice_issued_on } => {
            Some((invoice_number.as_str(), Some(*invoice_issued_on)))
        }
        Kind::Invoice { .. } => None,
    };
    let deposits = document.details.prepayments.iter().filter(move |_| credited.is_none());
    let of_deposits = deposits.filter_map(|prepayment| {
        let number = filled(prepayment.invoice_number.as_ref())?;
        Some((number, prepayment.date.as_deref().and_then(Date::read)))
    });
    credited.into_iter().chain(of_deposits)
}

/// The day of delivery (BT-72).
pub fn delivery_date(document: &Document) -> Option<Date> {
    Date::read(document.details.delivery.as_ref()?.date.as_deref()?)
}

/// The first and the last day of a service (BG-14); `None` if neither is known.
pub fn period(document: &Document) -> Option<(Option<Date>, Option<Date>)> {
    let delivery = document.details.delivery.as_ref()?;
    let read = |date: &Option<String>| date.as_deref().and_then(Date::read);
    let (start, end) = (read(&delivery.start_date), read(&delivery.end_date));
    (start.is_some() || end.is_some()).then_some((start, end))
}

/// Where it was delivered to, if that is not the buyer's address.
pub struct Place<'a> {
    /// Who received it (BT-70).
    pub name: Option<&'a str>,
    /// Street and number (BT-75).
    pub address: Option<&'a str>,
    /// A second line of the address (BT-76).
    pub address_line2: Option<&'a str>,
    /// The city (BT-77).
    pub city: Option<&'a str>,
    /// The postal code (BT-78).
    pub zip_code: Option<&'a str>,
    /// State, province or region (BT-79).
    pub subdivision: Option<&'a str>,
    /// The country (BT-80), which is mandatory in an address (BR-57); the buyer's where only a part of the address is known.
    pub country: &'a str,
    /// Whether there is an address, not an identifier or a name only.
    pub has_address: bool,
    /// The identifier of the place (BT-71).
    pub id: Option<&'a str>,
    /// What the identifier is: an ISO 6523 code (BT-71-1).
    pub id_scheme: Option<&'a str>,
}

impl<'a> Place<'a> {
    /// The place of a document's delivery. Goods that are supplied within the European Union always have one (BR-IC-12): the buyer's
    /// address, unless the order gives another.
    pub fn of(document: &'a Document) -> Option<Self> {
        let delivery = document.details.delivery.as_ref();
        let part = |of: fn(&Delivery) -> &Option<String>| {
            delivery.and_then(|delivery| filled(of(delivery).as_ref()))
        };
        let place = Place {
            name: part(|it| &it.name),
            address: part(|it| &it.address),
            address_line2: part(|it| &it.address_line2),
            city: part(|it| &it.city),
            zip_code: part(|it| &it.zip_code),
            subdivision: part(|it| &it.subdivision),
            country: part(|it| &it.country).unwrap_or(document.buyer_country()),
            has_address: true,
            id: part(|it| &it.location_id),
            id_scheme: part(|it| &it.location_id_scheme),
        };
        let Place { name, address, address_line2, city, zip_code, subdivision, .. } = place;
        // Before edition 5, a name by itself was an address in the buyer's country.
        let name_as_address = name.filter(|_| document.edition < 5);
        let is_given = part(|it| &it.country).is_some()
            || [name_as_address, address, address_line2, city, zip_code, subdivision]
                .iter()
                .any(Option::is_some);
        if is_given {
            return Some(place);
        }
        if !document.bill.taxes.iter().any(|sum| sum.category == TaxCategory::K) {
            return place.id.or(place.name).map(|_| Place { has_address: false, ..place });
        }
        if document.edition == 0 {
            return delivery.and(Some(place));
        }
        let Address { street, more, town, subdivision, postal_code, .. } = document.customer.postal_address();
        let place = Place { address: street, city: town, zip_code: postal_code, ..place };
        let is_whole = document.edition >= 3;
        Some(if is_whole { Place { address_line2: more, subdivision, ..place } } else { place })
    }
}

/// The terms of payment (BT-20). An amount due has a due date or terms (BR-CO-25), and a credit note has no due date.
pub fn payment_terms(document: &Document) -> Option<String> {
    match &document.kind {
        Kind::Invoice { .. } => match payment_terms::of(document)? {
            Ok(terms) => Some(payment_terms::written(&terms)),
            Err(text) => Some(text.to_owned()),
        },
        Kind::CreditNote { invoice_number, .. } => {
            let rest = rows::invoices_of_deposits(document).map(|it| Language::En.not_taken_back(&it));
            let rest = rest.map(|sentence| format!(" {sentence}")).unwrap_or_default();
            Some(format!("Takes back invoice {invoice_number} in full.{rest}"))
        }
    }
}

/// Whether terms of payment look like discounts that a program reads, and cannot be read (BR-DE-18).
pub fn has_unreadable_discount(document: &Document) -> bool {
    let is_any_hash_one = document.edition == 0;
    match payment_terms::of(document) {
        None => false,
        Some(Err(_)) => true,
        Some(Ok(terms)) => {
            is_any_hash_one && terms.iter().any(|term| matches!(term, Term::Text(text) if text.contains('#')))
        }
    }
}
