use waybill_contracts::{Delivery, Prepayment, TaxCategory};

use super::*;
use crate::example::{credit_note, electronic_address, full_invoice, invoice};
use crate::{EDITION, ubl};

fn written(document: &Document, profile: Profile) -> String {
    String::from_utf8(render(document, profile).unwrap()).unwrap()
}

/// The texts of all elements of this name, whatever its namespace.
fn all<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let end = format!("</{name}>");
    xml.split(&format!("<{name}"))
        .skip(1)
        .filter(|rest| rest.starts_with([' ', '>']))
        .map(|rest| rest.split_once('>').unwrap().1.split_once(&end).unwrap().0)
        .collect()
}

#[test]
fn a_scheme_that_only_ubl_knows_is_refused() {
    let mut document = invoice();
    document.customer.electronic_address = Some(electronic_address("0219", "x1"));
    assert!(render(&document, Profile::En16931).unwrap_err().to_string().contains("FX-SCH-A-000571"));
    assert!(ubl::render(&document, Profile::En16931).is_ok());
    document.edition = 0;
    assert!(render(&document, Profile::En16931).is_ok());
}

#[test]
fn both_syntaxes_have_the_same_terms() {
    for document in [invoice(), credit_note(), full_invoice()] {
        let cii = written(&document, Profile::XRechnung);
        let ubl = String::from_utf8(ubl::render(&document, Profile::XRechnung).unwrap()).unwrap();
        for (in_cii, in_ubl) in [
            ("ram:DuePayableAmount", "cbc:PayableAmount"),
            ("ram:BuyerReference", "cbc:BuyerReference"),
            ("ram:ChargeAmount", "cbc:PriceAmount"),
            ("ram:Content", "cbc:Note"),
            ("ram:CountryID", "cbc:IdentificationCode"),
            ("ram:IBANID", "cac:PayeeFinancialAccount"),
        ] {
            let (mut in_cii, mut in_ubl) = (all(&cii, in_cii), all(&ubl, in_ubl));
            if document.details.payment_terms.is_some() || matches!(document.kind, Kind::CreditNote { .. }) {
                // The terms of payment are a note in UBL.
                in_ubl.retain(|text| !text.contains("in full"));
            }
            in_cii.sort_unstable();
            in_ubl.sort_unstable();
            if in_ubl.iter().any(|text| text.contains("<cbc:ID>")) {
                assert_eq!(in_cii.len(), in_ubl.len(), "{cii} {ubl}");
            } else {
                assert_eq!(in_cii, in_ubl, "{cii} {ubl}");
            }
        }
    }
}

#[test]
fn a_place_of_delivery_has_its_identifier_with_and_without_an_address() {
    let unindented = |xml: String| xml.lines().map(str::trim).collect::<String>();
    for (scheme, in_ubl, in_cii) in [
        (
            Some("0088"),
            "<cbc:ID schemeID=\"0088\">4012345678901</cbc:ID>",
            "<ram:GlobalID schemeID=\"0088\">4012345678901</ram:GlobalID>",
        ),
        (None, "<cbc:ID>4012345678901</cbc:ID>", "<ram:ID>4012345678901</ram:ID>"),
    ] {
        let mut document = full_invoice();
        for city in [None, Some("Bremen")] {
            document.details.delivery = Some(Delivery {
                location_id: Some("4012345678901".into()),
                location_id_scheme: scheme.map(str::to_owned),
                city: city.map(str::to_owned),
                zip_code: city.map(|_| "28195".into()),
                ..Delivery::default()
            });
            let end = if city.is_some() { "<cac:Address>" } else { "</cac:DeliveryLocation>" };
            let ubl = String::from_utf8(ubl::render(&document, Profile::XRechnung).unwrap()).unwrap();
            let expected = format!("<cac:Delivery><cac:DeliveryLocation>{in_ubl}{end}");
            assert!(unindented(ubl).contains(&expected), "{expected}");
            let end = if city.is_some() { "<ram:PostalTradeAddress>" } else { "</ram:ShipToTradeParty>" };
            let expected = format!("<ram:ShipToTradeParty>{in_cii}{end}");
            assert!(unindented(written(&document, Profile::XRechnung)).contains(&expected), "{expected}");
        }
    }
}

