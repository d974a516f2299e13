use super::*;

fn regular() -> &'static Face {
    Faces::get().of(Weight::Regular)
}

#[test]
fn european_letters_and_the_symbols_of_currencies_have_glyphs() {
    for weight in [Weight::Regular, Weight::Bold] {
        let face = Faces::get().of(weight);
        for character in
            "AzÄßẞçñõœŁřőşİĐΑωЖяїў€£$¥₹₩·–—’„“«»×…[]\u{a0}\u{202f}\u{2007}\u{2011}\u{fffd}".chars()
        {
            assert_ne!(face.glyph(character), GlyphId::NOTDEF, "{character:?}");
        }
    }
}

#[test]
fn both_weights_have_the_same_letters() {
    let faces = Faces::get();
    for character in '\0'..=char::MAX {
        let has = |weight| faces.of(weight).has(character.encode_utf8(&mut [0; 4]));
        assert_eq!(has(Weight::Regular), has(Weight::Bold), "{character:?}");
    }
}

/// Text is set from left to right only: the font has no letter of a script that is written otherwise.
#[test]
fn no_letter_is_written_from_right_to_left() {
    for character in ('\u{590}'..='\u{8ff}').chain('\u{fb1d}'..='\u{fdff}').chain('\u{10800}'..='\u{10fff}') {
        assert!(
            !regular().has(character.encode_utf8(&mut [0; 4])) || is_invisible(character),
            "{character:?}"
        );
    }
}

#[test]
fn a_mark_is_placed_over_its_letter() {
    // There is no composed x with a circumflex.
    let glyphs = regular().glyphs("ax\u{302}b");
    assert_eq!(glyphs.len(), 4);
    let ranges: Vec<_> = glyphs.iter().map(|glyph| glyph.text_range.clone()).collect();
    assert_eq!(ranges, [0..1, 1..2, 2..4, 4..5]);
    let (letter, mark) = (&glyphs[1], &glyphs[2]);
    assert!(mark.x_advance.abs() < 1e-6 && letter.x_advance > 0.3);
    // The mark's outline is to the left of its origin; its origin comes to the right of the letter's middle.
    let from_letter = letter.x_advance + mark.x_offset;
    assert!((0.0..letter.x_advance).contains(&from_letter), "{from_letter} of {}", letter.x_advance);
    assert!((regular().width("ax\u{302}b", 1.0) - regular().width("axb", 1.0)).abs() < 1e-6);
}

#[test]
fn marks_on_marks_are_stacked() {
    let glyphs = regular().glyphs("x\u{302}\u{301}");
    let [_, first, second] = &glyphs[..] else { panic!("{} glyphs", glyphs.len()) };
    assert!(second.y_offset > first.y_offset + 0.1, "{} over {}", second.y_offset, first.y_offset);
}

#[test]
fn what_cannot_be_seen_has_neither_glyph_nor_width() {
    let text = "a\u{200b}\u{200f}b\u{202e}\u{2066}\u{ad}\u{feff}\u{fe0f}c";
    assert_eq!(regular().glyphs(text).len(), 3);
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
