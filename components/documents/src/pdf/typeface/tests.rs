use super::super::made_font;
use super::super::other_fonts::Fonts;
use super::*;
use crate::EDITION;

/// Without fonts of an operator.
fn regular() -> Typeface<'static> {
    let others = Box::leak(Box::new(OtherFonts::new(Fonts::NONE, EDITION)));
    Typefaces { others }.of(Weight::Regular)
}

#[test]
fn what_cannot_be_seen_has_neither_glyph_nor_width() {
    let text = "a\u{200b}\u{200f}b\u{202e}\u{2066}\u{ad}\u{feff}\u{fe0f}c";
    assert_eq!(regular().face.glyphs(text).len(), 3);
    assert!((regular().width(text, 10.0) - regular().width("abc", 10.0)).abs() < 1e-4);
    assert_eq!(regular().pieces(text), [Piece::Drawn(text)]);
}

#[test]
fn a_letter_that_the_face_lacks_is_never_a_box() {
    for text in ["漢字", "שלום", "नमस्ते", "🧾", "\u{e000}", "\u{301}", "漢\u{301}"] {
        assert_eq!(regular().pieces(text), [Piece::Lacking(text)], "{text:?}");
    }
    let placeholder = regular().width(PLACEHOLDER, 10.0);
    assert!((regular().width("漢字 漢字", 10.0) - placeholder).abs() < 1e-4);
}

#[test]
fn a_text_is_broken_into_lines_that_fit() {
    let face = regular();
    let words = "Some words, and one thatiswiderthanalineandmustbebroken inside\u{a0}of itself";
    let lines = face.lines(words, 10.0, 100.0);
    assert!(lines.len() > 3, "{lines:?}");
    for line in &lines {
        assert!(face.width(line, 10.0) <= 100.0, "{line}");
    }
    assert_eq!(lines.concat().replace(' ', ""), words.replace(' ', ""));
    assert_eq!(face.lines("", 10.0, 100.0), [""]);
    assert_eq!(face.lines("two words", 10.0, 30.0), ["two", "words"], "words are kept");
}

#[test]
fn letters_that_the_face_lacks_are_one_word() {
    assert_eq!(regular().lines("Yamada 山田 商店 Ltd", 10.0, 1000.0), ["Yamada 山田 商店 Ltd"]);
    assert_eq!(regular().lines("Yamada 山田 商店 Ltd", 10.0, 55.0), ["Yamada", "山田 商店 Ltd"]);
}

/// With fonts that have these letters.
fn with(letters: &str) -> Typeface<'static> {
    let folder = Box::leak(Box::new(made_font::folder(letters)));
    let others = Box::leak(Box::new(OtherFonts::new(Fonts::in_folder(folder.path()), EDITION)));
    Typefaces { others }.of(Weight::Regular)
}

#[test]
fn letters_that_the_face_lacks_are_those_of_a_font_that_has_them() {
    let typeface = with("山田שלום");
    let pieces = typeface.pieces("Yamada 山田商 Ltd");
    let [Piece::Drawn("Yamada "), Piece::Other("山田", 1), Piece::Lacking("商"), Piece::Drawn(" Ltd")] =
        pieces[..]
    else {
        panic!("{pieces:?}")
    };
    // The bold one is the first by name.
    let bold = Typeface { weight: Weight::Bold, ..typeface };
    assert_eq!(bold.pieces("山"), [Piece::Other("山", 0)]);
    assert_eq!(
        typeface.pieces("山שם"),
        [Piece::Other("山", 1), Piece::Other("שם", 1)],
        "a piece is of one script"
    );
    assert_eq!(typeface.pieces("\u{e000}"), [Piece::Lacking("\u{e000}")]);
}

#[test]
fn documents_of_earlier_editions_have_no_letters_of_other_fonts() {
    let folder = made_font::folder("山");
    let others = OtherFonts::new(Fonts::in_folder(folder.path()), 1);
    let typeface = Typefaces { others: &others }.of(Weight::Regular);
    assert_eq!(typeface.pieces("山"), [Piece::Lacking("山")]);
}

/// What is drawn from the left to the right.
fn from_left(typeface: Typeface<'_>, line: &str) -> Vec<String> {
    let mut placed = typeface.placed(line, 0.0, 10.0);
    let text: String = placed.iter().map(|placed| placed.stands_for.unwrap_or(placed.shown)).collect();
    assert_eq!(text, line, "it is drawn in the order of reading");
    let middle = |placed: &Placed<'_>| {
        let advance: f32 = placed.glyphs.iter().map(|glyph| glyph.x_advance).sum();
        placed.x + advance * 5.0
    };
    placed.sort_by(|left, right| middle(left).total_cmp(&middle(right)));
    placed.into_iter().map(|placed| placed.shown.to_owned()).collect()
}

#[test]
fn text_from_right_to_left_is_placed_from_right_to_left() {
    let typeface = with("שלוםנחה");
    assert_eq!(from_left(typeface, "שלום Ltd"), ["Ltd", " ", "שלום"]);
    assert_eq!(from_left(typeface, "Ltd שלום נחום 7"), ["Ltd ", "7", " ", "נחום", " ", "שלום"]);
    assert_eq!(from_left(typeface, "Ltd"), ["Ltd"]);
    let placed = typeface.placed("של", 100.0, 10.0);
    let [word] = &placed[..] else { panic!("{} pieces", placed.len()) };
    let width = typeface.width("של", 10.0);
    assert!((word.x - 100.0 - width).abs() < 1e-3, "the pen begins at the right");
    let [first, second] = &word.glyphs[..] else { panic!("{:?}", word.glyphs) };
    assert_eq!((first.text_range.clone(), second.text_range.clone()), (0..2, 2..4));
    assert!((first.x_advance + second.x_advance + width / 10.0).abs() < 1e-4);
}

#[test]
fn letters_without_spaces_are_broken_into_lines() {
    let typeface = with("株式会社山田商店、。のンカー東京都");
    let text = "株式会社山田商店、東京都のカンカー。";
    let lines = typeface.lines(text, 10.0, 45.0);
    assert!(lines.len() > 2, "{lines:?}");
    assert_eq!(lines.concat(), text);
    for line in &lines {
        assert!(typeface.width(line, 10.0) <= 45.0, "{line}");
        assert!(!line.starts_with(['、', '。', 'ー']), "{lines:?}");
    }
    let mixed = typeface.lines("Ink 株式 Ltd 山田", 10.0, 1000.0);
    assert_eq!(mixed, ["Ink 株式 Ltd 山田"], "spaces stay");
}

#[test]
fn a_line_keeps_the_direction_of_its_paragraph() {
    let typeface = with("שלוםנחה");
    let lines = typeface.lines("שלום שלום Example נחום", 10.0, 60.0);
    let line = lines.iter().find(|line| line.contains("Example")).unwrap();
    assert!(line.starts_with('\u{200f}'), "{lines:?}");
}
