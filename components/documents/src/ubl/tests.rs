use quick_xml::Reader;
use quick_xml::events::Event;
use waybill_contracts::{Delivery, InvoiceDetails, Line, TaxCategory, TaxCurrency};

use super::*;
use crate::EDITION;
use crate::example::{bare_invoice, billed, credit_note, full_invoice, invoice, line};

fn written(document: &Document) -> String {
    let xml = String::from_utf8(render(document, Profile::En16931).unwrap()).unwrap();
    assert_well_formed(&xml);
    xml
}

fn assert_well_formed(xml: &str) {
    let mut reader = Reader::from_str(xml);
    while !matches!(reader.read_event().unwrap(), Event::Eof) {}
}

/// The texts of all elements of this name.
fn all<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{name}"), format!("</{name}>"));
    xml.split(&start)
        .skip(1)
        .filter(|rest| rest.starts_with([' ', '>']))
        .map(|rest| rest.split_once('>').unwrap().1.split_once(&end).unwrap().0)
        .collect()
}

/// An amount of two digits in cents.
fn cents(text: &str) -> i64 {
    text.replace('.', "").parse().unwrap()
}

#[test]
fn an_invoice_names_its_rules_parties_and_sums() {
    let xml = written(&invoice());
    for (name, texts) in [
        ("cbc:CustomizationID", &["urn:cen.eu:en16931:2017"][..]),
        ("cbc:ProfileID", &[]),
        ("cbc:InvoiceTypeCode", &["380"]),
        ("cbc:DueDate", &["2026-07-31"]),
        ("cbc:EndpointID", &["DE123456789", "jo@example.com"]),
        ("cbc:RegistrationName", &["Example seller: Ink &amp; Paper", "Jo Doe"]),
        ("cbc:TaxAmount", &["6.40", "0.70", "5.70"]),
        ("cbc:Percent", &["7.00", "19.00", "19.00", "7.00"]),
        ("cbc:PayableAmount", &["46.39"]),
        ("cbc:InvoicedQuantity", &["3", "1"]),
        ("cbc:PriceAmount", &["10.00", "9.99"]),
        ("cbc:PaymentMeansCode", &["58"]),
    ] {
        assert_eq!(all(&xml, name), texts, "{name} in {xml}");
    }
}

#[test]
fn a_credit_note_refers_to_its_invoice() {
    let xml = written(&credit_note());
    assert_eq!(all(&xml, "cbc:CreditNoteTypeCode"), ["381"]);
    assert_eq!(all(&xml, "cbc:CreditedQuantity").len(), 2);
    assert!(all(&xml, "cac:InvoiceDocumentReference")[0].contains("<cbc:ID>2026-000001</cbc:ID>"));
    assert!(all(&xml, "cbc:DueDate").is_empty(), "a credit note has none in UBL");
}

#[test]
fn an_older_event_without_an_address_has_fallbacks() {
    let xml = written(&bare_invoice(5000, "EUR"));
    assert!(xml.contains("Order 019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3e"));
    assert_eq!(all(&xml, "cbc:RegistrationName")[1], "1651654165");
    assert_eq!(all(&xml, "cbc:IdentificationCode"), ["DE", "DE"], "the seller's country");
    assert!(all(&xml, "cac:ClassifiedTaxCategory")[0].contains("<cbc:ID>E</cbc:ID>"));
    assert_eq!(all(&xml, "cbc:TaxExemptionReason"), ["No VAT is stated: the order names an amount only."]);
    assert_eq!(all(&xml, "cbc:PayableAmount"), ["50.00"]);
}

#[test]
fn text_from_outside_stays_text() {
    let mut document = invoice();
    document.customer.name = Some("<a b='c'>&amp;]]>\u{1}\u{fffe}\u{1f9fe}".into());
    let xml = written(&document);
    assert!(!xml.contains("<a b") && !xml.contains('\u{1}') && !xml.contains('\u{fffe}'), "{xml}");
    assert!(xml.contains("&amp;amp;") && xml.contains('\u{1f9fe}'), "{xml}");
}

