//! Outlines of `PostScript` (CFF): the table with the glyphs in use only.
//!
//! The index of glyphs is written anew, with nothing for the others. What stands behind it moves: positions of it are changed where
//! they stand. They take five bytes, since they are beyond the outlines.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::numbers::{number_at, u16_at};
use crate::{Fault, FontFile, MAX_BYTES, Tag};

const CFF: Tag = *b"CFF ";
const DAMAGED: Fault = Fault::Damaged(CFF);

/// What is read at first: it has the dictionary that says where everything is.
const BEGIN: usize = 8 << 10;

/// Operators whose last operand is a position. Those above 255 have two bytes, of which the first is 12.
const CHARSET: usize = 15;
const ENCODING: usize = 16;
const GLYPHS: usize = 17;
const PRIVATE: usize = 18;
const FONTS: usize = 12 * 256 + 36;
const FONT_OF_GLYPH: usize = 12 * 256 + 37;

/// The outline of a glyph that is left out: its end, so that it can be read.
const EMPTY: u8 = 14;

/// The table.
pub fn reduced(font: &FontFile, glyphs: &BTreeSet<u16>) -> Result<Vec<u8>, Fault> {
    let size = font.length(CFF)?;
    let begin = font.part(CFF, 0, size.min(BEGIN))?;
    let names = usize::from(*begin.get(2).ok_or(DAMAGED)?);
    let names = Index::read(&begin, names).ok_or(DAMAGED)?;
    let tops = Index::read(&begin, names.end).ok_or(DAMAGED)?;
    let top = tops.item(&begin, 0).filter(|top| top.end <= begin.len()).ok_or(DAMAGED)?;
    let positions = positions(&begin, top).ok_or(DAMAGED)?;
    let old = positions.iter().find(|position| position.operator == GLYPHS).ok_or(DAMAGED)?.value;

    let (index, old_end) = index_of_glyphs(font, old, glyphs)?;
    let moved = (old_end).checked_sub(old + index.len()).ok_or(DAMAGED)?;
    let rest = size.checked_sub(old_end).ok_or(DAMAGED)?;
    if old.saturating_add(index.len()).saturating_add(rest) > MAX_BYTES {
        return Err(Fault::TooLarge);
    }
    let mut table = font.part(CFF, 0, old)?;
    table.extend(index);
    table.extend(font.part(CFF, old_end, rest)?);
    let mut fonts = None;
    for position in positions {
        let new = position.shift(&mut table, old_end, moved)?;
        if position.operator == FONTS {
            fonts = Some(new);
        }
    }
    // A font of more than 65,000 letters has several dictionaries, each with what is private to it.
    if let Some(fonts) = fonts {
        let fonts = Index::read(&table, fonts).ok_or(DAMAGED)?;
        for at in 0..fonts.count {
            let dictionary = fonts.item(&table, at).ok_or(DAMAGED)?;
            for position in self::positions(&table, dictionary).ok_or(DAMAGED)? {
                position.shift(&mut table, old_end, moved)?;
            }
        }
    }
    Ok(table)
}

/// The index of glyphs with the outlines of these only, and the position behind the one that the font has.
fn index_of_glyphs(font: &FontFile, at: usize, glyphs: &BTreeSet<u16>) -> Result<(Vec<u8>, usize), Fault> {
    let head = font.part(CFF, at, 3)?;
    let count = usize::from(u16_at(&head, 0).unwrap_or_default());
    let head = font.part(CFF, at, 3 + (count + 1) * usize::from(head[2]))?;
    let old = Index::of(&head, 0, count).ok_or(DAMAGED)?;
    let mut outlines = Vec::new();
    let mut index = head[..2].to_vec();
    index.push(4);
    for glyph in 0..=count {
        index.extend(u32::try_from(outlines.len() + 1).unwrap_or(u32::MAX).to_be_bytes());
        if glyph == count {
            break;
        }
        if u16::try_from(glyph).is_ok_and(|glyph| glyphs.contains(&glyph)) {
            let range = old.range(&head, glyph).ok_or(DAMAGED)?;
            if outlines.len() + range.len() > MAX_BYTES {
                return Err(Fault::TooLarge);
            }
            outlines.extend(font.part(CFF, at + range.start, range.len())?);
        } else {
            outlines.push(EMPTY);
        }
    }
    index.extend(outlines);
    let end = old.range(&head, count.checked_sub(1).ok_or(DAMAGED)?).ok_or(DAMAGED)?.end;
    Ok((index, at + end))
}