#[test]
fn a_name_by_itself_is_no_address_of_a_delivery() {
    let unindented = |xml: String| xml.lines().map(str::trim).collect::<String>();
    let mut document = full_invoice();
    let named =
        Delivery { date: Some("2026-07-01".into()), name: Some("Lager Nord".into()), ..Delivery::default() };
    let ubl = |document: &Document, profile| {
        unindented(String::from_utf8(ubl::render(document, profile).unwrap()).unwrap())
    };
    let party = "<cac:DeliveryParty><cac:PartyName><cbc:Name>Lager Nord</cbc:Name></cac:PartyName></cac:DeliveryParty>";
    document.details.delivery = Some(named.clone());
    for profile in [Profile::En16931, Profile::XRechnung, Profile::Peppol] {
        let expected =
            format!("<cbc:ActualDeliveryDate>2026-07-01</cbc:ActualDeliveryDate>{party}</cac:Delivery>");
        assert!(ubl(&document, profile).contains(&expected), "{profile:?}");
    }
    let expected = "<ram:ShipToTradeParty><ram:Name>Lager Nord</ram:Name></ram:ShipToTradeParty>";
    assert!(unindented(written(&document, Profile::XRechnung)).contains(expected));

    let location_id = Some("4012345678901".into());
    document.details.delivery = Some(Delivery { location_id, ..named.clone() });
    let expected =
        format!("<cac:DeliveryLocation><cbc:ID>4012345678901</cbc:ID></cac:DeliveryLocation>{party}");
    assert!(ubl(&document, Profile::XRechnung).contains(&expected));

    document.details.delivery = Some(named);
    document.edition = 4;
    assert!(ubl::render(&document, Profile::XRechnung).unwrap_err().to_string().contains("BR-DE-10"));
    let expected = "<cac:Address><cac:Country><cbc:IdentificationCode>DE<";
    assert!(ubl(&document, Profile::En16931).contains(expected));

    // Supplies within the Union have an address in any case (BR-IC-12): the buyer's.
    document.edition = EDITION;
    document.bill.taxes[0].category = TaxCategory::K;
    let street = "<cac:DeliveryLocation><cac:Address><cbc:StreetName>Example Road 2<";
    let written = ubl(&document, Profile::En16931);
    assert!(written.contains(street) && written.contains(party), "{written}");
}

#[test]
fn dates_are_written_without_hyphens() {
    let xml = written(&invoice(), Profile::En16931);
    assert_eq!(all(&xml, "udt:DateTimeString"), ["20260701", "20260731"]);
    let xml = written(&credit_note(), Profile::En16931);
    assert_eq!(all(&xml, "qdt:DateTimeString"), ["20260701"]);
    assert_eq!(all(&xml, "ram:TypeCode")[0], "381");
}

#[test]
fn peppol_s_profile_is_ubl_only() {
    let document = full_invoice();
    let refusal = render(&document, Profile::Peppol).unwrap_err();
    assert_eq!(refusal.to_string(), "Peppol BIS Billing is exchanged as UBL, not as CII");
    assert!(ubl::render(&document, Profile::Peppol).is_ok());
}

#[test]
fn several_invoices_before_it_stand_in_a_pdf_and_not_in_cii_by_itself() {
    let deposit =
        |number: &str| Prepayment { amount: 1, invoice_number: Some(number.into()), ..Prepayment::default() };
    let mut document = invoice();
    document.details.prepayments = vec![deposit("A-1"), Prepayment { amount: 1, ..Prepayment::default() }];
    assert!(render(&document, Profile::En16931).is_ok());
    document.details.prepayments.push(deposit("A-2"));
    assert!(render(&document, Profile::En16931).unwrap_err().to_string().contains("BG-3"));
    let xml = String::from_utf8(render_attachment(&document, Profile::En16931).unwrap()).unwrap();
    assert_eq!(xml.matches("<ram:InvoiceReferencedDocument>").count(), 2);
}
