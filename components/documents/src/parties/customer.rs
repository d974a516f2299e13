use waybill_contracts::{Customer, ElectronicAddress};

use super::{endpoint, filled};
use crate::address::Address;

/// A customer on a document.
pub(crate) trait Buyer {
    /// The address below the name. A customer with a state only has the city in it, as the replaced system's do.
    fn postal_address(&self) -> Address<'_>;

    /// The number in a register of companies (BT-47), and the code of the register.
    fn registration(&self) -> Option<(Option<&str>, &str)>;

    /// Where electronic documents go; `None` if neither that nor a VAT identifier nor an e-mail address is known.
    fn endpoint(&self, edition: u16) -> Option<ElectronicAddress>;
}

impl Buyer for Customer {
    fn postal_address(&self) -> Address<'_> {
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

    fn registration(&self) -> Option<(Option<&str>, &str)> {
        let id = filled(self.company_id.as_ref())?;
        Some((filled(self.company_id_scheme.as_ref()), id))
    }

    fn endpoint(&self, edition: u16) -> Option<ElectronicAddress> {
        let (vat_id, email) = (filled(self.vat_id.as_ref()), filled(self.email.as_ref()));
        endpoint(edition, self.electronic_address.as_ref(), vat_id, email)
    }
}
