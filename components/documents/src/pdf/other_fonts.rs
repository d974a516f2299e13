//! Fonts that the operator names, for letters that the built-in one lacks.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;
use std::path::Path;

use harfrust::{
    BufferClusterLevel, BufferFlags, Direction, GlyphBuffer, Script, ShapeOptions, ShaperData, UnicodeBuffer,
    script,
};
use krilla::text::{Font, KrillaGlyph};
use skrifa::{FontRef, MetadataProvider as _};
use waybill_fonts::{FontFile, MAX_FILES, files_in};

use super::face::Weight;
use super::text::is_invisible;

/// What is read of all fonts for one document, in bytes. Letters of further ones have a placeholder.
const MAX_BYTES: usize = 12 << 20;

/// The first edition whose documents have letters of these fonts.
const FIRST_EDITION: u16 = 2;

/// The operator's fonts: the files in a folder, by their names. It is read when a document has a letter that the built-in font
/// lacks.
#[derive(Clone, Copy, Debug)]
pub struct Fonts<'a> {
    folder: Option<&'a Path>,
}

impl<'a> Fonts<'a> {
    /// No fonts: letters that the built-in one lacks have a placeholder.
    pub const NONE: Self = Self { folder: None };

    /// The fonts in a folder, which may be missing.
    pub fn in_folder(folder: &'a Path) -> Self {
        Self { folder: Some(folder) }
    }
}

/// The fonts, as far as one document needs them.
pub struct OtherFonts<'a> {
    folder: Option<&'a Path>,
    all: OnceCell<Vec<OtherFont>>,
    /// Bytes that may still be read.
    left: Cell<usize>,
    has_failed: Cell<bool>,
}

struct OtherFont {
    file: FontFile,
    weight: u16,
    letters: OnceCell<Option<Letters>>,
    used: RefCell<BTreeSet<u16>>,
    drawn: OnceCell<Option<Font>>,
}

/// A font without its outlines.
struct Letters {
    bytes: Vec<u8>,
    shaper: ShaperData,
}

/// Glyphs in the order of reading. From right to left, the pen starts at the right and goes to the left.
pub struct Shaped {
    pub glyphs: Vec<KrillaGlyph>,
    /// In ems.
    pub width: f32,
}

impl<'a> OtherFonts<'a> {
    pub fn new(fonts: Fonts<'a>, edition: u16) -> Self {
        let folder = fonts.folder.filter(|_| edition >= FIRST_EDITION);
        Self { folder, all: OnceCell::new(), left: Cell::new(MAX_BYTES), has_failed: Cell::new(false) }
    }

    /// The number of the font that has all characters of a cluster: of those that do, the one whose weight is nearest, and among
    /// equals the first.
    pub fn that_has(&self, cluster: &str, weight: Weight) -> Option<usize> {
        let wanted: u16 = match weight {
            Weight::Regular => 400,
            Weight::Bold => 700,
        };
        let mut order: Vec<_> = self.all().iter().enumerate().collect();
        order.sort_by_key(|(_, font)| font.weight.abs_diff(wanted));
        order.into_iter().find(|(_, font)| self.has(font, cluster)).map(|(number, _)| number)
    }

    fn has(&self, font: &OtherFont, cluster: &str) -> bool {
        let Some(letters) = self.letters(font) else { return false };
        let Ok(font) = FontRef::new(&letters.bytes) else { return false };
        let charmap = font.charmap();
        cluster.chars().filter(|character| !is_invisible(*character)).all(|character| {
            let is_private = matches!(u32::from(character), 0xe000..=0xf8ff | 0xf0000..);
            !is_private && charmap.map(character).is_some_and(|glyph| glyph.to_u32() != 0)
        })
    }

