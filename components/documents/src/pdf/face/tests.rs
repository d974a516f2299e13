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

/// Where there are no other fonts, text is set from left to right only.
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
    assert!((regular().width("ax\u{302}b") - regular().width("axb")).abs() < 1e-6);
}

#[test]
fn marks_on_marks_are_stacked() {
    let glyphs = regular().glyphs("x\u{302}\u{301}");
    let [_, first, second] = &glyphs[..] else { panic!("{} glyphs", glyphs.len()) };
    assert!(second.y_offset > first.y_offset + 0.1, "{} over {}", second.y_offset, first.y_offset);
}

#[test]
fn from_right_to_left_the_pen_goes_to_the_left_and_brackets_are_mirrored() {
    let glyphs = regular().glyphs_from_right_to_left("(1");
    let [bracket, digit] = &glyphs[..] else { panic!("{} glyphs", glyphs.len()) };
    assert_eq!(bracket.glyph_id.to_u32(), regular().glyph(')').to_u32());
    assert_eq!((bracket.text_range.clone(), digit.text_range.clone()), (0..1, 1..2));
    for (glyph, character) in [(bracket, '('), (digit, '1')] {
        let advance = regular().advance_of(character);
        assert!((glyph.x_advance + advance).abs() < 1e-6 && (glyph.x_offset + advance).abs() < 1e-6);
    }
}