#[test]
fn amounts_have_the_digits_that_the_standard_allows() {
    assert_eq!(all(&written(&bare_invoice(5000, "JPY")), "cbc:PayableAmount"), ["5000"]);
    assert_eq!(all(&written(&bare_invoice(5000, "KWD")), "cbc:PayableAmount"), ["5.00"]);
    assert_eq!(all(&written(&bare_invoice(50_000, "CLF")), "cbc:PayableAmount"), ["5.00"]);
    let refusal = render(&bare_invoice(5001, "KWD"), Profile::En16931).unwrap_err();
    assert_eq!(refusal, Refusal::TooPrecise { currency: "KWD".into() });
    // A price may have more.
    let lines = [line("a", "A", 10, 1, 0)];
    let document =
        Document { currency: "KWD".into(), bill: billed(&lines, &InvoiceDetails::default()), ..invoice() };
    assert_eq!(all(&written(&document), "cbc:PriceAmount"), ["0.001"]);
}

#[test]
fn sums_hold_for_any_lines() {
    // A small generator of pseudo-random numbers (xorshift), so that a failure is found again.
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    for _ in 0..300 {
        let count = 1 + random(40);
        let rates = [0, 50, 550, 700, 1900, 2125, 10_000];
        let mut rate = || rates[usize::try_from(random(7)).unwrap()];
        let rates: Vec<i32> = (0..count).map(|_| rate()).collect();
        let lines: Vec<_> = rates
            .iter()
            .map(|rate| {
                let (quantity, price) = (1 + random(1000), random(10_000_000));
                line("a", "A", quantity.try_into().unwrap(), price.try_into().unwrap(), *rate)
            })
            .collect();
        let bill = billed(&lines, &InvoiceDetails::default());
        let amount = bill.total;
        let document = Document { bill, ..invoice() };
        assert_eq!(document.bill.lines.len(), lines.len(), "lines that sum up are billed one by one");
        assert_sums_hold(&written(&document), amount);
    }
}

/// BR-CO-10, 13, 14, 15, 16 and 17, and BR-S-08, in cents.
fn assert_sums_hold(xml: &str, amount: i64) {
    let one = |name| cents(all(xml, name)[0]);
    let totals = all(xml, "cac:LegalMonetaryTotal")[0];
    let net: i64 =
        all(xml, "cac:InvoiceLine").iter().map(|line| cents(all(line, "cbc:LineExtensionAmount")[0])).sum();
    assert_eq!(cents(all(totals, "cbc:LineExtensionAmount")[0]), net, "BR-CO-10");
    assert_eq!(one("cbc:TaxExclusiveAmount"), net, "BR-CO-13");
    let (mut taxable, mut tax) = (0, 0);
    for subtotal in all(xml, "cac:TaxSubtotal") {
        let of = |name| cents(all(subtotal, name)[0]);
        let percent = cents(all(subtotal, "cbc:Percent")[0]);
        assert_eq!(of("cbc:TaxAmount"), (of("cbc:TaxableAmount") * percent + 5000) / 10_000, "BR-CO-17");
        (taxable, tax) = (taxable + of("cbc:TaxableAmount"), tax + of("cbc:TaxAmount"));
    }
    assert_eq!(taxable, net, "BR-S-08");
    assert_eq!(one("cbc:TaxAmount"), tax, "BR-CO-14");
    assert_eq!(one("cbc:TaxInclusiveAmount"), net + tax, "BR-CO-15");
    assert_eq!((one("cbc:PayableAmount"), net + tax), (amount, amount), "BR-CO-16");
}

#[test]
fn a_specimen_says_so_in_its_note() {
    let mut document = invoice();
    assert!(!written(&document).contains("cbc:Note"));
    document.seller.is_specimen = true;
    let xml = written(&document);
    let place = |name: &str| xml.find(name).unwrap();
    assert!(all(&xml, "cbc:Note")[0].starts_with("Specimen"), "{xml}");
    // The order of UBL's schema.
    assert!(place("<cbc:InvoiceTypeCode") < place("<cbc:Note"));
    assert!(place("<cbc:Note") < place("<cbc:DocumentCurrencyCode"));
}

