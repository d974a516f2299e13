//! What a document says, in no language and no format.

use crate::{Bill, Customer, Date, Seller};

/// An invoice or a credit note. Every representation is made of this and of nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Which of the two.
    pub kind: Kind,
    /// The number that is printed on it.
    pub number: String,
    /// The day of issue, in UTC.
    pub issued_on: Date,
    /// The order that is billed.
    pub order_id: String,
    /// ISO 4217.
    pub currency: String,
    /// Who sells.
    pub seller: Seller,
    /// Who buys, by the seller's identifier.
    pub customer_id: String,
    /// Who buys, as far as it is known.
    pub customer: Customer,
    /// What is billed, or taken back.
    pub bill: Bill,
}

/// The kinds of documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An invoice.
    Invoice {
        /// The day by which it is to be paid.
        due_on: Date,
    },
    /// What takes back a whole invoice.
    CreditNote {
        /// The invoice's number.
        invoice_number: String,
        /// The invoice's day of issue.
        invoice_issued_on: Date,
    },
}

/// What has become of an invoice since it was issued.
///
/// It is no part of the [`Document`]: an invoice that is out never changes, so only the page, which is looked at now, says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// When it was paid.
    pub paid_on: Option<Date>,
    /// The number of the credit note that takes it back.
    pub credited_by: Option<String>,
}

impl Document {
    /// The buyer's name: older events tell an identifier only.
    pub fn buyer_name(&self) -> &str {
        told(self.customer.name.as_ref()).unwrap_or(&self.customer_id)
    }

    /// The lines of the buyer's address below the name, as far as they are known. The country is one of them where it is another
    /// than the seller's, as on any letter.
    pub fn buyer_address(&self) -> Vec<String> {
        let Customer { email, address, state, zip_code, country, .. } = &self.customer;
        let country = told(country.as_ref()).filter(|country| *country != self.seller.country);
        let place: Vec<&str> = [zip_code, state].into_iter().filter_map(|part| told(part.as_ref())).collect();
        [told(address.as_ref()), Some(place.join(" ").as_str()), country, told(email.as_ref())]
            .into_iter()
            .flatten()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

/// A text of others, where there is something in it.
pub(crate) fn told(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
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
    fn a_buyer_of_whom_nothing_is_known_is_called_by_the_identifier() {
        let mut document = bare_invoice(1, "EUR");
        assert_eq!((document.buyer_name(), document.buyer_address().len()), ("1651654165", 0));
        document.customer =
            Customer { name: Some(" ".into()), state: Some(String::new()), ..Customer::default() };
        assert_eq!((document.buyer_name(), document.buyer_address().len()), ("1651654165", 0));
    }
}
