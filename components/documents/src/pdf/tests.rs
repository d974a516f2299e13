use super::*;
use crate::example::{bare_invoice, canadian_invoice, credit_note, invoice, line};
use crate::{Bill, Date, Kind};

mod accessibility;
mod attachment;
mod fonts;
mod letters;
mod places;

fn read(document: &Document, language: Language) -> lopdf::Document {
    lopdf::Document::load_mem(&render(document, language, Fonts::NONE).unwrap()).unwrap()
}

fn text(document: &Document, language: Language) -> String {
    let pdf = read(document, language);
    pdf.extract_text(&pdf.get_pages().into_keys().collect::<Vec<_>>()).unwrap().replace('\n', " ")
}

#[test]
fn the_pdf_has_all_of_the_document() {
    let text = text(&invoice(), Language::En);
    for expected in [
        "Invoice 2026-000001",
        "Jo Doe",
        "Ink & <paper>",
        "Книга",
        "30.00",
        "VAT 19% on €30.00",
        "€46.39",
        "1 / 1",
        "DE123456789",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn taxes_are_printed_by_their_own_names() {
    let text = text(&canadian_invoice(), Language::En);
    for expected in [
        "GST 5% · PST 7%",
        "12%",
        "Tax 0% on CA$10.00",
        "GST 5% on CA$125.00",
        "PST 7% on CA$100.00",
        "CA$148.25",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    assert!(!text.contains("VAT"), "{text}");
}

#[test]
fn the_address_is_that_of_a_letter_and_the_buyers_vat_id_stands_beside_it() {
    let mut document = invoice();
    let customer = &mut document.customer;
    (customer.city, customer.state) = (Some("New York".into()), Some("NY".into()));
    (customer.zip_code, customer.country) = (Some("10118".into()), Some("US".into()));
    customer.vat_id = Some("CHE116281710MWST".into());
    document.seller.legal_notes = Some("Amtsgericht Berlin, HRB 1".into());
    let text = text(&document, Language::De);
    for expected in [
        "Example Road 2",
        "New York, NY 10118",
        "VEREINIGTE STAATEN",
        "Ihre USt-IdNr.",
        "CHE-116.281.710 MWST",
        "Amtsgericht\u{a0}Berlin,\u{a0}HRB\u{a0}1",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    assert!(!text.contains("jo@example.com"), "{text}");
}

#[test]
fn the_pdf_is_in_the_requested_language() {
    let text = text(&credit_note(), Language::De);
    for expected in ["Stornorechnung CN-2026-000001", "46,39\u{a0}€", "2.\u{a0}Juli 2026"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn equal_documents_give_equal_bytes() {
    for language in Language::TAGS.map(Language::of) {
        assert!(
            render(&invoice(), language, Fonts::NONE).unwrap()
                == render(&invoice(), language, Fonts::NONE).unwrap()
        );
    }
}

#[test]
fn the_pdf_has_a_title_and_embedded_fonts() {
    let pdf = read(&invoice(), Language::En);
    let objects = || pdf.objects.values().filter_map(|object| object.as_dict().ok());
    let title = objects().find_map(|dictionary| dictionary.get(b"Title").ok()).unwrap();
    assert!(format!("{title:?}").contains("Invoice 2026-000001"), "{title:?}");
    let fonts = objects().filter(|dictionary| dictionary.has(b"FontFile2")).count();
    assert_eq!(fonts, 2, "both weights are inside");
    assert!(
        render(&invoice(), Language::En, Fonts::NONE).unwrap().len() < 40_000,
        "and only the letters in use"
    );
}

#[test]
fn a_long_table_repeats_its_header_on_each_page() {
    let lines: Vec<_> = (1..=120).map(|at| line(&format!("sku-{at}"), "Ink", 1, 100, 1900)).collect();
    let document = Document { bill: Bill::of_stored_lines(14_280, &lines), ..invoice() };
    assert_eq!(document.bill.lines.len(), 120);
    let pdf = read(&document, Language::En);
    let pages = pdf.get_pages().len();
    assert!(pages > 2, "{pages}");
    for page in 1..=u32::try_from(pages).unwrap() {
        let text = pdf.extract_text(&[page]).unwrap();
        assert!(text.contains(&format!("{page} / {pages}")), "page {page}: {text}");
        assert!(text.contains("Unit price") || !text.contains("sku-"), "page {page}: {text}");
    }
    let all = text(&document, Language::En);
    assert!((1..=120).all(|at| all.contains(&format!("sku-{at}"))), "no line is lost");
}

#[test]
fn any_text_can_be_written() {
    let mut document = invoice();
    for text in [
        "",
        "   ",
        "漢字 नमस्ते 🧾 \u{202e}abc",
        "\u{0}\u{7}\u{1b}[31m\r\n\t",
        "a\u{301}\u{200d}\u{fffe}",
        &"Wörter ohne Ende ".repeat(300),
        &"x".repeat(5_000),
    ] {
        document.number = text.into();
        document.order_id = text.into();
        document.customer_id = text.into();
        document.customer.name = Some(text.into());
        document.customer.address = Some(text.into());
        document.seller.name = text.into();
        document.seller.iban = Some(text.into());
        let described = format!("{text}x");
        document.bill = Bill::of_stored_lines(119, &[line(&described, &described, 1, 100, 1900)]);
        let pdf = read(&document, Language::Fr);
        assert!(!pdf.get_pages().is_empty());
    }
}

#[test]
fn amounts_of_any_size_are_written() {
    let largest = waybill_contracts::MAX_AMOUNT;
    for currency in ["EUR", "JPY", "KWD", "CLF", "???"] {
        for amount in [1, largest] {
            let document = bare_invoice(amount, currency);
            assert_eq!(read(&document, Language::En).get_pages().len(), 1, "{currency} {amount}");
        }
    }
}

#[test]
fn each_rate_of_many_has_its_row() {
    let lines: Vec<_> = (0..200).map(|rate| line("a", "A", 1, 0, rate)).collect();
    let kind = Kind::Invoice { due_on: Date { year: 2026, month: 12, day: 31 } };
    let document = Document { kind, bill: Bill::of_stored_lines(0, &lines), ..invoice() };
    assert_eq!(document.bill.taxes.len(), 200);
    assert!(read(&document, Language::En).get_pages().len() > 5);
}

#[test]
fn screen_readers_find_title_paragraphs_and_tables() {
    let pdf = read(&invoice(), Language::De);
    let kinds: Vec<&[u8]> = pdf
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok()?.get(b"S").ok()?.as_name().ok())
        .collect();
    let count = |kind: &str| kinds.iter().filter(|other| **other == kind.as_bytes()).count();
    assert_eq!((count("H1"), count("Table")), (1, 3), "facts, lines and sums");
    // Five facts, a head and two lines, and four sums.
    assert_eq!((count("TR"), count("TH"), count("TD")), (12, 14, 19));
    assert_eq!(pdf.catalog().unwrap().get(b"Lang").unwrap().as_str().unwrap(), b"de");
}

#[test]
fn each_sheet_of_a_specimen_says_so_in_the_readers_language() {
    let lines: Vec<_> = (1..=60).map(|at| line(&format!("sku-{at}"), "Ink", 1, 100, 1900)).collect();
    let mut document = Document { bill: Bill::of_stored_lines(7_140, &lines), ..invoice() };
    assert!(!text(&document, Language::En).contains("Specimen"));
    document.seller.is_specimen = true;
    for (language, word) in [
        (Language::En, "Specimen"),
        (Language::De, "Muster"),
        (Language::Es, "Muestra"),
        (Language::Fr, "Spécimen"),
        (Language::Pt, "Exemplo"),
    ] {
        let pdf = read(&document, language);
        for page in 1..=u32::try_from(pdf.get_pages().len()).unwrap() {
            let text = pdf.extract_text(&[page]).unwrap();
            assert!(text.contains(word), "{language:?}, page {page}: {text}");
        }
    }
}

/// The PDF cannot read the style, and issued documents keep their bytes, so a new colour there needs an edition.
#[test]
fn the_colours_are_those_of_the_pages_in_the_light() {
    let tokens = include_str!("../../../../design/tokens.css");
    for (name, (red, green, blue)) in [("text", INK), ("soft", GREY), ("line", HAIR)] {
        let declared = format!("--{name}: light-dark(#{red:02x}{green:02x}{blue:02x},");
        assert!(tokens.contains(&declared), "{declared} is not in design/tokens.css");
    }
}
