//! What the profiles require of a document.

use waybill_billing::{BilledLine, TaxSum};
use waybill_contracts::{Decimal, minor_unit_digits};
use waybill_parties::{identifier, scheme};

use crate::address::Address;
use crate::parties::{Buyer as _, filled};
use crate::payment_means::{By, PaymentMeans, is_danish_invoice};
use crate::terms::{Place, has_unreadable_discount};
use crate::{Document, Profile, Refusal};

/// Peppol's list of schemes for addresses (rule PEPPOL-EN16931-CL008). It has none for e-mail.
const PEPPOL_SCHEMES: &str = "0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0151 0183 0184 0188 0190 0191 0192 0193 0195 0196 0198 0199 0200 0201 0202 0204 0208 0209 0210 0211 0212 0213 0215 0216 0218 0221 0225 0230 9901 9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 9959";

impl Profile {
    /// The default profile of a document: Peppol's if the document satisfies it, since its rules are the stricter ones.
    pub fn of(document: &Document) -> Self {
        if Self::Peppol.check(document).is_ok() { Self::Peppol } else { Self::En16931 }
    }

    /// Refuses a document that lacks what the profile requires. Every document has what EN 16931 alone requires, except one with
    /// a rate that no country has, with taxes other than VAT, or with tax of a seller without a tax number.
    pub fn check(self, document: &Document) -> Result<(), Refusal> {
        if let Some(names) = other_taxes(document) {
            return Err(Refusal::OtherTaxes { names });
        }
        if document.bill.taxes.iter().any(|sum| (1..50).contains(&sum.rate_basis_points)) {
            return Err(Refusal::LowRate);
        }
        if document.edition >= 1
            && document.bill.taxes.iter().any(|sum| is_off_its_rate(sum, &document.currency))
        {
            return Err(Refusal::RoundedTax { currency: document.currency.clone() });
        }
        let seller = &document.seller;
        let has_tax_id = [&seller.vat_id, &seller.tax_number].iter().any(|id| filled(id.as_ref()).is_some());
        if !has_tax_id && !document.is_outside_of_scope() {
            let what = "a VAT identifier or tax number of the seller (BT-31, BT-32, BR-S-02)";
            return Err(Refusal::Missing { profile: self, what });
        }
        let missing = match self {
            Self::En16931 => None,
            Self::XRechnung | Self::Peppol if has_rounded_lines(document) => Some(
                "lines that need no rounding, in a currency without decimals (BT-131, PEPPOL-EN16931-R120)",
            ),
            Self::XRechnung if has_unreadable_discount(document) => Some(READABLE),
            Self::XRechnung => missing_in_germany(document).or_else(|| {
                document
                    .buyer_endpoint()
                    .is_none()
                    .then_some("an address of the buyer (BT-49, PEPPOL-EN16931-R010)")
            }),
            Self::Peppol => missing_in_peppol(document),
        };
        missing.map_or(Ok(()), |what| Err(Refusal::Missing { profile: self, what }))
    }
}

/// Whether a tax is a unit of its currency or more off what its rate makes of the net sum. It happens at 100 % of prices that include
/// the tax, in a currency without decimals, where half a unit is rounded away from both sums.
fn is_off_its_rate(sum: &TaxSum, currency: &str) -> bool {
    let unit = 10_i128.pow(u32::try_from(minor_unit_digits(currency).unwrap_or(2)).unwrap_or(2));
    let exact = i128::from(sum.net) * i128::from(sum.rate_basis_points);
    (i128::from(sum.tax) * 10_000 - exact).abs() >= unit * 10_000
}

