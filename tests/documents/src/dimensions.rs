//! What is sold, and helpers of choice. All values are such as the service takes one by one.

use rand::Rng as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use waybill_contracts::{Decimal, Line, LineAllowance, MAX_AMOUNT, TaxCategory, TaxComponent, currencies};

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

/// True once in so many times, on average.
pub fn once_in(random: &mut StdRng, times: u32) -> bool {
    random.random_ratio(1, times)
}

pub fn one_of<T: Clone>(random: &mut StdRng, all: &[T]) -> T {
    all.choose(random).expect("a list has members").clone()
}

pub fn maybe<T>(random: &mut StdRng, value: impl FnOnce(&mut StdRng) -> T) -> Option<T> {
    random.random::<bool>().then(|| value(random))
}

pub fn text(random: &mut StdRng) -> String {
    one_of(random, &TEXTS).to_owned()
}

/// Any currency of ISO 4217, euros most often.
pub fn currency(random: &mut StdRng) -> String {
    let all: Vec<String> = currencies().collect();
    if random.random_ratio(3, 4) { "EUR".into() } else { one_of(random, &all) }
}

/// None, which bills an amount only; a few; or as many as an order may have. Of an exempt seller they bear no tax.
pub fn lines(random: &mut StdRng, is_exempt: bool) -> Vec<Line> {
    let count = match random.random_range(0..40) {
        0..4 => 0,
        39 => 200,
        _ => random.random_range(1..8),
    };
    let mut lines: Vec<Line> = (0..count).map(|_| line(random)).collect();
    // All are outside of the scope of the tax, or none.
    match (once_in(random, 15), is_exempt) {
        (true, _) => {
            for line in &mut lines {
                line.tax_rate_basis_points = 0;
                line.tax_category = Some(TaxCategory::O);
                (line.exemption_reason, line.exemption_reason_code) = (None, None);
            }
        }
        (false, true) => {
            for line in &mut lines {
                line.tax_rate_basis_points = 0;
                line.tax_category = Some(TaxCategory::E);
            }
        }
        (false, false) => {
            if once_in(random, 15) {
                name_taxes(random, &mut lines);
            }
        }
    }
    lines
}

/// Taxes by their own names, or none, in place of VAT.
fn name_taxes(random: &mut StdRng, lines: &mut [Line]) {
    let all = [("GST", "500"), ("QST", "997.5"), ("County tax", "87.5")];
    for line in lines {
        line.tax_rate_basis_points = 0;
        (line.exemption_reason, line.exemption_reason_code) = (None, None);
        line.taxes = all[..random.random_range(0..=all.len())]
            .iter()
            .map(|(name, rate)| TaxComponent { name: (*name).into(), rate_basis_points: decimal(rate) })
            .collect();
        line.tax_category = Some(TaxCategory::S).filter(|_| !line.taxes.is_empty());
    }
}

fn line(random: &mut StdRng) -> Line {
    let (tax_rate_basis_points, tax_category) = tax(random);
    // A reason alone says that a line is exempt, too. Lines of one category have one reason.
    let is_exempt = tax_category == Some(TaxCategory::E)
        || (tax_rate_basis_points, tax_category) == (0, None) && once_in(random, 2);
    Line {
        sku: format!("sku-{}", random.random_range(0..1000)),
        description: text(random),
        quantity: quantity(random),
        unit_price: unit_price(random),
        tax_rate_basis_points,
        tax_category,
        exemption_reason: is_exempt.then(|| "Teaching".into()),
        exemption_reason_code: is_exempt.then(|| "VATEX-EU-132-1I".into()),
        unit_code: maybe(random, |random| one_of(random, &["HUR", "KGM", "MTK", "KWH", "H87", "C62"]).into()),
        note: once_in(random, 5).then(|| text(random)),
        buyer_item_id: once_in(random, 5).then(|| text(random).chars().take(64).collect()),
        allowances: line_allowances(random),
        charges: line_allowances(random),
        ..Line::default()
    }
}

fn line_allowances(random: &mut StdRng) -> Vec<LineAllowance> {
    let count = if once_in(random, 6) { random.random_range(1..3) } else { 0 };
    (0..count)
        .map(|_| LineAllowance { amount: 100 * random.random_range(1..20), reason: text(random) })
        .collect()
}

/// From a fraction to many, and less than none: the more the rarer.
fn quantity(random: &mut StdRng) -> Decimal {
    let most = one_of(random, &[1, 10, 10, 1000, 1_000_000_000]);
    let whole: i64 = random.random_range(1..=most);
    let sign = if once_in(random, 20) { "-" } else { "" };
    match random.random_range(0..6) {
        0 => decimal(&format!("{sign}{}.{:02}", whole - 1, random.random_range(1..100))),
        1 if whole < 1000 => decimal(&format!("{sign}{whole}.{:04}", random.random_range(0..10_000))),
        _ => decimal(&format!("{sign}{whole}")),
    }
}

/// A rate and a category. A rate that the service takes and electronic invoices do not is rare.
fn tax(random: &mut StdRng) -> (i32, Option<TaxCategory>) {
    match random.random_range(0..200) {
        0 => (1, None),
        1..10 => (0, Some(TaxCategory::E)),
        10..15 => (0, Some(TaxCategory::G)),
        15..25 => (0, Some(TaxCategory::AE)),
        25..30 => (0, Some(TaxCategory::K)),
        30..40 => (0, Some(TaxCategory::Z)),
        _ => (one_of(random, &RATES), None),
    }
}

/// From nothing to a lot, and in parts of a cent. Round prices are frequent, since currencies of three digits have no others.
fn unit_price(random: &mut StdRng) -> Decimal {
    let whole: i64 = match random.random_range(0..10) {
        0 => 0,
        1 => 1,
        2 => random.random_range(0..1_000_000_000_000),
        3..6 => 100 * random.random_range(0..1000),
        _ => random.random_range(0..100_000),
    };
    if once_in(random, 6) {
        decimal(&format!("{whole}.{:03}", random.random_range(0..1000)))
    } else {
        whole.into()
    }
}

fn decimal(text: &str) -> Decimal {
    text.parse().expect("the text is a number")
}

/// The amount of an order without lines.
pub fn amount(random: &mut StdRng) -> i64 {
    one_of(random, &[1, 5000, 123_400, MAX_AMOUNT])
}
