use waybill_contracts::{InvoiceDetails, Line};

use super::*;
use crate::example::{bare_invoice, billed, canadian_invoice, electronic_address, invoice, line};

fn registered() -> Document {
    let mut document = invoice();
    document.seller.electronic_address = Some(electronic_address("9930", "DE123456789"));
    document.customer.electronic_address = Some(electronic_address("0204", "991-01234-44"));
    document
}

fn refusal(profile: Profile, document: &Document) -> String {
    profile.check(document).unwrap_err().to_string()
}

#[test]
fn a_document_is_peppol_s_where_both_parties_are_registered() {
    assert_eq!(Profile::of(&invoice()), Profile::En16931);
    let mut document = registered();
    assert_eq!(Profile::of(&document), Profile::Peppol);
    document.customer.electronic_address = Some(electronic_address("EM", "a@example.com"));
    assert_eq!(Profile::of(&document), Profile::En16931);
}

#[test]
fn a_refusal_names_what_is_missing_and_the_rule() {
    assert_eq!(Profile::XRechnung.check(&invoice()), Ok(()));
    let mut document = invoice();
    document.seller.phone = None;
    let text = "XRechnung requires a telephone number of the seller (BT-42, BR-DE-6)";
    assert_eq!(refusal(Profile::XRechnung, &document), text);
    assert_eq!(Profile::En16931.check(&document), Ok(()));
    assert!(refusal(Profile::XRechnung, &bare_invoice(1, "EUR")).contains("BR-DE-8"));
    assert!(refusal(Profile::Peppol, &invoice()).contains("BT-49"));
    document = registered();
    document.seller.country = "IS".into();
    assert!(refusal(Profile::Peppol, &document).contains("IS-R-002"));
}

/// Rules that are younger than the first invoices, which stay in the profile that they were issued in.
#[test]
fn rules_of_countries_hold_from_the_first_edition_on() {
    let seller = |country: &str, vat_id: &str, company_id: Option<&str>, tax_number: Option<&str>| {
        let mut document = registered();
        (document.seller.country, document.seller.vat_id) = (country.into(), Some(vat_id.into()));
        document.seller.company_id = company_id.map(str::to_owned);
        document.seller.tax_number = tax_number.map(str::to_owned);
        document.bill = billed(&[line("a", "A", 1, 1000, 2500)], &InvoiceDetails::default());
        document
    };
    for (document, rule) in [
        (seller("SE", "SE556703748501", Some("556703-7485"), None), "SE-R-004"),
        (seller("SE", "SE556703748501", Some("5567037485"), Some("5567037485")), "SE-R-005"),
        (seller("IT", "IT00743110157", None, Some("123")), "IT-R-001"),
        (seller("NO", "NO995525828", None, None), "NO-R-001"),
    ] {
        assert!(refusal(Profile::Peppol, &document).contains(rule), "{rule}");
        assert_eq!(Profile::of(&document), Profile::En16931);
        assert_eq!(Profile::of(&Document { edition: 0, ..document }), Profile::Peppol, "{rule}");
    }
    for document in [
        seller("SE", "SE556703748501", Some("5567037485"), None),
        seller("IT", "IT00743110157", None, None),
        seller("NO", "NO995525828MVA", None, None),
    ] {
        assert_eq!(Profile::Peppol.check(&document), Ok(()));
    }
    let mut german = registered();
    german.details.payment_terms = Some("#SKONTO#TAGE=14#PROZENT=2.00# sonst netto".into());
    assert!(refusal(Profile::Peppol, &german).contains("DE-R-018"));
    german.details.payment_terms = Some("Rechnung #4711 bitte angeben".into());
    assert_eq!(Profile::Peppol.check(&german), Ok(()));
}

#[test]
fn a_line_that_was_rounded_to_a_whole_unit_is_refused() {
    let line = Line { quantity: "1.5".parse().unwrap(), ..line("a", "A", 1, 333, 1900) };
    let bill = billed(&[line], &InvoiceDetails::default());
    let mut document = Document { bill, ..registered() };
    assert_eq!(Profile::Peppol.check(&document), Ok(()));
    document.currency = "JPY".into();
    assert!(refusal(Profile::Peppol, &document).contains("R120"));
    assert_eq!(Profile::En16931.check(&document), Ok(()));
}

#[test]
fn taxes_other_than_vat_are_refused_in_every_profile() {
    let document = canadian_invoice();
    for profile in Profile::ALL {
        let text = "EN 16931 knows VAT only, one rate on each line (BG-30), and this document has other taxes: GST, PST";
        assert_eq!(refusal(profile, &document), text);
        assert!(crate::ubl::render(&document, profile).is_err());
        assert!(crate::cii::render(&document, profile).is_err());
    }
}

#[test]
fn a_rate_that_the_rules_round_to_zero_is_refused() {
    let with_rate = |rate| {
        let bill = billed(&[line("a", "A", 1, 1_000_000, rate)], &InvoiceDetails::default());
        Document { bill, ..invoice() }
    };
    assert_eq!(Profile::En16931.check(&with_rate(49)), Err(Refusal::LowRate));
    for rate in [0, 50] {
        assert_eq!(Profile::En16931.check(&with_rate(rate)), Ok(()));
    }
}

#[test]
fn a_tax_that_is_a_unit_off_its_rate_is_refused() {
    let with_tax = |price, rate, currency: &str| {
        let details = InvoiceDetails { prices_include_tax: true, ..InvoiceDetails::default() };
        let bill = billed(&[line("a", "A", 1, price, rate)], &details);
        Profile::En16931.check(&Document { bill, currency: currency.into(), ..invoice() })
    };
    let refused = Err(Refusal::RoundedTax { currency: "UGX".into() });
    assert_eq!(with_tax(1001, 10_000, "UGX"), refused);
    for (price, rate, currency) in [(1000, 10_000, "UGX"), (1001, 9900, "UGX"), (1001, 10_000, "EUR")] {
        assert_eq!(with_tax(price, rate, currency), Ok(()), "{price} at {rate} in {currency}");
    }
}