    /// The glyphs of a text that the font has, in this direction or in that of its script. `None` if the font lacks a glyph after all.
    pub fn shape(&self, number: usize, text: &str, is_right_to_left: Option<bool>) -> Option<Shaped> {
        let font = self.all().get(number)?;
        let letters = self.letters(font)?;
        let reference = FontRef::new(&letters.bytes).ok()?;
        let shaper = letters.shaper.shaper(&reference).build();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_cluster_level(BufferClusterLevel::MonotoneCharacters);
        buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES | BufferFlags::DO_NOT_INSERT_DOTTED_CIRCLE);
        match is_right_to_left {
            Some(true) => buffer.set_direction(Direction::RightToLeft),
            Some(false) => buffer.set_direction(Direction::LeftToRight),
            None => {}
        }
        buffer.guess_segment_properties();
        let is_right_to_left = buffer.direction() == Direction::RightToLeft;
        #[allow(clippy::cast_precision_loss, reason = "units of an em are few")]
        let units_per_em = shaper.units_per_em().max(1) as f32;
        let run = shaper.shape(buffer, ShapeOptions::new());
        let mut used = font.used.borrow_mut();
        for glyph in run.glyph_infos() {
            let id = u16::try_from(glyph.glyph_id).ok().filter(|id| *id != 0)?;
            used.insert(id);
        }
        Some(glyphs(&run, text, units_per_em, is_right_to_left))
    }

    /// The glyphs of a piece in its direction.
    pub fn drawn(&self, number: usize, text: &str, is_right_to_left: bool) -> Vec<KrillaGlyph> {
        let shaped = self.shape(number, text, Some(is_right_to_left));
        self.noting(shaped).map(|shaped| shaped.glyphs).unwrap_or_default()
    }

    /// A font with the glyphs of all that was shaped.
    pub fn font(&self, number: usize) -> Option<Font> {
        let font = self.all().get(number)?;
        let read = || {
            let bytes = font.file.with_outlines_of(&font.used.borrow()).ok()?;
            self.take(bytes.len())?;
            Font::new(bytes.into(), 0)
        };
        self.noting(font.drawn.get_or_init(read).clone())
    }

    /// Whether anything is written in one of them.
    pub fn are_in_use(&self) -> bool {
        self.all.get().is_some_and(|all| all.iter().any(|font| !font.used.borrow().is_empty()))
    }

    /// Whether something that was to be drawn could not be.
    pub fn have_failed(&self) -> bool {
        self.has_failed.get()
    }

    /// The result of drawing, or a note that there is none.
    fn noting<T>(&self, result: Option<T>) -> Option<T> {
        if result.is_none() {
            self.has_failed.set(true);
        }
        result
    }

    fn all(&self) -> &[OtherFont] {
        self.all.get_or_init(|| {
            let files = self.folder.and_then(|folder| files_in(folder).ok()).unwrap_or_default();
            files.iter().take(MAX_FILES).filter_map(|file| OtherFont::open(file)).collect()
        })
    }

    fn letters<'f>(&self, font: &'f OtherFont) -> Option<&'f Letters> {
        let read = || {
            let bytes = font.file.without_outlines().ok()?;
            self.take(bytes.len())?;
            let shaper = ShaperData::new(&FontRef::new(&bytes).ok()?);
            Some(Letters { bytes, shaper })
        };
        font.letters.get_or_init(read).as_ref()
    }

    fn take(&self, bytes: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(bytes)?);
        Some(())
    }
}

impl OtherFont {
    fn open(path: &Path) -> Option<Self> {
        let file = FontFile::open(path).ok()?;
        Some(Self {
            weight: file.weight(),
            file,
            letters: OnceCell::new(),
            used: RefCell::default(),
            drawn: OnceCell::new(),
        })
    }
}

#[allow(clippy::cast_precision_loss, reason = "advances and offsets are a few thousand units")]
fn glyphs(shaped: &GlyphBuffer, text: &str, units_per_em: f32, is_right_to_left: bool) -> Shaped {
    let mut starts: Vec<usize> = shaped.glyph_infos().iter().map(|glyph| glyph.cluster as usize).collect();
    starts.sort_unstable();
    starts.dedup();
    let range = |start: usize| {
        let end = starts.get(starts.partition_point(|other| *other <= start)).copied().unwrap_or(text.len());
        start..start + text[start..end].trim_end_matches(is_invisible).len()
    };
    let mut width = 0.0;
    let mut glyphs = Vec::with_capacity(shaped.len());
    for (glyph, place) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()) {
        let in_ems = |units: i32| units as f32 / units_per_em;
        let (mut advance, mut x) = (in_ems(place.x_advance), in_ems(place.x_offset));
        width += advance;
        if is_right_to_left {
            x -= advance;
            advance = -advance;
        }
        let id = krilla::text::GlyphId::new(glyph.glyph_id);
        let y = in_ems(place.y_offset);
        glyphs.push(KrillaGlyph::new(id, advance, x, y, 0.0, range(glyph.cluster as usize), None));
    }
    if is_right_to_left {
        glyphs.reverse();
    }
    Shaped { glyphs, width }
}

/// The script of a cluster, by which it is shaped. Those of Chinese and Japanese are one; signs that all scripts have are of none.
pub fn script_of(cluster: &str) -> Script {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(cluster);
    buffer.guess_segment_properties();
    match buffer.script() {
        script::HIRAGANA | script::KATAKANA | script::BOPOMOFO => script::HAN,
        other => other,
    }
}
