//! Documents to test with, of every kind.

use waybill_billing::{Destination, Parties};
use waybill_contracts::{Delivery, InvoiceDetails, Line, TaxComponent};

use crate::{Bill, Customer, Date, Document, EDITION, ElectronicAddress, Kind, Seller};

/// A seller in Germany.
pub fn seller() -> Seller {
    Seller {
        name: "Example seller: Ink & Paper".into(),
        vat_id: Some("DE123456789".into()),
        address: "Example Street 1".into(),
        city: "Berlin".into(),
        zip_code: "10115".into(),
        country: "DE".into(),
        email: "invoices@seller.example".into(),
        contact: Some("Accounting".into()),
        phone: Some("+49 30 23125000".into()),
        payment_days: 30,
        iban: Some("DE89370400440532013000".into()),
        bic: Some("COBADEFFXXX".into()),
        ..Seller::default()
    }
}

/// An invoice of two lines with two rates, over 46.39 EUR.
pub fn invoice() -> Document {
    let lines = [line("ink-1", "Ink & <paper>", 3, 1000, 1900), line("b-2", "Книга", 1, 999, 700)];
    Document {
        edition: EDITION,
        kind: Kind::Invoice { due_on: day(31) },
        number: "2026-000001".into(),
        issued_on: day(1),
        order_id: "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3e".into(),
        currency: "EUR".into(),
        seller: seller(),
        customer_id: "1651654165".into(),
        customer: Customer {
            name: Some("Jo Doe".into()),
            email: Some("jo@example.com".into()),
            address: Some("Example Road 2".into()),
            state: Some("Hamburg".into()),
            zip_code: Some("20095".into()),
            country: Some("DE".into()),
            ..Customer::default()
        },
        bill: billed(&lines, &InvoiceDetails::default()),
        details: InvoiceDetails::default(),
    }
}

/// The invoice of an order whose event had only an amount and a customer's identifier.
pub fn bare_invoice(amount: i64, currency: &str) -> Document {
    Document {
        currency: currency.into(),
        customer: Customer::default(),
        bill: bill(amount, &[], &InvoiceDetails::default()),
        ..invoice()
    }
}

/// The bill of lines.
pub fn billed(lines: &[Line], details: &InvoiceDetails) -> Bill {
    bill(waybill_billing::total(lines, details).expect("the example can be billed"), lines, details)
}

fn bill(amount: i64, lines: &[Line], details: &InvoiceDetails) -> Bill {
    let parties = Parties {
        vat_id: seller().vat_id,
        buyer_vat_id: Some("FR40303265045".into()),
        // Both a supply within the Union, to Northern Ireland, and an export are possible.
        destination: Some(Destination { country: "GB".into(), zip_code: None }),
        ..Parties::default()
    };
    waybill_billing::bill(amount, "EUR", lines, details, &parties).expect("the example can be billed")
}

/// Credits [`invoice`].
pub fn credit_note() -> Document {
    let kind = Kind::CreditNote { invoice_number: "2026-000001".into(), invoice_issued_on: day(1) };
    Document { kind, number: "CN-2026-000001".into(), issued_on: day(2), ..invoice() }
}

/// A line of an order.
pub fn line(sku: &str, description: &str, quantity: i64, unit_price: i64, rate: i32) -> Line {
    Line {
        sku: sku.into(),
        description: description.into(),
        quantity: quantity.into(),
        unit_price: unit_price.into(),
        tax_rate_basis_points: rate,
        ..Line::default()
    }
}

/// A day of July 2026.
pub fn day(day: u8) -> Date {
    Date { year: 2026, month: 7, day }
}

/// The invoice of a Canadian seller with GST, and PST on one of two lines, over 148.25 CAD. A third line bears no tax.
pub fn canadian_invoice() -> Document {
    let tax = |name: &str, rate: i64| TaxComponent { name: name.into(), rate_basis_points: rate.into() };
    let taxed = |line: Line, taxes: &[TaxComponent]| Line { taxes: taxes.to_vec(), ..line };
    let lines = [
        taxed(line("ink-1", "Ink", 1, 10_000, 0), &[tax("GST", 500), tax("PST", 700)]),
        taxed(line("book-2", "Book", 1, 2500, 0), &[tax("GST", 500)]),
        line("rice-3", "Rice", 1, 1000, 0),
    ];
    let mut document =
        Document { currency: "CAD".into(), bill: billed(&lines, &InvoiceDetails::default()), ..invoice() };
    (document.seller.vat_id, document.seller.tax_number) = (None, Some("123456789 RT0001".into()));
    (document.seller.city, document.seller.zip_code) = ("Vancouver".into(), "V6B 1A1".into());
    (document.seller.subdivision, document.seller.country) = (Some("BC".into()), "CA".into());
    (document.customer.country, document.customer.zip_code) = (Some("CA".into()), Some("V5K 0A1".into()));
    (document.customer.city, document.customer.state) = (Some("Vancouver".into()), Some("BC".into()));
    document
}

/// An address for electronic documents.
pub fn electronic_address(scheme: &str, id: &str) -> ElectronicAddress {
    ElectronicAddress { scheme: scheme.into(), id: id.into() }
}

/// The invoice of parties that are registered in Peppol's network, with all that an order can say of it besides its lines.
pub fn full_invoice() -> Document {
    let mut document = Document { details: details(), ..invoice() };
    document.seller.electronic_address = Some(electronic_address("9930", "DE123456789"));
    document.seller.company_id = Some("HRB 12345".into());
    document.seller.legal_notes = Some("Amtsgericht Berlin HRB 12345".into());
    document.seller.address_line2 = Some("Building 7".into());
    document.seller.subdivision = Some("Berlin".into());
    document.customer.electronic_address = Some(electronic_address("0204", "991-01234-44"));
    document.customer.vat_id = Some("DE136695976".into());
    document.customer.company_id = Some("HRB 678".into());
    document.customer.contact = Some("Accounts payable".into());
    document.customer.phone = Some("+49 40 123456".into());
    document.customer.address_line2 = Some("Floor 2".into());
    document
}

/// All that an order can say of its invoice beside lines and sums.
pub fn details() -> InvoiceDetails {
    InvoiceDetails {
        buyer_reference: Some("991-01234-44".into()),
        project: Some("P-7".into()),
        contract: Some("C-2026/3".into()),
        purchase_order: Some("PO 4711".into()),
        sales_order: Some("SO-1".into()),
        payment_terms: Some("Payable in full by the due date.".into()),
        note: Some("Thank you.".into()),
        delivery: Some(Delivery {
            date: Some("2026-07-01".into()),
            name: Some("Jo Doe's warehouse".into()),
            address: Some("Quay 3".into()),
            city: Some("Bremen".into()),
            zip_code: Some("28195".into()),
            country: Some("DE".into()),
            ..Delivery::default()
        }),
        ..InvoiceDetails::default()
    }
}
