//! The content of a document, independent of language and format.

use waybill_billing::Bill;
use waybill_contracts::InvoiceDetails;

use crate::parties::filled;
use crate::{Customer, Date, Endpoint, Endpoints, Seller};

/// An invoice or a credit note. Every representation is made of this and of nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Invoice or credit note.
    pub kind: Kind,
    /// The number that is printed on it.
    pub number: String,
    /// The day of issue, in UTC.
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
    /// Where the parties are reached in a network for invoices.
    pub endpoints: Endpoints,
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
    /// The buyer's name, or the identifier: older events have no name.
    pub fn buyer_name(&self) -> &str {
        filled(self.customer.name.as_ref()).unwrap_or(&self.customer_id)
    }

    /// The buyer's country. It is mandatory in EN 16931 (BR-11); if it is unknown, the seller's is the likeliest.
    pub fn buyer_country(&self) -> &str {
        filled(self.customer.country.as_ref()).unwrap_or(&self.seller.country)
    }

    /// Where the seller is reached electronically: in a network, or else by e-mail.
    pub fn seller_endpoint(&self) -> Option<Endpoint> {
        self.endpoints.seller.clone().or_else(|| by_email(Some(&self.seller.email)))
    }

    /// Where the buyer is reached electronically: in a network, or else by e-mail.
    pub fn buyer_endpoint(&self) -> Option<Endpoint> {
        self.endpoints.buyer.clone().or_else(|| by_email(self.customer.email.as_ref()))
    }

    /// The known lines of the buyer's address below the name. A country other than the seller's is one of them, as on any letter.
    pub fn buyer_address(&self) -> Vec<String> {
        let Customer { email, address, state, zip_code, country, .. } = &self.customer;
        let country = filled(country.as_ref()).filter(|country| *country != self.seller.country);
        let place: Vec<&str> =
            [zip_code, state].into_iter().filter_map(|part| filled(part.as_ref())).collect();
        [filled(address.as_ref()), Some(place.join(" ").as_str()), country, filled(email.as_ref())]
            .into_iter()
            .flatten()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// `EM` is the code of e-mail in the list EAS of EN 16931.
fn by_email(email: Option<&String>) -> Option<Endpoint> {
    filled(email).map(|email| Endpoint { scheme: "EM".into(), id: email.to_owned() })
}

#[cfg(test)]
mod tests {
    use crate::Customer;
    use crate::example::{bare_invoice, invoice};

    #[test]
    fn a_letter_abroad_names_the_country() {
        let mut document = invoice();
        assert_eq!(document.buyer_address(), ["Example Road 2", "20095 Hamburg", "jo@example.com"]);
        document.customer.country = Some("AT".into());
        assert_eq!(document.buyer_address()[2], "AT");
    }

    #[test]
    fn an_unknown_buyer_is_named_by_the_identifier() {
        let mut document = bare_invoice(1, "EUR");
        assert_eq!((document.buyer_name(), document.buyer_address().len()), ("1651654165", 0));
        document.customer =
            Customer { name: Some(" ".into()), state: Some(String::new()), ..Customer::default() };
        assert_eq!((document.buyer_name(), document.buyer_address().len()), ("1651654165", 0));
    }
}
