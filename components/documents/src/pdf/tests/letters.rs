//! Letters that the font composes, places or lacks.

use super::*;

/// What search and copying find: the text of a page's pieces, where `ActualText` replaces what is drawn.
pub fn stored_beside_in(pdf: &lopdf::Document) -> Vec<String> {
    let mut all = Vec::new();
    for page in pdf.get_pages().into_values() {
        let content = lopdf::content::Content::decode(&pdf.get_page_content(page)).unwrap();
        for operation in content.operations {
            let properties = operation.operands.last().and_then(|operand| operand.as_dict().ok());
            if let Some(text) = properties.and_then(|properties| properties.get(b"ActualText").ok()) {
                all.push(lopdf::decode_text_string(text).unwrap());
            }
        }
    }
    all
}

pub fn named(name: &str) -> Document {
    let mut document = invoice();
    document.customer.name = Some(name.into());
    document
}

#[test]
fn decomposed_letters_are_written_as_composed_ones() {
    let composed = render(&named("Müller"), Language::De, Fonts::NONE).unwrap();
    assert!(render(&named("Mu\u{308}ller"), Language::De, Fonts::NONE).unwrap() == composed);
}

#[test]
fn what_cannot_be_seen_is_not_drawn() {
    let shown = text(&named("J\u{200b}o\u{202e} D\u{ad}o\u{2066}e\u{feff}"), Language::En);
    assert!(shown.contains("Jo Doe"), "{shown}");
}

#[test]
fn letters_that_the_font_lacks_have_a_stand_in_and_a_note_and_can_be_copied() {
    for (language, note) in [
        (Language::En, "stands for letters"),
        (Language::De, "steht für Zeichen"),
        (Language::Es, "sustituye letras"),
        (Language::Fr, "remplace des lettres"),
        (Language::Pt, "substitui letras"),
    ] {
        let document = named("Yamada 株式会社 山田商店 Ltd");
        let shown = text(&document, language);
        assert!(shown.contains("Yamada […] Ltd") || shown.contains("[…]"), "{shown}");
        assert!(shown.contains(note), "{note} is not in {shown}");
        assert!(!text(&invoice(), language).contains(note));
        assert!(stored_beside_in(&read(&document, language)).contains(&"株式会社 山田商店".to_owned()));
    }
}

/// krilla refuses a document with a glyph for a missing letter, or with one that stands for nothing.
#[test]
fn each_character_can_be_written() {
    let all: Vec<char> = ('\0'..=char::MAX).collect();
    // The font has no letter of the largest blocks, and some of them will do.
    for part in all.chunks(200).filter(|part| part[0] < '\u{3400}' || u32::from(part[0]) % 97 == 0) {
        let words: String = part.iter().collect();
        let line = line(&words, &words, 1, 100, 1900);
        let mut document = Document { bill: Bill::of_stored_lines(119, &[line]), ..named(&words) };
        document.seller.name = words;
        render(&document, Language::En, Fonts::NONE)
            .unwrap_or_else(|error| panic!("from {:?}: {error}", part[0]));
    }
}
