//! Outlines of `TrueType`: the table `glyf` with the glyphs in use only.

use std::collections::{BTreeMap, BTreeSet};

use crate::numbers::{number_at, u16_at};
use crate::{Fault, FontFile, MAX_BYTES, Tag};

const GLYF: Tag = *b"glyf";
const LOCA: Tag = *b"loca";

/// The tables `glyf` and `loca`, the latter with positions of four bytes.
pub fn reduced(font: &FontFile, glyphs: &BTreeSet<u16>) -> Result<(Vec<u8>, Vec<u8>), Fault> {
    let is_long = font.part(*b"head", 50, 2)? == [0, 1];
    let count = usize::from(u16_at(&font.part(*b"maxp", 4, 2)?, 0).unwrap_or_default());
    let loca = font.whole(LOCA)?;
    let position = |glyph: usize| {
        let position = if is_long {
            number_at(&loca, glyph * 4, 4)
        } else {
            number_at(&loca, glyph * 2, 2).map(|half| 2 * half)
        };
        position.ok_or(Fault::Damaged(LOCA))
    };
    let mut outlines = BTreeMap::new();
    let mut wanted: Vec<u16> = glyphs.iter().copied().collect();
    let mut bytes = 0;
    while let Some(glyph) = wanted.pop() {
        if outlines.contains_key(&glyph) {
            continue;
        }
        let (from, to) = (position(glyph.into())?, position(usize::from(glyph) + 1)?);
        let length = to.checked_sub(from).ok_or(Fault::Damaged(LOCA))?;
        bytes += length;
        if bytes > MAX_BYTES {
            return Err(Fault::TooLarge);
        }
        let outline = font.part(GLYF, from, length)?;
        wanted.extend(components(&outline).ok_or(Fault::Damaged(GLYF))?);
        outlines.insert(glyph, outline);
    }
    let mut glyf = Vec::with_capacity(bytes);
    let mut loca = Vec::with_capacity(4 * (count + 1));
    for glyph in 0..=count {
        loca.extend(u32::try_from(glyf.len()).unwrap_or(u32::MAX).to_be_bytes());
        if let Some(outline) = u16::try_from(glyph).ok().and_then(|glyph| outlines.get(&glyph)) {
            glyf.extend(outline);
            glyf.resize(glyf.len().next_multiple_of(4), 0);
        }
    }
    Ok((glyf, loca))
}

/// The glyphs that an outline is composed of.
fn components(outline: &[u8]) -> Option<Vec<u16>> {
    const ARGUMENTS_ARE_WORDS: u16 = 1;
    const HAS_SCALE: u16 = 1 << 3;
    const HAS_MORE: u16 = 1 << 5;
    const HAS_TWO_SCALES: u16 = 1 << 6;
    const HAS_MATRIX: u16 = 1 << 7;
    let mut all = Vec::new();
    if outline.first().is_none_or(|first| first >> 7 == 0) {
        return Some(all);
    }
    let mut at = 10;
    loop {
        let flags = u16_at(outline, at)?;
        all.push(u16_at(outline, at + 2)?);
        let has = |flag| flags & flag != 0;
        at += if has(ARGUMENTS_ARE_WORDS) { 8 } else { 6 };
        at += match () {
            () if has(HAS_SCALE) => 2,
            () if has(HAS_TWO_SCALES) => 4,
            () if has(HAS_MATRIX) => 8,
            () => 0,
        };
        if !has(HAS_MORE) {
            return Some(all);
        }
    }
}
