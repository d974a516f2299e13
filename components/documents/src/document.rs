//! The content of a document, independent of language and format.

use waybill_billing::Bill;
use waybill_contracts::{CashDiscount, InvoiceDetails, TaxCategory};
use waybill_parties::vat_id;

use crate::address::country_name;
use crate::parties::{Buyer as _, filled};
use crate::{Customer, Date, ElectronicAddress, Language, Seller};

/// An invoice or a credit note. Every representation is made of this and of nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The edition that it was issued in ([`EDITION`](crate::EDITION)).
    pub edition: u16,
    /// Invoice or credit note.
    pub kind: Kind,
    /// The number that is printed on it.
    pub number: String,
    /// The day of issue, in the seller's time zone.
    pub issued_on: Date,
    /// The order that is billed.
    pub order_id: String,
    /// ISO 4217.
    pub currency: String,
    /// The seller.
    pub seller: Seller,
    /// The buyer's identifier at the seller.
    pub customer_id: String,
    /// What is known of the buyer.
    pub customer: Customer,
    /// The lines and sums that are billed or credited.
    pub bill: Bill,
    /// What the order says of its invoice besides.
    pub details: InvoiceDetails,
}

/// The kind of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An invoice.
    Invoice {
        /// The day by which it is to be paid.
        due_on: Date,
    },
    /// Credits a whole invoice.
    CreditNote {
        /// The invoice's number.
        invoice_number: String,
        /// The invoice's day of issue.
        invoice_issued_on: Date,
    },
}

/// What has happened to an invoice since it was issued.
///
/// Not a part of the [`Document`]: an issued invoice never changes, so only the page, which shows the present, says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settlement {
    /// When it was paid.
    pub paid_on: Option<Date>,
    /// The number of the credit note that credits it.
    pub credited_by: Option<String>,
}

impl Document {
    /// What remains to be paid (BT-115), in minor units.
    pub fn due(&self) -> i64 {
        self.bill.due(&self.details)
    }

    /// The buyer's name, or the identifier: older events have no name.
    pub fn buyer_name(&self) -> &str {
        filled(self.customer.name.as_ref()).unwrap_or(&self.customer_id)
    }

    /// The known lines of the buyer's address below the name, as its country writes them. Mail abroad has the country as its last line,
    /// in full and in capitals (UPU S42).
    pub fn buyer_address(&self, language: Language) -> Vec<String> {
        let address = self.customer.postal_address();
        let abroad = address.country.filter(|country| *country != self.seller.country);
        let contact = filled(self.customer.contact.as_ref()).filter(|contact| *contact != self.buyer_name());
        let mut lines: Vec<String> = contact.map(str::to_owned).into_iter().collect();
        lines.extend(address.lines(abroad.is_some()));
        lines.extend(abroad.map(|code| country_name(code, language).unwrap_or(code).to_uppercase()));
        lines
    }

    /// The buyer reference (BT-10): the order's, or else the customer's.
    pub fn buyer_reference(&self) -> Option<&str> {
        let of_customer = || filled(self.customer.buyer_reference.as_ref());
        filled(self.details.buyer_reference.as_ref()).or_else(of_customer)
    }

    /// The terms of payment in words and the discounts (BT-20): the order's, or else the customer's where the order says nothing of either.
    pub(crate) fn payment_terms(&self) -> (Option<&String>, &[CashDiscount]) {
        let InvoiceDetails { payment_terms, cash_discounts, .. } = &self.details;
        let is_of_order = payment_terms.is_some() || !cash_discounts.is_empty();
        if is_of_order || matches!(self.kind, Kind::CreditNote { .. }) {
            return (payment_terms.as_ref(), cash_discounts);
        }
        (self.customer.payment_terms.as_ref(), &self.customer.cash_discounts)
    }

