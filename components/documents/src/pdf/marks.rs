//! Where a font places marks on letters that it has no composed form of: the lookups `mark` and `mkmk` of its table `GPOS`.

use skrifa::raw::tables::gpos::{AnchorTable, Gpos, MarkArray, PositionSubtables};
use skrifa::raw::tables::layout::CoverageTable;
use skrifa::raw::types::BigEndian;
use skrifa::raw::{FontData, TableProvider as _};
use skrifa::{FontRef, GlyphId, Tag};

/// The places of marks.
pub struct Marks {
    table: Option<Gpos<'static>>,
    mark: Vec<u16>,
    mkmk: Vec<u16>,
}

/// From the origin of a letter to the origin of its mark, in the font's units.
pub type Offset = (f32, f32);

impl Marks {
    pub fn new(font: &FontRef<'static>) -> Self {
        let table = font.gpos().ok();
        let lookups = |tag| table.as_ref().map(|table| lookups(table, tag)).unwrap_or_default();
        Self { mark: lookups(Tag::new(b"mark")), mkmk: lookups(Tag::new(b"mkmk")), table }
    }

    /// The place of a mark on a letter.
    pub fn on_letter(&self, letter: GlyphId, mark: GlyphId) -> Option<Offset> {
        self.place(&self.mark, letter, mark)
    }

    /// The place of a mark on another mark.
    pub fn on_mark(&self, below: GlyphId, mark: GlyphId) -> Option<Offset> {
        self.place(&self.mkmk, below, mark)
    }

    /// The last lookup that has a place counts, as each one overrides those before.
    fn place(&self, lookups: &[u16], below: GlyphId, mark: GlyphId) -> Option<Offset> {
        let all = self.table.as_ref()?.lookup_list().ok()?.lookups();
        lookups.iter().rev().find_map(|lookup| {
            match all.get(usize::from(*lookup)).ok()?.subtables().ok()? {
                PositionSubtables::MarkToBase(tables) => tables.iter().flatten().find_map(|table| {
                    let of = anchor_of_mark(&table.mark_coverage().ok()?, &table.mark_array().ok()?, mark)?;
                    let letters = table.base_array().ok()?;
                    let index = table.base_coverage().ok()?.get(below)?;
                    let record = letters.base_records().get(usize::from(index)).ok()?;
                    let on = record.base_anchors(letters.offset_data()).get(usize::from(of.class))?.ok()?;
                    Some(of.offset_from(&on))
                }),
                PositionSubtables::MarkToMark(tables) => tables.iter().flatten().find_map(|table| {
                    let of = anchor_of_mark(&table.mark1_coverage().ok()?, &table.mark1_array().ok()?, mark)?;
                    let marks = table.mark2_array().ok()?;
                    let index = table.mark2_coverage().ok()?.get(below)?;
                    let record = marks.mark2_records().get(usize::from(index)).ok()?;
                    let on = record.mark2_anchors(marks.offset_data()).get(usize::from(of.class))?.ok()?;
                    Some(of.offset_from(&on))
                }),
                _ => None,
            }
        })
    }
}

/// The lookups of a feature, in all scripts.
fn lookups(table: &Gpos<'static>, tag: Tag) -> Vec<u16> {
    let mut all = Vec::new();
    if let Ok(features) = table.feature_list() {
        for record in features.feature_records().iter().filter(|record| record.feature_tag() == tag) {
            if let Ok(feature) = record.feature(features.offset_data()) {
                all.extend(feature.lookup_list_indices().iter().map(BigEndian::get));
            }
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// The point of a mark that comes onto the point of a letter.
struct Anchor {
    class: u16,
    x: i16,
    y: i16,
}

fn anchor_of_mark(coverage: &CoverageTable<'_>, marks: &MarkArray<'_>, mark: GlyphId) -> Option<Anchor> {
    let record = marks.mark_records().get(usize::from(coverage.get(mark)?))?;
    let data: FontData<'_> = marks.offset_data();
    let anchor = record.mark_anchor(data).ok()?;
    Some(Anchor { class: record.mark_class(), x: anchor.x_coordinate(), y: anchor.y_coordinate() })
}

impl Anchor {
    fn offset_from(&self, on: &AnchorTable<'_>) -> Offset {
        let difference = |on: i16, of: i16| f32::from(on) - f32::from(of);
        (difference(on.x_coordinate(), self.x), difference(on.y_coordinate(), self.y))
    }
}
