//! What varies, one function for each property. All values are such as the service takes.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use waybill_contracts::{Line, MAX_AMOUNT, currencies};
use waybill_documents::{Customer, Delivery, Details, Endpoint, Kind, Period, Place, Seller, example};

/// Letters that XML or fonts have to be careful with, and those of several scripts.
const TEXTS: [&str; 10] = [
    "Ink",
    "Ink & <paper>",
    "]]> \"quoted\" 'twice'",
    "Книга",
    "Ärger über Öl und Straße",
    "日本語の本",
    "كتاب",
    "e\u{301}te\u{301}",
    "🧾 receipt",
    "Very long name of something that is sold in large quantities, with all its properties, its colour, its size and its weight",
];

/// Rates in basis points: none, those of several countries, the lowest that electronic invoices know, and the highest.
const RATES: [i32; 13] = [0, 0, 50, 550, 600, 700, 810, 1900, 2000, 2100, 2500, 2550, 10_000];

/// Sellers by country, with identifiers whose check digits are right.
const SELLERS: [(&str, &str, &str); 15] = [
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
];

/// Addresses in Peppol's network whose check digits are right, one by e-mail, and a French one, whose scheme is young.
const ENDPOINTS: [(&str, &str); 8] = [
    ("9930", "DE136695976"),
    ("0204", "991-01234-44"),
    ("0208", "0428759497"),
    ("0088", "7300010000001"),
    ("0192", "991825827"),
    ("0007", "5567037485"),
    ("0225", "303265045"),
    ("EM", "invoices@buyer.example"),
];

/// True once in so many times, on average.
fn once_in(random: &mut StdRng, times: u32) -> bool {
    random.random_ratio(1, times)
}

fn one_of<T: Clone>(random: &mut StdRng, all: &[T]) -> T {
    all.choose(random).expect("a list has members").clone()
}

fn maybe<T>(random: &mut StdRng, value: impl FnOnce(&mut StdRng) -> T) -> Option<T> {
    random.random::<bool>().then(|| value(random))
}

fn text(random: &mut StdRng) -> String {
    one_of(random, &TEXTS).to_owned()
}

/// Any currency of ISO 4217, euros most often.
pub fn currency(random: &mut StdRng) -> String {
    let all: Vec<String> = currencies().collect();
    if random.random_ratio(3, 4) { "EUR".into() } else { one_of(random, &all) }
}

/// None, which bills an amount only; a few; or as many as an order may have.
pub fn lines(random: &mut StdRng) -> Vec<Line> {
    let count = match random.random_range(0..40) {
        0..4 => 0,
        39 => 200,
        _ => random.random_range(1..8),
    };
    (0..count).map(|_| line(random)).collect()
}

fn line(random: &mut StdRng) -> Line {
    Line {
        sku: format!("sku-{}", random.random_range(0..1000)),
        description: text(random),
        quantity: quantity(random),
        unit_price: unit_price(random),
        tax_rate_basis_points: rate(random),
    }
}

/// One to many: the more the rarer.
fn quantity(random: &mut StdRng) -> i64 {
    let most = one_of(random, &[1, 10, 10, 1000, 1_000_000_000]);
    random.random_range(1..=most)
}

/// A rate that the service takes and electronic invoices do not is rare.
fn rate(random: &mut StdRng) -> i32 {
    if once_in(random, 200) { 1 } else { one_of(random, &RATES) }
}

/// From nothing to a lot. Round prices are frequent, since currencies of three digits have no others.
fn unit_price(random: &mut StdRng) -> i64 {
    match random.random_range(0..10) {
        0 => 0,
        1 => 1,
        2 => random.random_range(0..1_000_000_000_000),
        3..6 => 100 * random.random_range(0..1000),
        _ => random.random_range(0..100_000),
    }
}

/// The amount of an order without lines.
pub fn amount(random: &mut StdRng) -> i64 {
    one_of(random, &[1, 5000, 123_400, MAX_AMOUNT])
}

pub fn kind(random: &mut StdRng) -> Kind {
    if once_in(random, 4) { example::credit_note().kind } else { example::invoice().kind }
}

pub fn customer_id(random: &mut StdRng) -> String {
    if once_in(random, 2) { "1651654165".into() } else { text(random) }
}

pub fn seller(random: &mut StdRng) -> Seller {
    let (country, vat_id, iban) = if once_in(random, 3) { SELLERS[0] } else { one_of(random, &SELLERS) };
    let iban = random.random_ratio(4, 5).then(|| iban.to_owned());
    Seller {
        name: text(random),
        vat_id: vat_id.into(),
        country: country.into(),
        contact: random.random_ratio(4, 5).then(|| text(random)),
        phone: random.random_ratio(4, 5).then(|| "+49 30 23125000".into()),
        bic: iban.as_ref().and_then(|_| maybe(random, |_| "COBADEFFXXX".into())),
        iban,
        is_specimen: once_in(random, 10),
        ..example::seller()
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
    Customer {
        name: Some(text(random)),
        email,
        address,
        state,
        zip_code,
        country: maybe(random, |random| {
            one_of(random, &["DE", "FR", "AT", "CH", "GB", "US", "NL", "DK"]).into()
        }),
    }
}

/// References, delivery, terms and notes, each there or not.
pub fn details(random: &mut StdRng) -> Details {
    Details {
        buyer_reference: maybe(random, |_| "991-01234-44".into()),
        project: maybe(random, text),
        contract: maybe(random, text),
        purchase_order: maybe(random, text),
        sales_order: maybe(random, text),
        payment_terms: maybe(random, text),
        notes: (0..random.random_range(0..3)).map(|_| text(random)).collect(),
        seller_endpoint: random.random_ratio(3, 4).then(|| endpoint(random)),
        buyer_endpoint: random.random_ratio(3, 4).then(|| endpoint(random)),
        delivery: delivery(random),
    }
}

fn endpoint(random: &mut StdRng) -> Endpoint {
    let (scheme, id) = one_of(random, &ENDPOINTS);
    example::endpoint(scheme, id)
}

fn delivery(random: &mut StdRng) -> Delivery {
    Delivery {
        date: maybe(random, |random| example::day(random.random_range(1..=31))),
        period: maybe(random, |random| {
            let start = random.random_range(1..=31);
            Period { start: example::day(start), end: example::day(random.random_range(start..=31)) }
        }),
        to: maybe(random, |random| Place {
            name: maybe(random, text),
            address: maybe(random, text),
            city: maybe(random, text),
            zip_code: maybe(random, |_| "28195".into()),
            country: one_of(random, &["DE", "FR", "US"]).into(),
        }),
    }
}
