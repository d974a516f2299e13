//! The typeface: Noto Sans, which has the letters of Latin, Greek and Cyrillic scripts.

use std::sync::LazyLock;

use krilla::text::{Font, KrillaGlyph};
use skrifa::charmap::Charmap;
use skrifa::instance::{LocationRef, Size};
use skrifa::metrics::GlyphMetrics;
use skrifa::{FontRef, GlyphId, MetadataProvider as _};
use unicode_normalization::char::is_combining_mark;

use super::direction::mirrored;
use super::marks::{Marks, Offset};
use super::text::{clusters, is_invisible};

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

/// The most marks on one letter. Text with more is not writing, and would be drawn over other lines.
const MAX_MARKS: usize = 4;

impl Faces {
    /// The faces, which are read once.
    pub fn get() -> &'static Self {
        static FACES: LazyLock<Faces> = LazyLock::new(|| Faces {
            regular: Face::new(notosans::REGULAR_TTF),
            bold: Face::new(notosans::BOLD_TTF),
        });
        &FACES
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
    marks: Marks,
    units_per_em: f32,
}

impl Face {
    fn new(bytes: &'static [u8]) -> Self {
        let font = FontRef::new(bytes).expect("the font is one that is built in");
        let drawn = Font::new(bytes.into(), 0).expect("the font is one that is built in");
        Self {
            letters: font.charmap(),
            metrics: font.glyph_metrics(Size::unscaled(), LocationRef::default()),
            marks: Marks::new(&font),
            units_per_em: drawn.units_per_em(),
            font: drawn,
        }
    }

    /// The font, for drawing.
    pub fn font(&self) -> Font {
        self.font.clone()
    }

    /// The glyphs of a text that the face has: one for each character that is visible.
    pub fn glyphs(&self, text: &str) -> Vec<KrillaGlyph> {
        let mut glyphs = Vec::with_capacity(text.len());
        let mut at = 0;
        for cluster in clusters(text) {
            let places = self.places(cluster.text).unwrap_or_default();
            let advance = self.advance(cluster.text);
            for (mark, (character, (x, y))) in visible(cluster.text).zip(places).enumerate() {
                // The pen is behind the letter when its marks are drawn.
                let (advance, x) = if mark == 0 { (advance, x) } else { (0.0, x - advance) };
                let begin = at + character.0;
                let range = begin..begin + character.1.len_utf8();
                let id = krilla::text::GlyphId::new(self.glyph(character.1).to_u32());
                glyphs.push(KrillaGlyph::new(id, advance, x, y, 0.0, range, None));
            }
            at += cluster.text.len();
        }
        glyphs
    }

    /// The same from right to left: the pen starts at the right, and brackets are mirrored.
    pub fn glyphs_from_right_to_left(&self, text: &str) -> Vec<KrillaGlyph> {
        let mirrored: String = text.chars().map(mirrored).collect();
        let mut glyphs = self.glyphs(&mirrored);
        let mut before = 0.0;
        for glyph in &mut glyphs {
            let is_mark = glyph.x_advance == 0.0;
            let shift = if is_mark { before } else { -glyph.x_advance };
            (before, glyph.x_advance) =
                if is_mark { (before, 0.0) } else { (glyph.x_advance, -glyph.x_advance) };
            glyph.x_offset += shift;
        }
        glyphs
    }

    /// The width of a text that the face has, in ems.
    pub fn width(&self, text: &str) -> f32 {
        if is_plain(text) {
            return text.chars().map(|character| self.advance_of(character)).sum();
        }
        clusters(text).map(|cluster| self.advance(cluster.text)).sum()
    }

    /// Whether the face has a letter and can place its marks.
    pub fn has(&self, cluster: &str) -> bool {
        self.places(cluster).is_some()
    }

    /// Where the visible characters of a cluster are, in ems from its beginning; `None` if the face lacks one.
    fn places(&self, cluster: &str) -> Option<Vec<Offset>> {
        let mut characters = visible(cluster).map(|(_, character)| character);
        let Some(letter) = characters.next() else { return Some(Vec::new()) };
        let letter_glyph = self.glyph(letter);
        let mut places = vec![(0.0, 0.0)];
        let mut glyphs = vec![letter_glyph];
        if letter_glyph == GlyphId::NOTDEF || is_combining_mark(letter) {
            return None;
        }
        for mark in characters {
            let mark = self.glyph(mark);
            if mark == GlyphId::NOTDEF || places.len() > MAX_MARKS {
                return None;
            }
            let below = (1..glyphs.len()).rev().find_map(|index| {
                let (x, y) = self.marks.on_mark(glyphs[index], mark)?;
                Some((places[index].0 + x, places[index].1 + y))
            });
            places.push(below.or_else(|| self.marks.on_letter(letter_glyph, mark))?);
            glyphs.push(mark);
        }
        let in_ems = |(x, y)| (x / self.units_per_em, y / self.units_per_em);
        Some(places.into_iter().map(in_ems).collect())
    }

    /// A cluster's advance width in ems, which is that of its letter.
    pub fn advance(&self, cluster: &str) -> f32 {
        visible(cluster).next().map_or(0.0, |(_, letter)| self.advance_of(letter))
    }

    fn advance_of(&self, character: char) -> f32 {
        self.metrics.advance_width(self.glyph(character)).unwrap_or_default() / self.units_per_em
    }

    fn glyph(&self, character: char) -> GlyphId {
        // Non-breaking hyphens look like other hyphens.
        let shown = if matches!(character, '\u{2010}' | '\u{2011}') { '-' } else { character };
        self.letters.map(shown).unwrap_or_default()
    }
}

/// Whether a text has but characters that every face has and that stand for themselves.
pub fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
}

fn visible(cluster: &str) -> impl Iterator<Item = (usize, char)> {
    cluster.char_indices().filter(|(_, character)| !is_invisible(*character))
}

#[cfg(test)]
mod tests;
