use waybill_contracts::{InvoiceDetails, Line, TaxCategory};

use crate::example::{bare_invoice, billed, invoice, line, seller};
use crate::{Customer, Document, ElectronicAddress, Seller, ubl};

/// What is within the first element of this name, without white space between elements.
fn part(document: &Document, name: &str) -> String {
    let xml = String::from_utf8(ubl::render(document, crate::Profile::En16931).unwrap()).unwrap();
    let inner = xml.split_once(&format!("<{name}>")).unwrap().1.split_once(&format!("</{name}>")).unwrap().0;
    inner.lines().map(str::trim).collect()
}

fn seller_of(seller: Seller) -> String {
    part(&Document { seller, ..invoice() }, "cac:AccountingSupplierParty")
}

fn assert_has(xml: &str, parts: &[&str]) {
    let mut rest = xml;
    for part in parts {
        let found = rest.split_once(part);
        rest = found.unwrap_or_else(|| panic!("{part} is not in {rest} of {xml}")).1;
    }
}

#[test]
fn a_seller_has_all_terms_in_the_order_of_the_schema() {
    let electronic_address = ElectronicAddress { scheme: "0088".into(), id: "4012345678901".into() };
    let xml = seller_of(Seller {
        tax_number: Some("12/345/67890".into()),
        company_id: Some("HRB 12345".into()),
        address_line2: Some("Hof 2".into()),
        subdivision: Some("BE".into()),
        electronic_address: Some(electronic_address),
        legal_notes: Some("Amtsgericht Berlin, Geschäftsführerin: Jo Doe".into()),
        ..seller()
    });
    assert_has(
        &xml,
        &[
            "<cbc:EndpointID schemeID=\"0088\">4012345678901</cbc:EndpointID>",
            "<cbc:StreetName>Example Street 1</cbc:StreetName><cbc:AdditionalStreetName>Hof 2</cbc:AdditionalStreetName>",
            "<cbc:CityName>Berlin</cbc:CityName><cbc:PostalZone>10115</cbc:PostalZone>",
            "<cbc:CountrySubentity>BE</cbc:CountrySubentity><cac:Country><cbc:IdentificationCode>DE<",
            "<cbc:CompanyID>DE123456789</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT<",
            "<cbc:CompanyID>12/345/67890</cbc:CompanyID><cac:TaxScheme><cbc:ID>FC<",
            "<cbc:CompanyID>HRB 12345</cbc:CompanyID>",
            "<cbc:CompanyLegalForm>Amtsgericht Berlin, Geschäftsführerin: Jo Doe</cbc:CompanyLegalForm>",
            "<cac:Contact><cbc:Name>Accounting<",
        ],
    );
}

#[test]
fn a_seller_without_vat_id_has_a_tax_number() {
    let without = Seller { vat_id: None, ..seller() };
    let xml = seller_of(Seller { tax_number: Some("12/345/67890".into()), ..without.clone() });
    assert!(!xml.contains("<cbc:ID>VAT") && xml.contains("<cbc:ID>FC"), "{xml}");
    assert!(xml.contains("<cbc:EndpointID schemeID=\"EM\">invoices@seller.example<"), "{xml}");
    let american = Document { seller: Seller { country: "US".into(), ..without }, ..invoice() };
    let refusal = ubl::render(&american, crate::Profile::En16931).unwrap_err().to_string();
    assert!(refusal.contains("BR-S-02"), "{refusal}");
}

