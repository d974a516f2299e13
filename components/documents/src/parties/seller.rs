use serde::{Deserialize, Serialize};
use waybill_parties::{scheme, vat_id};

use super::{ElectronicAddress, filled};
use crate::Language;
use crate::address::{Address, country_name};

/// The seller of an invoice, as it was when the invoice was issued. An operator sets it by `PUT /seller`.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seller {
    /// The name that the business is registered under (BT-27).
    pub name: String,
    /// The VAT identifier, with the prefix of its country (BT-31).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
    /// The number that the tax office gave, for a seller without VAT identifier (BT-32).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<String>,
    /// The number in a register of companies (BT-30).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_id: Option<String>,
    /// Which register that is: an ISO 6523 code (ICD), such as `0002` for SIREN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_id_scheme: Option<String>,
    /// Street and number (BT-35).
    pub address: String,
    /// A second line of the address (BT-36).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    /// The city (BT-37).
    pub city: String,
    /// The postal code (BT-38), where the country has them.
    // Stored as an empty text where it has none, since the version before needs a text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub zip_code: String,
    /// State, province or region (BT-39).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subdivision: Option<String>,
    /// ISO 3166-1, two letters (BT-40).
    pub country: String,
    /// The e-mail address (BT-43).
    pub email: String,
    /// The contact person (BT-41).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The telephone number (BT-42).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where electronic documents go (BT-34); where it is not given, documents have the VAT identifier for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub electronic_address: Option<ElectronicAddress>,
    /// What the law wants on business letters besides, such as register and managing directors (BT-33).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_notes: Option<String>,
    /// Why the seller charges no VAT, if so (BT-120).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption_reason: Option<String>,
    /// The rate of the tax that the amount of an order without lines includes, in basis points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount_tax_rate_basis_points: Option<i32>,
    /// How many days a customer has to pay.
    pub payment_days: i32,
    /// The account to pay to, without spaces (BT-84).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iban: Option<String>,
    /// The bank of the account (BT-86).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// The number of an account that has no IBAN (BT-84).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_number: Option<String>,
    /// The number of its bank in the country, such as an ABA routing number or a BSB (BT-86).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routing_number: Option<String>,
    /// The name of the bank, as it is printed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_name: Option<String>,
    /// True if no seller was set: the seller is an example, and the document is not an invoice.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub is_specimen: bool,
}

impl Seller {
    pub(crate) fn postal_address(&self) -> Address<'_> {
        Address {
            street: filled(Some(&self.address)),
            more: filled(self.address_line2.as_ref()),
            town: filled(Some(&self.city)),
            subdivision: filled(self.subdivision.as_ref()),
            postal_code: filled(Some(&self.zip_code)),
            country: Some(&self.country),
        }
    }

    /// The address in the lines of its country, without the country.
    pub(crate) fn address_lines(&self) -> Vec<String> {
        self.postal_address().lines(false)
    }

    /// The country's name, or the code itself if no country has it.
    pub(crate) fn country_name(&self, language: Language) -> &str {
        country_name(&self.country, language).unwrap_or(&self.country)
    }

    /// The foot of each page: who the seller is, and how to reach them. Before edition 5, without the contact.
    pub(crate) fn imprint(&self, edition: u16, language: Language) -> Vec<String> {
        let words = language.words();
        let place = format!("{}, {}", self.address_lines().join(", "), self.country_name(language));
        let labelled =
            |label: &str, value: Option<&String>| filled(value).map(|value| format!("{label} {value}"));
        let vat_id = self.vat_id.as_deref().map(vat_id::printed);
        let parts = [
            Some(self.name.clone()),
            Some(place),
            labelled(words.vat_id, vat_id.as_ref()),
            labelled(words.tax_number, self.tax_number.as_ref()),
            labelled(words.company_id, self.company_id.as_ref()),
            filled(self.contact.as_ref()).filter(|_| edition >= 5).map(str::to_owned),
            Some(self.email.clone()),
            labelled(words.phone, self.phone.as_ref()),
            filled(self.legal_notes.as_ref()).map(str::to_owned),
        ];
        parts.into_iter().flatten().collect()
    }

    /// Where electronic documents go.
    pub(crate) fn endpoint(&self, edition: u16) -> Option<ElectronicAddress> {
        let vat_id = filled(self.vat_id.as_ref());
        super::endpoint(edition, self.electronic_address.as_ref(), vat_id, Some(&self.email))
    }

    /// The number in a register of companies, and the code of the register. A Danish VAT identifier is the company's number there
    /// (rule DK-R-002).
    pub(crate) fn registration(&self) -> Option<(Option<&str>, &str)> {
        let given = filled(self.company_id.as_ref());
        let danish = || filled(self.vat_id.as_ref()).filter(|vat_id| vat_id.starts_with("DK"));
        match given {
            Some(id) => Some((filled(self.company_id_scheme.as_ref()), id)),
            None => danish().map(|id| (Some(scheme::CVR), id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EDITION;
    use crate::example::{electronic_address, seller};

    fn address(seller: &Seller) -> (String, String) {
        let ElectronicAddress { scheme, id } = seller.endpoint(EDITION).unwrap();
        (scheme, id)
    }

    #[test]
    fn the_imprint_has_what_identifies_the_seller() {
        let mut seller = seller();
        assert_eq!(
            seller.imprint(EDITION, Language::De)[1..],
            [
                "Example Street 1, 10115 Berlin, Deutschland",
                "USt-IdNr. DE123456789",
                "Accounting",
                "invoices@seller.example",
                "Telefon +49 30 23125000"
            ]
        );
        seller.vat_id = None;
        seller.tax_number = Some("12/345/67890".into());
        seller.company_id = Some("HRB 12345".into());
        seller.legal_notes = Some("Amtsgericht Berlin HRB 12345, Geschäftsführerin: Jo Doe".into());
        let imprint = seller.imprint(EDITION, Language::De).join(" · ");
        assert!(imprint.contains("· Steuernummer 12/345/67890 ·"), "{imprint}");
        assert!(imprint.ends_with("Geschäftsführerin: Jo Doe") && !imprint.contains("USt"), "{imprint}");
        seller.vat_id = Some("CHE116281710MWST".into());
        assert!(seller.imprint(EDITION, Language::De).contains(&"USt-IdNr. CHE-116.281.710 MWST".to_owned()));
    }

    #[test]
    fn the_electronic_address_is_the_one_given_or_the_vat_id_or_the_email() {
        let mut seller = seller();
        assert_eq!(address(&seller), ("9930".into(), "DE123456789".into()));
        seller.vat_id = Some("BE0428759497".into());
        assert_eq!(address(&seller), ("0208".into(), "0428759497".into()));
        let before = electronic_address("9925", "BE0428759497");
        assert_eq!(seller.endpoint(2), Some(before));
        seller.vat_id = None;
        assert_eq!(address(&seller), ("EM".into(), "invoices@seller.example".into()));
        seller.electronic_address =
            Some(ElectronicAddress { scheme: "0088".into(), id: "4012345678901".into() });
        assert_eq!(address(&seller), ("0088".into(), "4012345678901".into()));
    }

    #[test]
    fn a_danish_seller_is_registered_by_its_vat_id() {
        let mut seller = Seller { vat_id: Some("DK13585628".into()), ..seller() };
        assert_eq!(seller.registration(), Some((Some("0184"), "DK13585628")));
        seller.company_id = Some("x".into());
        assert_eq!(seller.registration(), Some((None, "x")));
        assert_eq!(Seller { vat_id: None, company_id: None, ..seller }.registration(), None);
    }
}