#[test]
fn a_german_buyer_has_a_reference_in_peppol() {
    let mut document = full_invoice();
    (document.details.buyer_reference, document.customer.buyer_reference) = (None, None);
    let text = |document: &Document| String::from_utf8(render(document, Profile::Peppol).unwrap()).unwrap();
    assert!(text(&document).contains("<cbc:BuyerReference>NA</cbc:BuyerReference>"));
    document.edition = 0;
    assert!(!text(&document).contains("BuyerReference"));
    document.customer.country = Some("AT".into());
    document.edition = EDITION;
    assert!(!text(&document).contains("BuyerReference"));
}

#[test]
fn goods_within_the_union_go_to_the_buyer_s_address() {
    let line = Line { tax_category: Some(TaxCategory::K), ..line("a", "A", 1, 1000, 0) };
    let details = InvoiceDetails {
        delivery: Some(Delivery { date: Some("2026-07-01".into()), ..Delivery::default() }),
        ..InvoiceDetails::default()
    };
    let mut document = Document { bill: billed(&[line], &details), details, ..invoice() };
    let delivery = |document: &Document| {
        let text = String::from_utf8(render(document, Profile::En16931).unwrap()).unwrap();
        let (_, after) = text.split_once("<cac:Delivery>").unwrap();
        after.split_once("</cac:Delivery>").unwrap().0.to_owned()
    };
    assert!(delivery(&document).contains("<cbc:StreetName>Example Road 2<"), "{}", delivery(&document));
    assert_eq!(Profile::XRechnung.check(&document), Ok(()));
    document.customer.address_line2 = Some("Floor 2".into());
    (document.customer.city, document.customer.state) = (Some("Altona".into()), Some("Hamburg".into()));
    let unindented = |text: String| text.lines().map(str::trim).collect::<String>();
    let whole = unindented(delivery(&document));
    assert!(whole.contains("<cbc:AdditionalStreetName>Floor 2<"), "{whole}");
    assert!(whole.contains("<cbc:CountrySubentity>Hamburg</cbc:CountrySubentity><cac:Country>"), "{whole}");
    document.edition = 2;
    let before = delivery(&document);
    assert!(before.contains("StreetName>Example") && !before.contains("AdditionalStreetName"), "{before}");
    document.edition = 0;
    assert!(!delivery(&document).contains("StreetName"));
}

