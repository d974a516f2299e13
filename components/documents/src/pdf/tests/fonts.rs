//! Letters of the operator's fonts.

use super::letters::{named, stored_beside_in};
use super::*;
use crate::pdf::made_font;

fn read_with(document: &Document, fonts: Fonts<'_>) -> lopdf::Document {
    lopdf::Document::load_mem(&render(document, Language::En, fonts).unwrap()).unwrap()
}

fn text_of(pdf: &lopdf::Document) -> String {
    pdf.extract_text(&pdf.get_pages().into_keys().collect::<Vec<_>>()).unwrap().replace('\n', " ")
}

#[test]
fn names_in_other_scripts_are_drawn_and_can_be_copied() {
    let folder = made_font::folder("株式会社山田商店שלום");
    let fonts = Fonts::in_folder(folder.path());
    for name in ["株式会社山田商店", "שלום"] {
        let pdf = read_with(&named(name), fonts);
        let text = text_of(&pdf);
        assert!(text.contains(name), "{name} is not in {text}");
        assert!(!text.contains("stands for letters"), "{text}");
        assert!(!stored_beside_in(&pdf).contains(&name.to_owned()));
        let fonts = pdf
            .objects
            .values()
            .filter(|object| object.as_dict().is_ok_and(|object| object.has(b"FontFile2")));
        assert!(fonts.count() > 2);
    }
}

#[test]
fn a_name_that_no_font_has_is_stored_beside_a_sentence() {
    let folder = made_font::folder("山");
    let pdf = read_with(&named("नमस्ते"), Fonts::in_folder(folder.path()));
    assert!(text_of(&pdf).contains("stands for letters"));
    assert!(stored_beside_in(&pdf).contains(&"नमस्ते".to_owned()));
}

#[test]
fn a_document_without_such_letters_does_not_depend_on_fonts() {
    let folder = made_font::folder("山");
    let with = render(&invoice(), Language::De, Fonts::in_folder(folder.path())).unwrap();
    assert!(with == render(&invoice(), Language::De, Fonts::NONE).unwrap());
    let missing =
        render(&named("山"), Language::De, Fonts::in_folder(&folder.path().join("missing"))).unwrap();
    assert!(missing == render(&named("山"), Language::De, Fonts::NONE).unwrap());
}

#[test]
fn equal_fonts_give_equal_bytes() {
    let bytes = || {
        let folder = made_font::folder("株式会社山田商店");
        render(&named("株式会社山田商店 Ltd"), Language::De, Fonts::in_folder(folder.path())).unwrap()
    };
    assert!(bytes() == bytes());
}