#[test]
fn a_buyer_s_company_number_names_its_register() {
    let mut document = invoice();
    document.customer.company_id = Some("12345678".into());
    let bare = part(&document, "cac:AccountingCustomerParty");
    assert!(bare.contains("<cbc:CompanyID>12345678<"), "{bare}");
    document.customer.company_id_scheme = Some("0106".into());
    let registered = part(&document, "cac:AccountingCustomerParty");
    assert!(registered.contains(r#"<cbc:CompanyID schemeID="0106">12345678<"#), "{registered}");
    let cii = crate::cii::render(&document, crate::Profile::En16931).unwrap();
    let cii: String = String::from_utf8(cii).unwrap().lines().map(str::trim).collect();
    let organization = r#"<ram:SpecifiedLegalOrganization><ram:ID schemeID="0106">12345678</ram:ID></ram:SpecifiedLegalOrganization>"#;
    assert!(cii.contains(organization), "{cii}");
}

#[test]
fn outside_of_the_scope_of_the_tax_neither_party_has_a_number_of_it() {
    let line = Line { tax_category: Some(TaxCategory::O), ..line("a", "A", 1, 100, 0) };
    let details = InvoiceDetails::default();
    let mut document = Document { bill: billed(&[line], &details), ..invoice() };
    document.customer.vat_id = Some("FR40303265045".into());
    let seller = part(&document, "cac:AccountingSupplierParty");
    assert!(!seller.contains("PartyTaxScheme"), "{seller}");
    assert!(seller.contains("<cac:PartyIdentification><cbc:ID>DE123456789<"), "{seller}");
    assert!(!part(&document, "cac:AccountingCustomerParty").contains("PartyTaxScheme"));
}

#[test]
fn sellers_have_what_their_countries_want() {
    let of = |country: &str, vat_id: &str| Seller {
        country: country.into(),
        vat_id: Some(vat_id.into()),
        ..seller()
    };
    let xml = seller_of(of("NO", "NO995525828MVA"));
    assert_has(
        &xml,
        &[
            "<cbc:EndpointID schemeID=\"0192\">995525828<",
            "<cbc:CompanyID>NO995525828MVA</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT<",
            "<cbc:CompanyID>Foretaksregisteret</cbc:CompanyID><cac:TaxScheme><cbc:ID>TAX<",
        ],
    );
    let danish = Document { seller: of("DK", "DK13585628"), ..invoice() };
    let xml = part(&danish, "cac:AccountingSupplierParty");
    assert_has(
        &xml,
        &[
            "<cbc:EndpointID schemeID=\"0184\">DK13585628<",
            "<cbc:CompanyID schemeID=\"0184\">DK13585628</cbc:CompanyID>",
        ],
    );
    assert!(!part(&danish, "cac:AccountingCustomerParty").contains("PartyIdentification"));
    let french = Seller {
        company_id: Some("303265045".into()),
        company_id_scheme: Some("0002".into()),
        ..of("FR", "FR40303265045")
    };
    assert_has(&seller_of(french), &["<cbc:CompanyID schemeID=\"0002\">303265045</cbc:CompanyID>"]);
}

#[test]
fn a_buyer_has_all_terms_in_the_order_of_the_schema() {
    let customer = Customer {
        city: Some("Hamburg".into()),
        state: Some("HH".into()),
        address_line2: Some("Building 7".into()),
        vat_id: Some("DE136695976".into()),
        company_id: Some("HRB 1".into()),
        contact: Some("Accounts payable".into()),
        phone: Some("+49 40 1".into()),
        electronic_address: Some(ElectronicAddress { scheme: "0204".into(), id: "04011000-12345-34".into() }),
        buyer_reference: Some("04011000-12345-34".into()),
        ..invoice().customer
    };
    let document = Document { customer, ..invoice() };
    assert_has(
        &part(&document, "cac:AccountingCustomerParty"),
        &[
            "<cbc:EndpointID schemeID=\"0204\">04011000-12345-34</cbc:EndpointID>",
            "<cac:PartyIdentification><cbc:ID>1651654165<",
            "<cbc:AdditionalStreetName>Building 7</cbc:AdditionalStreetName><cbc:CityName>Hamburg</cbc:CityName>",
            "<cbc:CountrySubentity>HH</cbc:CountrySubentity>",
            "<cac:PartyTaxScheme><cbc:CompanyID>DE136695976</cbc:CompanyID><cac:TaxScheme><cbc:ID>VAT<",
            "<cbc:RegistrationName>Jo Doe</cbc:RegistrationName><cbc:CompanyID>HRB 1</cbc:CompanyID>",
            "<cbc:Name>Accounts payable</cbc:Name><cbc:Telephone>+49 40 1</cbc:Telephone><cbc:ElectronicMail>jo@",
        ],
    );
    let xml = String::from_utf8(ubl::render(&document, crate::Profile::En16931).unwrap()).unwrap();
    assert!(xml.contains("<cbc:BuyerReference>04011000-12345-34</cbc:BuyerReference>"), "{xml}");
}

#[test]
fn a_buyer_is_reached_by_its_vat_id_or_else_by_email() {
    let buyer = |document: &Document| part(document, "cac:AccountingCustomerParty");
    let mut document = invoice();
    assert_has(&buyer(&document), &["<cbc:EndpointID schemeID=\"EM\">jo@example.com<"]);
    document.customer.vat_id = Some("FR40303265045".into());
    assert_has(&buyer(&document), &["<cbc:EndpointID schemeID=\"9957\">FR40303265045<"]);
    let bare = buyer(&bare_invoice(1, "EUR"));
    assert!(!bare.contains("EndpointID") && !bare.contains("Contact"), "{bare}");
}