#[test]
fn a_tax_in_another_currency_has_two_digits_or_is_refused() {
    let in_dinars = |rate: &str| {
        let tax_currency =
            TaxCurrency { currency: "BHD".into(), rate: rate.parse().unwrap(), source: "CBB".into() };
        let details = InvoiceDetails { tax_currency: Some(tax_currency), ..InvoiceDetails::default() };
        Document { bill: billed(&[line("a", "A", 1, 10_000, 1000)], &details), details, ..invoice() }
    };
    // 10.00 at 0.3765 is 3.765, and the standard's two digits (BR-DEC-15) would be another amount.
    let exact = in_dinars("0.3765");
    assert_eq!(exact.bill.accounting_tax.as_ref().unwrap().tax, 3765);
    for profile in [Profile::En16931, Profile::XRechnung] {
        let refused = Refusal::TooPrecise { currency: "BHD".into() };
        assert_eq!(render(&exact, profile), Err(refused.clone()));
        assert_eq!(crate::cii::render(&exact, profile), Err(refused));
    }
    let xml = written(&in_dinars("0.377"));
    assert!(xml.contains(r#"<cbc:TaxAmount currencyID="BHD">3.77</cbc:TaxAmount>"#), "{xml}");
}

#[test]
fn a_place_of_delivery_has_all_its_parts_in_the_order_of_the_schemas() {
    let mut document = full_invoice();
    let place = document.details.delivery.as_mut().unwrap();
    (place.address_line2, place.subdivision) = (Some("Gate 4".into()), Some("HB".into()));
    let text = |xml: Vec<u8>| String::from_utf8(xml).unwrap().lines().map(str::trim).collect::<String>();
    let ubl = text(render(&document, Profile::En16931).unwrap());
    let address = "<cbc:StreetName>Quay 3</cbc:StreetName>\
        <cbc:AdditionalStreetName>Gate 4</cbc:AdditionalStreetName>\
        <cbc:CityName>Bremen</cbc:CityName><cbc:PostalZone>28195</cbc:PostalZone>\
        <cbc:CountrySubentity>HB</cbc:CountrySubentity><cac:Country>";
    assert!(ubl.contains(address), "{ubl}");
    let cii = text(crate::cii::render(&document, Profile::En16931).unwrap());
    let address = "<ram:LineOne>Quay 3</ram:LineOne><ram:LineTwo>Gate 4</ram:LineTwo>\
        <ram:CityName>Bremen</ram:CityName><ram:CountryID>DE</ram:CountryID>\
        <ram:CountrySubDivisionName>HB</ram:CountrySubDivisionName>";
    assert!(cii.contains(address), "{cii}");
}

#[test]
fn the_buyer_s_numbers_are_not_the_seller_s() {
    let xml = written(&invoice());
    let order = all(&xml, "cac:OrderReference")[0];
    assert_eq!(all(order, "cbc:ID"), ["NA"], "BT-13 is not known");
    assert_eq!(all(order, "cbc:SalesOrderID"), [invoice().order_id], "BT-14");
    assert!(all(&xml, "cbc:BuyerReference").is_empty(), "BT-10 is not known");

    let xml = written(&full_invoice());
    let order = all(&xml, "cac:OrderReference")[0];
    assert_eq!((all(order, "cbc:ID"), all(order, "cbc:SalesOrderID")), (vec!["PO 4711"], vec!["SO-1"]));
    assert_eq!(all(&xml, "cbc:BuyerReference"), ["991-01234-44"]);
    assert_eq!(all(&xml, "cbc:ActualDeliveryDate"), ["2026-07-01"]);
    assert!(all(&xml, "cac:DeliveryLocation")[0].contains("Bremen"));
    assert!(all(&xml, "cac:ProjectReference")[0].contains("P-7"));
    assert!(all(&xml, "cac:ContractDocumentReference")[0].contains("C-2026/3"));
    assert_eq!(all(&xml, "cbc:Note"), ["Thank you.", "Payable in full by the due date."]);
}

#[test]
fn peppol_s_profile_has_one_note_and_its_process() {
    let mut document = full_invoice();
    document.seller.is_specimen = true;
    let xml = String::from_utf8(render(&document, Profile::Peppol).unwrap()).unwrap();
    assert!(
        all(&xml, "cbc:Note")[0].starts_with("Specimen")
            && all(&xml, "cbc:Note")[0].ends_with("\nThank you.")
    );
    assert_eq!(all(&xml, "cbc:ProfileID"), ["urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"]);
    assert_eq!(all(&xml, "cbc:EndpointID"), ["DE123456789", "991-01234-44"]);
}

#[test]
fn a_dutch_credit_note_names_the_account() {
    let mut document = credit_note();
    assert_eq!(all(&written(&document), "cbc:PaymentMeansCode"), ["1"]);
    document.seller.country = "NL".into();
    assert_eq!(all(&written(&document), "cbc:PaymentMeansCode"), ["58"]);
}

#[test]
fn a_currency_that_the_standard_s_list_lacks_is_refused() {
    for currency in ["STN", "XAD"] {
        let refusal = render(&bare_invoice(5000, currency), Profile::En16931).unwrap_err();
        let text = format!("the list of currencies of EN 16931 does not have {currency} yet (BR-CL-04)");
        assert_eq!(refusal.to_string(), text);
    }
}
