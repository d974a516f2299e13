//! Seller, buyer, and the kind of the document.

use rand::Rng as _;
use rand::rngs::StdRng;
use waybill_contracts::CashDiscount;
use waybill_documents::{Customer, ElectronicAddress, Kind, Seller, example};

use crate::dimensions::{maybe, once_in, one_of, text};

/// Sellers by country, with identifiers whose check digits are right.
const SELLERS: [(&str, &str, &str); 17] = [
    ("DE", "DE136695976", "DE02120300000000202051"),
    ("FR", "FR40303265045", "FR1420041010050500013M02606"),
    ("BE", "BE0428759497", "BE68539007547034"),
    ("AT", "ATU13585627", "AT611904300234573201"),
    ("NL", "NL004495445B01", "NL91ABNA0417164300"),
    ("IT", "IT00743110157", "IT60X0542811101000000123456"),
    ("ES", "ESA13585625", "ES9121000418450200051332"),
    ("PL", "PL8567346215", "PL61109010140000071219812874"),
    ("SE", "SE556703748501", "SE4550000000058398257466"),
    ("PT", "PT501964843", "PT50000201231234567890154"),
    ("RO", "RO18547290", "RO49AAAA1B31007593840000"),
    ("GB", "GB980780684", "GB29NWBK60161331926819"),
    ("CH", "CHE123456788", "CH9300762011623852957"),
    ("DK", "DK13585628", "DK5000400440116243"),
    ("IE", "IE6433435F", "IE29AIBK93115212345678"),
    ("NO", "NO991825827MVA", "NO9386011117947"),
    ("IS", "IS12345", "IS140159260076545510730339"),
];

/// Company numbers, each with its register or without.
const REGISTRATIONS: [(Option<&str>, Option<&str>); 6] = [
    (None, None),
    (None, None),
    (None, None),
    (Some("HRB 678"), None),
    (Some("12345678"), Some("0106")),
    (Some("5501692829"), Some("0196")),
];

/// Countries whose sellers need no VAT identifier.
const WITHOUT_VAT: [&str; 3] = ["US", "CA", "JP"];

/// Addresses in Peppol's network whose check digits are right, one by e-mail, and a French one, whose scheme is young.
const ENDPOINTS: [(&str, &str); 9] = [
    ("9930", "DE136695976"),
    ("0204", "991-01234-44"),
    ("0208", "0428759497"),
    ("0088", "7300010000001"),
    ("0192", "991825827"),
    ("0007", "5567037485"),
    ("0225", "303265045"),
    ("0196", "5501692829"),
    ("EM", "invoices@buyer.example"),
];

pub fn kind(random: &mut StdRng) -> Kind {
    if once_in(random, 4) { example::credit_note().kind } else { example::invoice().kind }
}

pub fn customer_id(random: &mut StdRng) -> String {
    if once_in(random, 2) { "1651654165".into() } else { text(random) }
}

pub fn seller(random: &mut StdRng) -> Seller {
    let (country, vat_id, iban) = if once_in(random, 3) { SELLERS[0] } else { one_of(random, &SELLERS) };
    let iban = random.random_ratio(4, 5).then(|| iban.to_owned());
    let (country, vat_id, tax_number) = identified(random, country, vat_id);
    let (company_id, company_id_scheme) = match country {
        "IS" => (Some("5501692829".to_owned()), Some("0196")),
        "NL" if once_in(random, 2) => (Some("12345678".to_owned()), Some("0106")),
        _ => (once_in(random, 3).then(|| "HRB 12345".to_owned()), None),
    };
    Seller {
        name: text(random),
        vat_id,
        tax_number,
        exemption_reason: once_in(random, 10).then(|| "Kleinunternehmer gemäß § 19 UStG".into()),
        amount_tax_rate_basis_points: maybe(random, |random| one_of(random, &[0, 1900, 2550])),
        electronic_address: maybe(random, electronic_address),
        company_id,
        company_id_scheme: company_id_scheme.map(str::to_owned),
        address_line2: once_in(random, 4).then(|| text(random)),
        subdivision: once_in(random, 4).then(|| text(random)),
        legal_notes: once_in(random, 4).then(|| text(random)),
        country: country.into(),
        contact: random.random_ratio(4, 5).then(|| text(random)),
        phone: random.random_ratio(4, 5).then(|| "+49 30 23125000".into()),
        bic: iban.as_ref().and_then(|_| maybe(random, |_| "COBADEFFXXX".into())),
        iban,
        is_specimen: once_in(random, 10),
        ..example::seller()
    }
}

/// A seller's country, VAT identifier and tax number: one of both, both, or neither where a country has no VAT.
fn identified(
    random: &mut StdRng,
    country: &'static str,
    vat_id: &str,
) -> (&'static str, Option<String>, Option<String>) {
    let tax_number = Some("12/345/67890".to_owned());
    match random.random_range(0..10) {
        0 => (one_of(random, &WITHOUT_VAT), None, tax_number.filter(|_| random.random())),
        1 => (country, None, tax_number),
        2 => (country, Some(vat_id.into()), tax_number),
        _ => (country, Some(vat_id.into()), None),
    }
}

/// A customer of whom all, a part or nothing is known.
pub fn customer(random: &mut StdRng) -> Customer {
    if once_in(random, 8) {
        return Customer::default();
    }
    let is_full = random.random_ratio(2, 3);
    let mut part = |text: &str| (is_full || random.random::<bool>()).then(|| text.to_owned());
    let (email, address, state, zip_code) =
        (part("jo@example.com"), part("Example Road 2 / 3"), part("Hamburg"), part("20095"));
    let (company_id, company_id_scheme) = one_of(random, &REGISTRATIONS);
    Customer {
        city: (is_full && random.random()).then(|| "Hamburg-Altona".into()),
        address_line2: once_in(random, 4).then(|| text(random)),
        vat_id: maybe(random, |random| one_of(random, &SELLERS).1.into()),
        company_id: company_id.map(str::to_owned),
        company_id_scheme: company_id_scheme.map(str::to_owned),
        contact: once_in(random, 3).then(|| text(random)),
        phone: once_in(random, 3).then(|| "+49 40 123456".into()),
        electronic_address: maybe(random, electronic_address),
        buyer_reference: once_in(random, 3).then(|| "991-01234-44".into()),
        name: Some(text(random)),
        email,
        address,
        state,
        zip_code,
        payment_days: None,
        payment_terms: once_in(random, 6).then(|| text(random)),
        cash_discounts: (0..random.random_range(0..3))
            .filter(|_| once_in(random, 4))
            .map(|_| CashDiscount { days: 14, rate_basis_points: 200 })
            .collect(),
        invoice_profile: None,
        country: maybe(random, |random| {
            one_of(random, &["DE", "FR", "AT", "CH", "GB", "US", "NL", "DK", "IS"]).into()
        }),
    }
}

fn electronic_address(random: &mut StdRng) -> ElectronicAddress {
    let (scheme, id) = one_of(random, &ENDPOINTS);
    example::electronic_address(scheme, id)
}