/// The names of taxes that have some of their own, each once.
fn other_taxes(document: &Document) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for component in document.bill.components() {
        if !names.contains(&component.name.as_str()) {
            names.push(&component.name);
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// Whether the net amount of a line may differ from quantity times price by more than the two cents that the rule allows. With
/// two decimal digits it is by half a cent at most.
fn has_rounded_lines(document: &Document) -> bool {
    let are_whole = |line: &BilledLine| {
        line.quantity.integer().is_some()
            && line.price.amount.integer().is_some()
            && line.price.per == Decimal::ONE
    };
    minor_unit_digits(&document.currency) == Some(0) && !document.bill.lines.iter().all(are_whole)
}

/// XRechnung's rules BR-DE-4 to BR-DE-11. Peppol has them for a seller and a buyer in Germany (DE-R-004 to DE-R-011).
fn missing_in_germany(document: &Document) -> Option<&'static str> {
    let (seller, buyer) = (&document.seller, document.customer.postal_address());
    let place = Place::of(document);
    let no_place =
        |part: fn(&Place) -> bool| place.as_ref().is_some_and(|place| place.has_address && part(place));
    [
        (filled(seller.contact.as_ref()).is_none(), "a contact of the seller (BT-41, BR-DE-5)"),
        (filled(seller.phone.as_ref()).is_none(), "a telephone number of the seller (BT-42, BR-DE-6)"),
        (seller.postal_address().postal_code.is_none(), "the seller's postal code (BT-38, BR-DE-4)"),
        (buyer.town.is_none(), "the buyer's city (BT-52, BR-DE-8)"),
        (buyer.postal_code.is_none(), "the buyer's postal code (BT-53, BR-DE-9)"),
        (no_place(|place| place.city.is_none()), "the city of the delivery (BT-77, BR-DE-10)"),
        (no_place(|place| place.zip_code.is_none()), "the postal code of the delivery (BT-78, BR-DE-11)"),
    ]
    .into_iter()
    .find_map(|(is_missing, what)| is_missing.then_some(what))
}

fn missing_in_peppol(document: &Document) -> Option<&'static str> {
    let is_peppol_s = |scheme: &str| PEPPOL_SCHEMES.split(' ').any(|known| known == scheme);
    if !document.seller_endpoint().is_some_and(|endpoint| is_peppol_s(&endpoint.scheme)) {
        return Some("an address of the seller in its network (BT-34, PEPPOL-EN16931-CL008)");
    }
    if !document.buyer_endpoint().is_some_and(|endpoint| is_peppol_s(&endpoint.scheme)) {
        return Some("an address of the buyer in its network (BT-49, PEPPOL-EN16931-CL008)");
    }
    match document.seller.country.as_str() {
        "DE" if document.is_german() => {
            missing_in_germany(document).or_else(|| has_new_unreadable_discount(document).then_some(READABLE))
        }
        "DK" if document.edition < 3 => missing_in_denmark_before(document),
        "DK" => missing_in_denmark(document),
        "GR" | "EL" => Some("an invoice number of six parts of a Greek seller (BT-1, GR-R-001-1)"),
        "IS" if document.edition < 3 => Some(ICELANDIC_REGISTRATION),
        "IS" => missing_in_iceland(document),
        // The official rule rejected one of 12 characters as well, which its text allows.
        "IT" if document.edition >= 1 && document.seller_tax_number().is_some() => {
            Some("no tax number of an Italian seller (BT-32, IT-R-001)")
        }
        "NO" if document.edition >= 1 && !has_norwegian_vat_id(document) => {
            Some("a Norwegian seller's VAT identifier that ends with MVA (BT-31, NO-R-001)")
        }
        "SE" if document.edition >= 1 && !is_registered_in_sweden(document) => Some(
            "a Swedish seller's company number of ten digits, and no tax number (BT-30, BT-32, SE-R-004, SE-R-005)",
        ),
        "SE" if has_other_rates(document, &[600, 1200, 2500]) => {
            Some("a Swedish seller's rates of 6, 12 and 25 % (BT-152, SE-R-006)")
        }
        "NL" => missing_in_netherlands(document),
        _ => None,
    }
}

/// What terms of payment have to be in XRechnung, and in Peppol between German parties.
const READABLE: &str = "terms of payment without a line that begins with #, or discounts such as #SKONTO#TAGE=14#PROZENT=2.00# (BT-20, BR-DE-18, DE-R-018)";

fn has_new_unreadable_discount(document: &Document) -> bool {
    document.edition >= 1 && has_unreadable_discount(document)
}

fn has_norwegian_vat_id(document: &Document) -> bool {
    document.seller_vat_id().is_none_or(|vat_id| !vat_id.starts_with("NO") || vat_id.ends_with("MVA"))
}

fn is_registered_in_sweden(document: &Document) -> bool {
    let is_number = |(_, id): (Option<&str>, &str)| identifier::is_valid("0007", id);
    document.seller.registration().is_none_or(is_number) && document.seller_tax_number().is_none()
}

/// The means of payment of invoices between Danish parties (DK-R-005) that need no Danish account number. Giro (50) and FIK (93) would need
/// a reference of their own.
const DANISH_MEANS: [&str; 7] = ["1", "10", "48", "49", "58", "59", "97"];

/// The means of payment of Dutch sellers (NL-R-008).
const DUTCH_MEANS: [&str; 6] = ["30", "48", "49", "57", "58", "59"];

fn code_of_payment(document: &Document) -> &str {
    PaymentMeans::all(document).first().map_or("", |means| means.code)
}

const DANISH_REGISTRATION: &str = "the CVR number (0184) of a Danish seller (BT-30, DK-R-014)";

