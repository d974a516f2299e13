use waybill_contracts::{Account, InvoiceDetails, Line, Payment};

use super::*;
use crate::example::{
    bare_invoice, billed, canadian_invoice, credit_note, electronic_address, invoice, line,
};

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
    document.seller.company_id = Some("5501692829".into());
    assert!(refusal(Profile::Peppol, &document).contains("IS-R-002"), "a number of no register");
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

/// A Danish seller in crowns, and a buyer in this country.
fn danish(buyer_country: &str) -> Document {
    let mut document = Document { currency: "DKK".into(), ..registered() };
    (document.seller.country, document.seller.vat_id) = ("DK".into(), Some("DK13585628".into()));
    document.seller.iban = Some("DK5000400440116243".into());
    document.customer.country = Some(buyer_country.into());
    document
}

#[test]
fn danish_parties_are_paid_by_the_numbers_of_branch_and_account() {
    let xml = |document: &Document, profile| {
        String::from_utf8(crate::ubl::render(document, profile).unwrap()).unwrap()
    };
    let domestic = danish("DK");
    let written = xml(&domestic, Profile::Peppol);
    let by_numbers = "<cbc:PaymentMeansCode>42</cbc:PaymentMeansCode>\
        <cbc:PaymentID>2026-000001</cbc:PaymentID>\
        <cac:PayeeFinancialAccount><cbc:ID>0440116243</cbc:ID>\
        <cac:FinancialInstitutionBranch><cbc:ID>0040</cbc:ID></cac:FinancialInstitutionBranch>";
    assert!(unindented(&written).contains(by_numbers), "{written}");
    // The rules bind documents between Danish parties by Peppol only.
    for text in [xml(&domestic, Profile::En16931), xml(&danish("SE"), Profile::Peppol)] {
        assert!(
            text.contains(">30</cbc:PaymentMeansCode>") && text.contains(">DK5000400440116243<"),
            "{text}"
        );
    }
    let before = Document { edition: 2, ..danish("SE") };
    assert!(refusal(Profile::Peppol, &before).contains("DK-R-005"));
    assert!(refusal(Profile::Peppol, &Document { edition: 2, ..domestic }).contains("DK-R-005"));
}

#[test]
fn a_means_of_payment_that_danish_rules_do_not_know_is_refused() {
    let paid = |code: Option<&str>, iban: &str| {
        let account = Account { iban: Some(iban.into()), ..Account::default() };
        let payment =
            Payment { code: code.map(str::to_owned), accounts: vec![account], ..Payment::default() };
        let mut document = danish("DK");
        document.details.payment = Some(payment);
        document
    };
    for (code, iban) in [
        (None, "DE02120300000000202051"),
        (Some("30"), "DK5000400440116243"),
        (Some("42"), "DE02120300000000202051"),
        (Some("93"), "DK5000400440116243"),
    ] {
        assert!(refusal(Profile::Peppol, &paid(code, iban)).contains("DK-R-006"), "{code:?} {iban}");
    }
    for code in [None, Some("42"), Some("31")] {
        assert_eq!(Profile::Peppol.check(&paid(code, "FO6264600001631634")), Ok(()), "{code:?}");
    }
    // The rule is not on credit notes.
    let credited = Document { kind: credit_note().kind, ..paid(None, "DE02120300000000202051") };
    assert_eq!(Profile::Peppol.check(&credited), Ok(()));
    let mut unregistered = danish("SE");
    unregistered.seller.company_id = Some("1".into());
    assert!(refusal(Profile::Peppol, &unregistered).contains("DK-R-014"));
}

#[test]
fn a_dutch_buyer_s_company_number_is_of_a_dutch_register() {
    let with = |scheme: Option<&str>| {
        let mut document = registered();
        (document.seller.country, document.seller.vat_id) = ("NL".into(), Some("NL004495445B01".into()));
        (document.customer.country, document.customer.city) = (Some("NL".into()), Some("Utrecht".into()));
        document.customer.company_id = Some("12345678".into());
        document.customer.company_id_scheme = scheme.map(str::to_owned);
        Profile::Peppol.check(&document).map_err(|refusal| refusal.to_string())
    };
    assert_eq!(with(Some("0106")), Ok(()));
    for scheme in [None, Some("0060")] {
        assert!(with(scheme).unwrap_err().contains("NL-R-005"), "{scheme:?}");
    }
}

