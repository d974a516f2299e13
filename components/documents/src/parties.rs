//! Seller and buyer, in the form in which they are also stored and shown as JSON.

pub(crate) use customer::Buyer;
pub use seller::Seller;
pub use waybill_contracts::{Customer, ElectronicAddress};
use waybill_parties::scheme;

mod customer;
mod seller;

/// The electronic address that was given; or else the VAT identifier, by which companies are registered with Peppol; or else the
/// e-mail address, which Peppol's network does not know (rule PEPPOL-EN16931-CL008).
///
/// Before edition 3, it was the VAT identifier also in Belgium, where businesses are registered by the enterprise number in it.
fn endpoint(
    edition: u16,
    given: Option<&ElectronicAddress>,
    vat_id: Option<&str>,
    email: Option<&str>,
) -> Option<ElectronicAddress> {
    let address = |(scheme, id): (&str, &str)| ElectronicAddress { scheme: scheme.into(), id: id.into() };
    let of_vat_id = || {
        let vat_id = vat_id?;
        let is_whole = edition < 3 && vat_id.starts_with("BE");
        if is_whole { scheme::by_vat_id(vat_id) } else { scheme::of_vat_id(vat_id) }.map(address)
    };
    let of_email = || email.map(|id| address((scheme::EMAIL, id)));
    given.cloned().or_else(of_vat_id).or_else(of_email)
}

/// The text, unless it is missing or blank.
pub(crate) fn filled(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}
