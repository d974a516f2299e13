//! Text from outside in the form in which it is set: composed, on one line, and divided into what a font has and what it lacks.

use std::borrow::Cow;

use harfrust::Script;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Stands for letters that the font lacks. The letters themselves are stored with it, for search, copying and screen readers.
pub const PLACEHOLDER: &str = "[…]";

/// The most characters that one [`PLACEHOLDER`] stands for: PDF/A bounds the text that is stored with it.
const MAX_LACKING_CHARS: usize = 1000;

/// The most characters of a text in the metadata, which PDF/A bounds.
const MAX_METADATA_CHARS: usize = 1000;

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The built-in font has all of it.
    Drawn(&'a str),
    /// The operator's font of this number has all of it.
    Other(&'a str, usize),
    /// No font has it; [`PLACEHOLDER`] is drawn.
    Lacking(&'a str),
}

impl<'a> Piece<'a> {
    pub fn text(self) -> &'a str {
        match self {
            Self::Drawn(text) | Self::Other(text, _) | Self::Lacking(text) => text,
        }
    }
}

/// Which font has a letter with its marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The built-in one.
    Face,
    /// The operator's font of this number. A piece of it is of one script.
    Other { number: usize, script: Option<Script> },
    /// None.
    Nowhere,
}

/// The text on one line, with its letters and marks composed (NFC). Fonts are made for composed letters.
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.nfc().map(|character| if is_space(character) { ' ' } else { character }).collect())
}

/// The text as metadata: without what cannot be seen, and of a bounded length.
pub fn for_metadata(text: &str) -> String {
    composed(text).chars().filter(|character| !is_invisible(*character)).take(MAX_METADATA_CHARS).collect()
}

/// Whether a line may be broken at this character, or it has no form of its own. No-break spaces are letters here.
fn is_space(character: char) -> bool {
    let is_unbreakable = matches!(character, '\u{a0}' | '\u{2007}' | '\u{202f}');
    character.is_control() || (character.is_whitespace() && !is_unbreakable)
}

/// Whether this character has an effect on others and no form of its own: Unicode's `Default_Ignorable_Code_Point`, such as
/// marks of direction, joiners, variation selectors and soft hyphens; the marks of annotations; and what is not a character.
pub fn is_invisible(character: char) -> bool {
    matches!(
        u32::from(character),
        0xad | 0x34f
            | 0x61c
            | 0x115f..=0x1160
            | 0x17b4..=0x17b5
            | 0x180b..=0x180f
            | 0x200b..=0x200f
            | 0x202a..=0x202e
            | 0x2060..=0x206f
            | 0x3164
            | 0xfdd0..=0xfdef
            | 0xfe00..=0xfe0f
            | 0xfeff
            | 0xffa0
            | 0xfff0..=0xfffb
            | 0x1bca0..=0x1bca3
            | 0x1d173..=0x1d17a
            | 0xe0000..=0xe0fff
    ) || u32::from(character) & 0xfffe == 0xfffe
}

/// Divides a composed text by the fonts that have its letters.
pub fn pieces(text: &str, mut source_of: impl FnMut(&str) -> Source) -> Vec<Piece<'_>> {
    let mut spans: Vec<Span> = Vec::new();
    for cluster in clusters(text) {
        let last = spans.last();
        let at = last.map_or(0, |last| last.end);
        if is_blank(cluster.text) {
            continue;
        }
        let chars = text[at..cluster.end].chars().count();
        let source = source_of(cluster.text);
        let lacks_on =
            last.is_some_and(|last| last.source == source && last.chars + chars <= MAX_LACKING_CHARS);
        match source {
            Source::Face => extend(&mut spans, Span { source, end: cluster.end, chars }),
            // Spaces and invisible characters between letters that no font has belong to them.
            Source::Nowhere if lacks_on => extend(&mut spans, Span { source, end: cluster.end, chars }),
            Source::Nowhere | Source::Other { .. } => {
                let begin = cluster.end - cluster.text.len();
                extend(&mut spans, Span { source: Source::Face, end: begin, chars });
                let span = Span { source, end: cluster.end, chars: cluster.text.chars().count() };
                if source == Source::Nowhere { spans.push(span) } else { extend(&mut spans, span) }
            }
        }
    }
    extend(&mut spans, Span { source: Source::Face, end: text.len(), chars: 0 });
    let mut begin = 0;
    let piece = |span: Span| {
        let part = &text[begin..span.end];
        begin = span.end;
        match span.source {
            Source::Face => Piece::Drawn(part),
            Source::Other { number, .. } => Piece::Other(part, number),
            Source::Nowhere => Piece::Lacking(part),
        }
    };
    spans.into_iter().map(piece).collect()
}