#[test]
fn an_icelandic_seller_has_what_the_rules_ask_for() {
    let icelandic = |buyer_country: &str| {
        let mut document = Document { currency: "ISK".into(), ..registered() };
        (document.seller.country, document.seller.vat_id) = ("IS".into(), Some("IS12345".into()));
        document.seller.company_id = Some("5501692829".into());
        document.seller.company_id_scheme = Some("0196".into());
        document.seller.iban = Some("IS140159260076545510730339".into());
        document.customer.country = Some(buyer_country.into());
        document
    };
    let abroad = icelandic("DE");
    assert_eq!(Profile::of(&abroad), Profile::Peppol);
    assert!(refusal(Profile::Peppol, &Document { edition: 2, ..abroad }).contains("IS-R-002"));

    let mut domestic = icelandic("IS");
    assert!(refusal(Profile::Peppol, &domestic).contains("IS-R-004"));
    domestic.customer.company_id = Some("4710080280".into());
    assert!(refusal(Profile::Peppol, &domestic).contains("IS-R-004"), "a number of no register");
    domestic.customer.company_id_scheme = Some("0196".into());
    assert_eq!(Profile::Peppol.check(&domestic), Ok(()));
    domestic.customer.zip_code = None;
    assert!(refusal(Profile::Peppol, &domestic).contains("IS-R-005"));

    let mut unknown = icelandic("DE");
    unknown.seller.zip_code = " ".into();
    assert!(refusal(Profile::Peppol, &unknown).contains("IS-R-003"));
}

#[test]
fn an_icelandic_transfer_is_to_an_account_of_twelve_digits() {
    let paid = |code: &str, ibans: &[&str]| {
        let account = |iban: &&str| Account { iban: Some((*iban).into()), ..Account::default() };
        let accounts = ibans.iter().map(account).collect();
        let mut document = registered();
        (document.seller.country, document.seller.company_id) = ("IS".into(), Some("5501692829".into()));
        document.seller.company_id_scheme = Some("0196".into());
        document.details.payment = Some(Payment { code: Some(code.into()), accounts, ..Payment::default() });
        document
    };
    let icelandic = "IS140159260076545510730339";
    for code in ["9", "42"] {
        let xml = crate::ubl::render(&paid(code, &[icelandic]), Profile::Peppol).unwrap();
        let xml = unindented(&String::from_utf8(xml).unwrap());
        assert!(xml.contains("<cac:PayeeFinancialAccount><cbc:ID>015926007654</cbc:ID>"), "{xml}");
        for ibans in [&["DE02120300000000202051"][..], &[icelandic, icelandic], &[]] {
            assert!(refusal(Profile::Peppol, &paid(code, ibans)).contains("IS-R-007"), "{code} {ibans:?}");
        }
    }
    assert_eq!(Profile::Peppol.check(&paid("30", &["DE02120300000000202051"])), Ok(()));
}

#[test]
fn an_account_s_own_number_is_what_the_rules_want() {
    let paid = |mut document: Document, number: &str, branch: Option<&str>| {
        (document.seller.iban, document.seller.bic) = (None, None);
        document.seller.account_number = Some(number.into());
        document.seller.routing_number = branch.map(str::to_owned);
        document
    };
    let domestic =
        crate::ubl::render(&paid(danish("DK"), "0440116243", Some("0040")), Profile::Peppol).unwrap();
    let iban = crate::ubl::render(&danish("DK"), Profile::Peppol).unwrap();
    assert_eq!(String::from_utf8(domestic).unwrap(), String::from_utf8(iban).unwrap());
    assert!(refusal(Profile::Peppol, &paid(danish("DK"), "0440116243", None)).contains("DK-R-006"));
    let euros = Document { currency: "EUR".into(), ..paid(registered(), "123456789", Some("021000021")) };
    let xml = unindented(&String::from_utf8(crate::ubl::render(&euros, Profile::Peppol).unwrap()).unwrap());
    // SEPA (58) knows IBANs only.
    let expected = "<cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>\
        <cbc:PaymentID>2026-000001</cbc:PaymentID>\
        <cac:PayeeFinancialAccount><cbc:ID>123456789</cbc:ID>\
        <cac:FinancialInstitutionBranch><cbc:ID>021000021</cbc:ID>";
    assert!(xml.contains(expected), "{xml}");
    let cii = unindented(&String::from_utf8(crate::cii::render(&euros, Profile::En16931).unwrap()).unwrap());
    assert!(cii.contains("<ram:ProprietaryID>123456789</ram:ProprietaryID>"), "{cii}");
    assert!(cii.contains("<ram:BICID>021000021</ram:BICID>") && !cii.contains("IBANID"), "{cii}");
}

/// Without the white space between elements.
fn unindented(xml: &str) -> String {
    xml.lines().map(str::trim).collect()
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