fn has_cvr_number(document: &Document) -> bool {
    matches!(document.seller.registration(), Some((Some(scheme::CVR), _)))
}

/// Before edition 3, the rule on means of payment was taken for one on all documents of Danish sellers.
fn missing_in_denmark_before(document: &Document) -> Option<&'static str> {
    if !has_cvr_number(document) {
        Some(DANISH_REGISTRATION)
    } else if !DANISH_MEANS.contains(&code_of_payment(document)) {
        Some(
            "a means of payment of a Danish seller: an account in euros, a card, a direct debit or cash (BT-81, DK-R-005)",
        )
    } else {
        None
    }
}

fn missing_in_denmark(document: &Document) -> Option<&'static str> {
    let is_allowed = |means: &PaymentMeans| match (means.code, means.by) {
        ("31" | "42", By::Account(account)) => !account.is_iban && account.bank().is_some(),
        (code, _) => DANISH_MEANS.contains(&code),
    };
    let are_allowed = || PaymentMeans::of(document, Profile::Peppol).iter().all(is_allowed);
    if !has_cvr_number(document) {
        Some(DANISH_REGISTRATION)
    } else if is_danish_invoice(document) && !are_allowed() {
        Some(
            "a means of payment between Danish parties: an account with a Danish number or in euros, a card, a direct debit or cash (BT-81, BT-84, DK-R-005, DK-R-006)",
        )
    } else {
        None
    }
}

const ICELANDIC_REGISTRATION: &str = "the company number of an Icelandic seller (BT-30, IS-R-002)";

/// The rules IS-R-002 to IS-R-007; the others are on attachments, which no document has.
fn missing_in_iceland(document: &Document) -> Option<&'static str> {
    let is_registered = |registration| matches!(registration, Some((Some("0196"), _)));
    let has_address = |address: Address<'_>| address.street.is_some() && address.postal_code.is_some();
    let is_domestic = document.buyer_country() == "IS";
    if !is_registered(document.seller.registration()) {
        Some(ICELANDIC_REGISTRATION)
    } else if !has_address(document.seller.postal_address()) {
        Some("an Icelandic seller's street and postal code (BT-35, BT-38, IS-R-003)")
    } else if !has_icelandic_account(document) {
        Some(
            "one account of 12 digits for claims (9) and transfers (42) of an Icelandic seller (BT-84, IS-R-006, IS-R-007)",
        )
    } else if is_domestic && !is_registered(document.customer.registration()) {
        Some("the company number (0196) of an Icelandic buyer (BT-47, IS-R-004)")
    } else if is_domestic && !has_address(document.customer.postal_address()) {
        Some("an Icelandic buyer's street and postal code (BT-50, BT-53, IS-R-005)")
    } else {
        None
    }
}

fn has_icelandic_account(document: &Document) -> bool {
    let means = PaymentMeans::of(document, Profile::Peppol);
    match &means[..] {
        [PaymentMeans { code: "9" | "42", by: By::Account(account), .. }] => account.id.chars().count() == 12,
        means => means.iter().all(|means| !matches!(means.code, "9" | "42")),
    }
}

fn missing_in_netherlands(document: &Document) -> Option<&'static str> {
    let buyer = document.customer.postal_address();
    let has_address = [buyer.street, buyer.town, buyer.postal_code].iter().all(Option::is_some);
    let is_registered = |scheme: Option<&str>| matches!(scheme, Some("0106" | "0190"));
    let is_domestic = document.buyer_country() == "NL";
    if document.seller.registration().is_some_and(|(scheme, _)| !is_registered(scheme)) {
        Some("the register (0106 or 0190) of a Dutch seller's company number (BT-30-1, NL-R-003)")
    } else if is_domestic
        && document.customer.registration().is_some_and(|(scheme, _)| !is_registered(scheme))
    {
        Some("the register (0106 or 0190) of a Dutch buyer's company number (BT-47-1, NL-R-005)")
    } else if !DUTCH_MEANS.contains(&code_of_payment(document)) {
        Some("the account of a Dutch seller, or a card or direct debit (BT-81, NL-R-008)")
    } else if is_domestic && !has_address {
        Some("a Dutch buyer's street, city and postal code (BG-8, NL-R-004)")
    } else {
        None
    }
}

/// Whether any rate above 0 % is not in the list.
fn has_other_rates(document: &Document, rates: &[i32]) -> bool {
    document
        .bill
        .taxes
        .iter()
        .any(|sum| sum.rate_basis_points != 0 && !rates.contains(&sum.rate_basis_points))
}

#[cfg(test)]
mod tests;