/// A part of a text from where the one before it ends.
struct Span {
    source: Source,
    end: usize,
    chars: usize,
}

fn extend(spans: &mut Vec<Span>, by: Span) {
    let end = spans.last().map_or(0, |last| last.end);
    match spans.last_mut() {
        Some(last) if last.source == by.source => {
            last.end = by.end;
            last.chars += by.chars;
        }
        _ if end < by.end => spans.push(by),
        _ => {}
    }
}

/// A letter with its marks.
pub struct Cluster<'a> {
    pub text: &'a str,
    end: usize,
}

/// The letters of a text, each with its marks and the invisible characters behind it.
pub fn clusters(text: &str) -> impl Iterator<Item = Cluster<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &text[at..];
        let behind = |character: char| is_combining_mark(character) || is_invisible(character);
        let mut characters = rest.char_indices().skip(1).take(MAX_LACKING_CHARS);
        let length = characters
            .find(|(_, character)| !behind(*character))
            .or_else(|| rest.char_indices().nth(MAX_LACKING_CHARS))
            .map_or(rest.len(), |(length, _)| length);
        at += length;
        (length > 0).then(|| Cluster { text: &rest[..length], end: at })
    })
}

/// Whether nothing is drawn.
fn is_blank(cluster: &str) -> bool {
    cluster.chars().all(|character| character == ' ' || is_invisible(character))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn divided(text: &str) -> Vec<Piece<'_>> {
        pieces(text, |cluster| {
            let has = cluster.chars().all(|character| character.is_ascii() || is_invisible(character));
            if has { Source::Face } else { Source::Nowhere }
        })
    }

    #[test]
    fn letters_and_marks_are_composed() {
        assert_eq!(composed("Mu\u{308}ller"), "Müller");
        assert_eq!(composed("a\r\n\tb\u{2028}c\u{3000}d\u{a0}e"), "a   b c d\u{a0}e");
        assert!(matches!(composed("Jo Doe"), Cow::Borrowed(_)));
    }

    #[test]
    fn a_text_is_divided_into_what_the_font_has_and_what_it_lacks() {
        use Piece::{Drawn, Lacking};
        for (text, expected) in [
            ("", vec![]),
            ("Jo", vec![Drawn("Jo")]),
            ("山田", vec![Lacking("山田")]),
            ("Yamada 山田 Ltd", vec![Drawn("Yamada "), Lacking("山田"), Drawn(" Ltd")]),
            // Words in a row are one piece, and what joins the parts of a sign stays with them.
            ("山 田  商 ", vec![Lacking("山 田  商"), Drawn(" ")]),
            ("👩\u{200d}👧\u{fe0f}", vec![Lacking("👩\u{200d}👧\u{fe0f}")]),
            ("a\u{200b}b", vec![Drawn("a\u{200b}b")]),
            // A mark goes with its letter.
            ("abé", vec![Drawn("ab"), Lacking("é")]),
            ("x\u{302}", vec![Lacking("x\u{302}")]),
        ] {
            assert_eq!(divided(text), expected, "{text:?}");
        }
    }

    #[test]
    fn each_stand_in_has_a_bounded_text() {
        let text = "山 ".repeat(2500);
        let pieces = divided(&text);
        let lacking = pieces.iter().filter(|piece| matches!(piece, Piece::Lacking(_))).count();
        assert_eq!(lacking, 5);
        let all: String = pieces.iter().map(|piece| piece.text()).collect();
        assert_eq!(all, text, "nothing is lost");
        let many_marks = format!("a{}", "\u{301}".repeat(4000));
        let pieces = divided(&many_marks);
        assert_eq!(pieces.len(), 5);
        assert!(pieces.iter().all(|piece| matches!(piece, Piece::Lacking(_))), "{pieces:?}");
    }
}
