use serde::{Deserialize, Serialize};

use super::{ElectronicAddress, filled};
use crate::address::Address;

/// The customer of an invoice, as far as it is known.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Customer {
    /// The name of a person or a company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Street and number (BT-50).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// A second line of the address (BT-51).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    /// The city (BT-52).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region (BT-54); the city where there is no `city`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The postal code (BT-53).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
    /// ISO 3166-1, two letters (BT-55).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The VAT identifier, with the prefix of its country (BT-48).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
    /// The number in a register of companies (BT-47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<String>,
    /// The contact person (BT-56).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The telephone number (BT-57).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where electronic documents go (BT-49).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub electronic_address: Option<ElectronicAddress>,
    /// The customer's routing reference for invoices, such as a Leitweg-ID (BT-10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_reference: Option<String>,
    /// How many days the customer has to pay, if it differs from the seller's number of days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_days: Option<i32>,
    /// The profile by which the customer wants electronic invoices; without it, the strictest one that an invoice satisfies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_profile: Option<String>,
}

impl Customer {
    /// The address below the name. A customer with a state only has the city in it, as the replaced system's do.
    pub(crate) fn postal_address(&self) -> Address<'_> {
        let (city, state) = (filled(self.city.as_ref()), filled(self.state.as_ref()));
        Address {
            street: filled(self.address.as_ref()),
            more: filled(self.address_line2.as_ref()),
            town: city.or(state),
            subdivision: city.and(state),
            postal_code: filled(self.zip_code.as_ref()),
            country: filled(self.country.as_ref()),
        }
    }

    /// Where electronic documents go; `None` if neither that nor a VAT identifier nor an e-mail address is known.
    pub(crate) fn endpoint(&self) -> Option<ElectronicAddress> {
        let (vat_id, email) = (filled(self.vat_id.as_ref()), filled(self.email.as_ref()));
        ElectronicAddress::known(self.electronic_address.as_ref(), vat_id, email)
    }
}