    /// The buyer's country. It is mandatory in EN 16931 (BR-11); if it is unknown, that of the VAT identifier is the likeliest, and without
    /// one the seller's.
    pub fn buyer_country(&self) -> &str {
        let vat_id = filled(self.customer.vat_id.as_ref()).filter(|_| self.edition >= 3);
        let likeliest = || vat_id.and_then(vat_id::country).unwrap_or(&self.seller.country);
        self.customer.postal_address().country.unwrap_or_else(likeliest)
    }

    /// An amount in the document's currency.
    pub(crate) fn money(&self, amount: i64, language: Language) -> String {
        self.money_in(&self.currency, amount, language)
    }

    /// An amount in this currency. Before edition 2, an English one had its minus behind the currency.
    pub(crate) fn money_in(&self, currency: &str, amount: i64, language: Language) -> String {
        let text = language.money(amount, currency);
        match text.strip_prefix('-') {
            Some(rest) if language == Language::En && self.edition < 2 => {
                let digits = rest.find(|character: char| character.is_ascii_digit()).unwrap_or_default();
                format!("{}-{}", &rest[..digits], &rest[digits..])
            }
            _ => text,
        }
    }

    /// Whether it is outside of the scope of the tax. As an electronic invoice it has no VAT identifier of either party then (BR-O-02),
    /// nor the seller's tax number.
    pub(crate) fn is_outside_of_scope(&self) -> bool {
        self.bill.taxes.iter().any(|sum| sum.category == TaxCategory::O)
    }

    /// Whether the seller's country taxes by VAT, or the seller is registered for it elsewhere.
    pub(crate) fn is_of_vat(&self) -> bool {
        self.edition == 0 || vat_id::is_required_in(&self.seller.country) || self.seller.vat_id.is_some()
    }

    /// Whether seller and buyer are German, whose documents have rules of their own in Peppol.
    pub(crate) fn is_german(&self) -> bool {
        self.seller.country == "DE" && self.buyer_country() == "DE"
    }

    /// The seller's VAT identifier (BT-31), where the document has it.
    pub(crate) fn seller_vat_id(&self) -> Option<&str> {
        filled(self.seller.vat_id.as_ref()).filter(|_| !self.is_outside_of_scope())
    }

    /// The seller's tax number (BT-32), where the document has it.
    pub(crate) fn seller_tax_number(&self) -> Option<&str> {
        filled(self.seller.tax_number.as_ref()).filter(|_| !self.is_outside_of_scope())
    }

    /// The buyer's VAT identifier (BT-48), where the document has it.
    pub(crate) fn buyer_tax_id(&self) -> Option<&str> {
        filled(self.customer.vat_id.as_ref()).filter(|_| !self.is_outside_of_scope())
    }

    /// What identifies the seller where neither a register nor a VAT identifier does (BT-29): one of them has to be there (BR-CO-26).
    pub(crate) fn seller_id(&self) -> Option<&str> {
        let is_identified = self.seller_vat_id().is_some() || self.seller.registration().is_some();
        let [vat_id, tax_number] =
            [&self.seller.vat_id, &self.seller.tax_number].map(|id| filled(id.as_ref()));
        vat_id.or(tax_number).or(Some(&self.seller.email)).filter(|_| !is_identified)
    }

    /// Where the seller's electronic documents go (BT-34).
    pub(crate) fn seller_endpoint(&self) -> Option<ElectronicAddress> {
        self.seller.endpoint(self.edition)
    }

    /// Where the buyer's electronic documents go (BT-49).
    pub(crate) fn buyer_endpoint(&self) -> Option<ElectronicAddress> {
        self.customer.endpoint(self.edition)
    }

    /// The buyer's number in a register of companies (BT-47), as it is printed.
    pub(crate) fn buyer_company_id(&self) -> Option<&str> {
        filled(self.customer.company_id.as_ref()).filter(|_| self.edition >= 5)
    }

    /// The foot of each page: who the seller is, and how to reach them.
    pub(crate) fn imprint(&self, language: Language) -> Vec<String> {
        self.seller.imprint(self.edition, language)
    }

