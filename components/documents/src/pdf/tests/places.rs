//! Positions of texts on paper: none overlaps another, and none is beyond the edge.

use waybill_contracts::{Allowance, Delivery, InvoiceDetails};

use super::*;
use crate::EDITION;
use crate::example::billed;
use crate::pdf::sheet::{LEFT, RIGHT};

fn without_fonts() -> Typefaces<'static> {
    Typefaces { others: Box::leak(Box::new(OtherFonts::new(Fonts::NONE, EDITION))) }
}

/// Left, upper, right and lower end of what a text draws.
fn frame(text: &Text) -> [f32; 4] {
    let size = text.style.size;
    let width = without_fonts().of(text.style.weight).width(&text.words, size);
    [text.x, text.y - size * 0.75, text.x + width, text.y + size * 0.2]
}

fn assert_legible(document: &Document, language: Language, what: &str) {
    for sheet in layout::set(document, language, without_fonts()) {
        let frames: Vec<_> = sheet.texts.iter().map(|text| (frame(text), &text.words)).collect();
        for (index, ([left, upper, right, lower], words)) in frames.iter().enumerate() {
            assert!(*left > LEFT - 1.0 && *right < RIGHT + 1.0, "{what}: {words} is beyond the margin");
            assert!(*upper > 20.0 && *lower < HEIGHT - 10.0, "{what}: {words} is beyond the paper");
            for ([other_left, other_upper, other_right, other_lower], other) in &frames[..index] {
                let is_beside = left >= other_right || other_left >= right;
                let is_below = upper >= other_lower || other_upper >= lower;
                assert!(is_beside || is_below, "{what}: {words} is over {other}");
            }
        }
    }
}

#[test]
fn texts_of_any_length_do_not_overlap() {
    let text = |length: usize| "Words of a name, ".repeat(20).chars().take(length).collect::<String>();
    for language in [Language::De, Language::Fr] {
        for length in [1, 130, 255] {
            for word in [text(length), "W".repeat(length), "漢字 x\u{302} ".repeat(length / 5 + 1)] {
                let mut document = invoice();
                document.seller.name.clone_from(&word);
                assert_legible(&document, language, "the seller's name");
                document.seller.address.clone_from(&word);
                document.seller.city.clone_from(&word);
                assert_legible(&document, language, "the seller");
                let mut document = credit_note();
                document.customer.name = Some(word.clone());
                document.customer.address = Some(word.clone());
                assert_legible(&document, language, "the customer");
                document.seller.is_specimen = true;
                document.bill = Bill::of_stored_lines(119, &[line(&word, &word, 1, 100, 1900)]);
                assert_legible(&document, language, "a line");
            }
        }
    }
}

/// All that an order can say of its invoice, each text of this length.
fn details(length: usize) -> InvoiceDetails {
    let text = || Some("Words of a text ".repeat(70).chars().take(length).collect::<String>());
    let allowance = || Allowance {
        amount: 1,
        reason: text().unwrap(),
        tax_rate_basis_points: 1900,
        ..Allowance::default()
    };
    let day = || Some("2026-09-30".to_owned());
    InvoiceDetails {
        allowances: vec![allowance()],
        charges: vec![allowance()],
        note: text(),
        buyer_reference: text(),
        purchase_order: text(),
        sales_order: text(),
        project: text(),
        contract: text(),
        delivery: Some(Delivery { start_date: day(), end_date: day(), ..Delivery::default() }),
        payment_terms: text(),
        ..InvoiceDetails::default()
    }
}

#[test]
fn all_details_have_their_places() {
    for language in Language::TAGS.map(Language::of) {
        for length in [1, 100, 255] {
            let details = details(length);
            let lines = [line("sku", "Ink", 1, 100, 1900)];
            let mut document = Document { bill: billed(&lines, &details), details, ..invoice() };
            document.customer.vat_id = Some("ATU12345675".into());
            document.seller.legal_notes = Some("Words of the law ".repeat(length / 10));
            assert_legible(&document, language, "the details");
        }
    }
}

#[test]
fn the_address_stays_in_the_window_of_the_envelope() {
    let mut document = invoice();
    for length in [1, 60, 120, 180, 255] {
        document.seller.name = "Words of a name, ".repeat(20).chars().take(length).collect();
        document.seller.address = "A street ".repeat(20).chars().take(length).collect();
        let sheets = layout::set(&document, Language::De, without_fonts());
        let name = sheets[0].texts.iter().find(|text| text.words == "Jo Doe").unwrap();
        // The window of DIN 5008 begins 45 mm below the edge and is 45 mm high.
        assert!((127.0..200.0).contains(&name.y), "{} of {length} characters", name.y);
    }
}
