//! Business terms that UBL and CII have in common, and some of them page and PDF too.

use waybill_contracts::TaxCategory;

use crate::parties::filled;
use crate::{Date, Document, Kind, Language, Profile};

/// What is written for a mandatory identifier that is not known.
pub const NOT_AVAILABLE: &str = "NA";

/// The notes (BT-22); in Peppol one with all of them (PEPPOL-EN16931-R002).
pub fn notes(document: &Document, profile: Profile) -> Vec<String> {
    let specimen = document.seller.is_specimen.then(|| Language::En.words().specimen);
    let note = filled(document.details.note.as_ref());
    let notes: Vec<String> = specimen.into_iter().chain(note).map(str::to_owned).collect();
    if profile == Profile::Peppol && notes.len() > 1 { vec![notes.join("\n")] } else { notes }
}

/// The buyer reference (BT-10). XRechnung requires one (BR-DE-15), also of a business that has none.
pub fn buyer_reference(document: &Document, profile: Profile) -> Option<&str> {
    let unknown = (profile == Profile::XRechnung).then_some(NOT_AVAILABLE);
    document.buyer_reference().or(unknown)
}

/// The seller's number of the order (BT-14).
pub fn sales_order(document: &Document) -> &str {
    filled(document.details.sales_order.as_ref()).unwrap_or(&document.order_id)
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
    /// The city (BT-77).
    pub city: Option<&'a str>,
    /// The postal code (BT-78).
    pub zip_code: Option<&'a str>,
    /// The country (BT-80), which is mandatory (BR-57); the buyer's where only a part of the address is known.
    pub country: &'a str,
}

impl<'a> Place<'a> {
    /// The place of a document's delivery. Goods that are supplied within the European Union always have a country (BR-IC-12).
    pub fn of(document: &'a Document) -> Option<Self> {
        let delivery = document.details.delivery.as_ref()?;
        let [name, address, city, zip_code, country] =
            [&delivery.name, &delivery.address, &delivery.city, &delivery.zip_code, &delivery.country]
                .map(|text| filled(text.as_ref()));
        if !document.bill.taxes.iter().any(|sum| sum.category == TaxCategory::K) {
            name.or(address).or(city).or(zip_code).or(country)?;
        }
        Some(Self { name, address, city, zip_code, country: country.unwrap_or(document.buyer_country()) })
    }
}

/// The terms of payment (BT-20). An amount due has a due date or terms (BR-CO-25), and a credit note has no due date.
pub fn payment_terms(document: &Document) -> Option<String> {
    let terms = filled(document.details.payment_terms.as_ref());
    match &document.kind {
        // Discounts that a program reads are a line each in XRechnung (BR-DE-18).
        Kind::Invoice { .. } => terms.map(|terms| discounts(terms).unwrap_or_else(|| terms.to_owned())),
        Kind::CreditNote { invoice_number, .. } => {
            Some(format!("Takes back invoice {invoice_number} in full."))
        }
    }
}

/// Whether terms of payment look like discounts that a program reads, and cannot be read (BR-DE-18).
pub fn has_unreadable_discount(document: &Document) -> bool {
    let terms = filled(document.details.payment_terms.as_ref());
    terms.is_some_and(|terms| terms.contains('#') && discounts(terms).is_none())
}

/// Terms that are only discounts, such as `#SKONTO#TAGE=14#PROZENT=2.00#`, each as a line of its own.
fn discounts(terms: &str) -> Option<String> {
    let mut lines = String::new();
    // Between two there are `# #` or `##`.
    for discount in terms.split_inclusive("# ").flat_map(|part| part.split("##")) {
        let discount = discount.trim().trim_matches('#');
        let mut parts = discount.split('#');
        let days = parts.next().filter(|word| *word == "SKONTO").and(parts.next())?.strip_prefix("TAGE=")?;
        let percent = parts.next()?.strip_prefix("PROZENT=")?;
        let of = parts.next().map(|part| part.strip_prefix("BASISBETRAG=").ok_or(())).transpose().ok()?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_decimal = |text: &str| {
            let (whole, fraction) = text.split_once('.').unwrap_or(("", ""));
            is_number(whole) && is_number(fraction) && fraction.len() == 2
        };
        let is_readable = is_number(days) && is_decimal(percent) && of.is_none_or(is_decimal);
        if !is_readable || parts.next().is_some() {
            return None;
        }
        lines.extend(["#", discount, "#\n"]);
    }
    Some(lines).filter(|lines| !lines.is_empty())
}

/// How the amount is paid (BT-81), and the account that it is paid to (BT-84).
pub struct PaymentMeans<'a> {
    /// A code of UNTDID 4461.
    pub code: &'static str,
    /// The account, as an IBAN.
    pub account: Option<&'a str>,
    /// The account's bank.
    pub bank: Option<&'a str>,
}

impl<'a> PaymentMeans<'a> {
    /// The means of a document. Those of a credit note are undefined, since it is not known whether and by what the amount is
    /// paid back; a Dutch one names the seller's account all the same (NL-R-008).
    pub fn of(document: &'a Document) -> Self {
        let seller = &document.seller;
        let is_paid_to_seller = matches!(document.kind, Kind::Invoice { .. }) || seller.country == "NL";
        let account = filled(seller.iban.as_ref()).filter(|_| is_paid_to_seller);
        let bank = filled(seller.bic.as_ref()).filter(|_| account.is_some());
        // SEPA transfer, credit transfer, and undefined means, which need no account (BR-61).
        let code = match account {
            Some(_) if document.currency == "EUR" => "58",
            Some(_) => "30",
            None => "1",
        };
        Self { code, account, bank }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn discounts_are_a_line_each() {
        let one = "#SKONTO#TAGE=14#PROZENT=2.00#";
        assert_eq!(discounts(one), Some(format!("{one}\n")));
        let two = "#SKONTO#TAGE=14#PROZENT=2.00# #SKONTO#TAGE=21#PROZENT=1.00#BASISBETRAG=100.00#";
        assert_eq!(discounts(two).map(|lines| lines.lines().count()), Some(2));
        for other in [
            "",
            "2 % in 14 days",
            "#SKONTO#TAGE=14#",
            "#SKONTO#TAGE=x#PROZENT=2.00#",
            "#SKONTO#TAGE=1#PROZENT=2#",
        ] {
            assert_eq!(discounts(other), None, "{other}");
        }
    }
}