/// A list of items of different lengths.
struct Index {
    /// Where its offsets begin.
    offsets: usize,
    offset_size: usize,
    count: usize,
    end: usize,
}

impl Index {
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let count = usize::from(u16_at(bytes, at)?);
        if count == 0 {
            return Some(Self { offsets: at + 2, offset_size: 1, count, end: at + 2 });
        }
        let index = Self::of(bytes, at, count)?;
        Some(Self { end: index.range(bytes, count - 1)?.end, ..index })
    }

    fn of(bytes: &[u8], at: usize, count: usize) -> Option<Self> {
        let offset_size = usize::from(*bytes.get(at + 2)?);
        (1..=4).contains(&offset_size).then_some(Self { offsets: at + 3, offset_size, count, end: 0 })
    }

    /// Where an item is.
    fn range(&self, bytes: &[u8], item: usize) -> Option<Range<usize>> {
        let base = self.offsets + (self.count + 1) * self.offset_size - 1;
        let offset = |item: usize| number_at(bytes, self.offsets + item * self.offset_size, self.offset_size);
        let (from, to) = (offset(item)?, offset(item + 1)?);
        (from >= 1 && from <= to).then(|| base + from..base + to)
    }

    fn item(&self, bytes: &[u8], item: usize) -> Option<Range<usize>> {
        self.range(bytes, item).filter(|range| item < self.count && range.end <= bytes.len())
    }
}

/// The position of something, and where that number stands.
struct Position {
    operator: usize,
    value: usize,
    /// Where its four bytes are, if it has so many.
    number: Option<usize>,
}

impl Position {
    /// Changes the position if it is of something that moved. Returns the new one.
    fn shift(&self, table: &mut [u8], old_end: usize, moved: usize) -> Result<usize, Fault> {
        if self.value < old_end {
            return Ok(self.value);
        }
        let new = self.value - moved;
        let bytes = self.number.and_then(|at| table.get_mut(at..at + 4)).ok_or(DAMAGED)?;
        bytes.copy_from_slice(&u32::try_from(new).map_err(|_| DAMAGED)?.to_be_bytes());
        Ok(new)
    }
}

/// The positions in a dictionary.
fn positions(bytes: &[u8], dictionary: Range<usize>) -> Option<Vec<Position>> {
    let mut all = Vec::new();
    let mut last = (0, None);
    let mut at = dictionary.start;
    while at < dictionary.end {
        let first = *bytes.get(at)?;
        let mut operator = None;
        at += match first {
            12 => {
                operator = Some(12 * 256 + usize::from(*bytes.get(at + 1)?));
                2
            }
            0..=21 => {
                operator = Some(usize::from(first));
                1
            }
            28 => {
                last = (number_at(bytes, at + 1, 2)?, None);
                3
            }
            29 => {
                last = (number_at(bytes, at + 1, 4)?, Some(at + 1));
                5
            }
            30 => {
                1 + bytes
                    .get(at + 1..dictionary.end)?
                    .iter()
                    .position(|byte| byte & 15 == 15 || byte >> 4 == 15)?
                    + 1
            }
            32..=246 => {
                last = (usize::from(first).saturating_sub(139), None);
                1
            }
            247..=254 => {
                last = ((usize::from(first) - 247) % 4 * 256 + usize::from(*bytes.get(at + 1)?) + 108, None);
                2
            }
            _ => return None,
        };
        if let Some(operator @ (CHARSET | ENCODING | GLYPHS | PRIVATE | FONTS | FONT_OF_GLYPH)) = operator {
            all.push(Position { operator, value: last.0, number: last.1 });
        }
    }
    Some(all)
}
