//! The typeface: Noto Sans, which has the letters of Latin, Greek and Cyrillic scripts.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, MetadataProvider as _};

/// A font weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Bold,
}

/// Both weights.
pub struct Faces {
    regular: Face,
    bold: Face,
}

impl Faces {
    pub fn new() -> Self {
        Self { regular: Face::new(notosans::REGULAR_TTF), bold: Face::new(notosans::BOLD_TTF) }
    }

    pub fn of(&self, weight: Weight) -> &Face {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }
}

/// One weight.
pub struct Face {
    font: Font,
    letters: Charmap<'static>,
    metrics: GlyphMetrics<'static>,
    units_per_em: f32,
}

impl Face {
    fn new(bytes: &'static [u8]) -> Self {
        let font = FontRef::new(bytes).expect("the font is one that is built in");
        let drawn = Font::new(bytes.into(), 0).expect("the font is one that is built in");
        Self {
            letters: font.charmap(),
            metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            units_per_em: drawn.units_per_em(),
            font: drawn,
        }
    }

    /// The font, for drawing.
    pub fn font(&self) -> Font {
        self.font.clone()
    }

    /// The glyphs of a text, one for each character; the font's box for a character that it lacks.
    ///
    /// A box does not say which character it replaces. So the text is stored beside glyphs with a box, for search and copying.
    pub fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let has_all = text.chars().all(|character| self.glyph(character).0 != 0);
        let glyph = |(at, character): (usize, char)| {
            let (id, advance) = self.glyph(character);
            let stands_for = if has_all { at..at + character.len_utf8() } else { 0..text.len() };
            KrillaGlyph::new(GlyphId::new(id), advance, 0.0, 0.0, 0.0, stands_for, None)
        };
        text.char_indices().map(glyph).collect()
    }

    /// The width of a text, in the unit of `size`.
    pub fn width(&self, text: &str, size: f32) -> f32 {
        text.chars().map(|character| self.glyph(character).1).sum::<f32>() * size
    }

    /// Breaks a text into lines of at most this width: at spaces, and within a word that is wider than a line.
    pub fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in text.split([' ', '\t', '\n', '\r']).filter(|word| !word.is_empty()) {
            let joint = if line.is_empty() { "" } else { " " };
            if self.width(&format!("{line}{joint}{word}"), size) <= width {
                line.push_str(joint);
                line.push_str(word);
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            let mut used = 0.0;
            for character in word.chars() {
                let advance = self.glyph(character).1 * size;
                if used + advance > width && !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                    used = 0.0;
                }
                line.push(character);
                used += advance;
            }
        }
        if !line.is_empty() || lines.is_empty() {
            lines.push(line);
        }
        lines
    }

    /// A character's glyph and its advance width in ems.
    fn glyph(&self, character: char) -> (u32, f32) {
        let shown = match character {
            // Control characters are invisible.
            other if other.is_control() => ' ',
            // Non-breaking hyphens look like other hyphens.
            '\u{2010}' | '\u{2011}' => '-',
            other => other,
        };
        let id = self.letters.map(shown).unwrap_or_default();
        (id.to_u32(), self.metrics.advance_width(id).unwrap_or_default() / self.units_per_em)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn european_letters_and_the_symbols_of_currencies_have_glyphs() {
        for weight in [Weight::Regular, Weight::Bold] {
            let faces = Faces::new();
            for character in "AzÄßẞçñõœŁřőşİĐΑωЖяїў€£$¥₹₩·–—’„“«»×\u{a0}\u{202f}\u{2011}\n".chars()
            {
                assert_ne!(faces.of(weight).glyph(character).0, 0, "{character:?}");
            }
        }
    }

    #[test]
    fn a_letter_that_the_font_lacks_is_a_box_that_stands_for_the_text() {
        let faces = Faces::new();
        let ranges = |text| {
            let glyphs = faces.of(Weight::Regular).glyphs(text);
            glyphs
                .into_iter()
                .map(|glyph| (glyph.glyph_id.to_u32() == 0, glyph.text_range))
                .collect::<Vec<_>>()
        };
        assert_eq!(ranges("é1"), [(false, 0..2), (false, 2..3)]);
        assert_eq!(ranges("漢1"), [(true, 0..4), (false, 0..4)]);
    }

    #[test]
    fn a_text_is_broken_into_lines_that_fit() {
        let faces = Faces::new();
        let face = faces.of(Weight::Regular);
        let words = "Some words, and one thatiswiderthanalineandmustbebroken inside\u{a0}of itself";
        let lines = face.lines(words, 10.0, 100.0);
        assert!(lines.len() > 3, "{lines:?}");
        for line in &lines {
            assert!(face.width(line, 10.0) <= 100.0, "{line}");
        }
        assert_eq!(lines.concat().replace(' ', ""), words.replace(' ', ""));
        assert_eq!(face.lines("", 10.0, 100.0), [""]);
    }
}
