//! Seller and buyer, in the form in which they are also stored and shown as JSON.

pub use customer::Customer;
pub use seller::Seller;
use serde::{Deserialize, Serialize};
use waybill_parties::scheme;

mod customer;
mod seller;

/// An address for electronic documents.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ElectronicAddress {
    /// What the identifier is: a code of the EAS list, such as `0088` for a GLN or `0204` for a Leitweg-ID.
    pub scheme: String,
    /// The identifier.
    pub id: String,
}

impl ElectronicAddress {
    /// The address that was given; or else the VAT identifier, by which companies are registered with Peppol; or else the e-mail
    /// address, which Peppol's network does not know (rule PEPPOL-EN16931-CL008).
    fn known(given: Option<&Self>, vat_id: Option<&str>, email: Option<&str>) -> Option<Self> {
        let of_vat_id = || {
            let (scheme, id) = scheme::of_vat_id(vat_id?)?;
            Some(Self { scheme: scheme.into(), id: id.into() })
        };
        let of_email = || email.map(|id| Self { scheme: scheme::EMAIL.into(), id: id.into() });
        given.cloned().or_else(of_vat_id).or_else(of_email)
    }
}

/// The text, unless it is missing or blank.
pub(crate) fn filled(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}