    /// The buyer's VAT identifier as it is printed.
    pub fn buyer_vat_id(&self) -> Option<String> {
        filled(self.customer.vat_id.as_ref()).map(vat_id::printed)
    }
}

#[cfg(test)]
mod tests {
    use crate::example::{bare_invoice, invoice};
    use crate::{Customer, Language};

    #[test]
    fn a_letter_abroad_names_the_country_in_full() {
        let mut document = invoice();
        assert_eq!(document.buyer_address(Language::De), ["Example Road 2", "20095 Hamburg"]);
        document.customer.country = Some("AT".into());
        assert_eq!(document.buyer_address(Language::De)[2], "ÖSTERREICH");
        assert_eq!(document.buyer_address(Language::Fr)[2], "AUTRICHE");
        document.customer = Customer {
            country: Some("US".into()),
            address: Some("350 Fifth Avenue".into()),
            state: Some("New York, NY".into()),
            zip_code: Some("10118".into()),
            email: Some("jo@example.com".into()),
            ..Customer::default()
        };
        let lines = ["350 Fifth Avenue", "New York, NY 10118", "UNITED STATES"];
        assert_eq!(document.buyer_address(Language::En), lines);
        (document.customer.city, document.customer.state) = (Some("New York".into()), Some("NY".into()));
        assert_eq!(document.buyer_address(Language::En), lines);
        // Events of older producers may have an invalid country code.
        document.customer.country = Some("Germany".into());
        assert_eq!(document.buyer_address(Language::En)[1..], ["10118 New York", "GERMANY"]);
    }

    #[test]
    fn an_address_has_the_contact_and_a_second_line() {
        let mut document = invoice();
        document.customer.contact = Some("Accounts payable".into());
        document.customer.address_line2 = Some("Building 7".into());
        assert_eq!(
            document.buyer_address(Language::En),
            ["Accounts payable", "Example Road 2", "Building 7", "20095 Hamburg"]
        );
        document.customer.contact = document.customer.name.clone();
        assert_eq!(document.buyer_address(Language::En)[0], "Example Road 2");
    }

    #[test]
    fn the_buyer_is_referred_to_as_it_wants() {
        let mut document = invoice();
        assert_eq!((document.buyer_reference(), document.buyer_vat_id()), (None, None));
        document.customer.buyer_reference = Some("04011000-12345-34".into());
        document.customer.vat_id = Some("CHE116281710MWST".into());
        assert_eq!(document.buyer_reference(), Some("04011000-12345-34"));
        document.details.buyer_reference = Some("order".into());
        assert_eq!(document.buyer_reference(), Some("order"));
        assert_eq!(document.buyer_vat_id().as_deref(), Some("CHE-116.281.710 MWST"));
    }

    #[test]
    fn an_unknown_country_is_that_of_the_vat_identifier_or_else_the_seller_s() {
        let mut document = bare_invoice(1, "EUR");
        assert_eq!(document.buyer_country(), "DE");
        for (vat_id, country) in [("FR40303265045", "FR"), ("EL094259216", "GR"), ("XI980780684", "GB")] {
            document.customer.vat_id = Some(vat_id.into());
            assert_eq!(document.buyer_country(), country);
            assert_eq!(crate::Document { edition: 2, ..document.clone() }.buyer_country(), "DE");
        }
        document.customer.country = Some("AT".into());
        assert_eq!(document.buyer_country(), "AT");
    }

    #[test]
    fn an_unknown_buyer_is_named_by_the_identifier() {
        let mut document = bare_invoice(1, "EUR");
        let shown = |document: &crate::Document| {
            (document.buyer_name().to_owned(), document.buyer_address(Language::En).len())
        };
        assert_eq!(shown(&document), ("1651654165".to_owned(), 0));
        document.customer =
            Customer { name: Some(" ".into()), state: Some(String::new()), ..Customer::default() };
        assert_eq!(shown(&document), ("1651654165".to_owned(), 0));
    }
}
