//! A document as PDF: A4, with a subset of the font embedded.

use face::Faces;
use krilla::color::rgb;
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use sheet::{HEIGHT, Part, Rule, Sheet, Text, WIDTH};
use tags::Tags;

use crate::{Document, Language};

mod face;
mod layout;
mod sheet;
mod table;
mod tags;

/// The PDF could not be written. This is a defect here: any text and any number of lines can be written.
#[derive(Debug, thiserror::Error)]
#[error("the PDF could not be written: {0}")]
pub struct Unwritten(KrillaError);

/// Writes the document. Equal documents in one language give equal bytes: the only times in it are the document's.
pub fn render(document: &Document, language: Language) -> Result<Vec<u8>, Unwritten> {
    let faces = Faces::new();
    let sheets = layout::set(document, language, &faces);
    let mut pdf = krilla::Document::new();
    let mut tags = Tags::new(layout::name(document, language));
    for sheet in &sheets {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 is a size");
        let mut page = pdf.start_page_with(size);
        let mut surface = page.surface();
        draw(&mut surface, sheet, &faces, &mut tags);
        surface.finish();
        page.finish();
    }
    pdf.set_metadata(metadata(document, language));
    pdf.set_tag_tree(tags.tree(language));
    pdf.finish().map_err(Unwritten)
}

fn metadata(document: &Document, language: Language) -> Metadata {
    let date = document.issued_on;
    Metadata::new()
        .title(layout::name(document, language))
        .authors(vec![document.seller.name.clone()])
        .language(language.tag().to_owned())
        .creator("Waybill".to_owned())
        .creation_date(DateTime::new(date.year).month(date.month).day(date.day))
        .document_id(document.number.clone())
}

fn draw(surface: &mut Surface<'_>, sheet: &Sheet, faces: &Faces, tags: &mut Tags) {
    surface.start_tagged(artifact(ArtifactType::Layout));
    for Rule { from, to, y, is_strong } in &sheet.rules {
        let (color, height) = if *is_strong { (INK, 0.8) } else { (HAIR, 0.6) };
        let mut path = PathBuilder::new();
        path.push_rect(Rect::from_xywh(*from, *y, (to - from).max(1.0), height).expect("a rule has an area"));
        surface.set_fill(Some(fill(color)));
        if let Some(path) = path.finish() {
            surface.draw_path(&path);
        }
    }
    surface.end_tagged();
    for Text { x, y, style, words, part } in &sheet.texts {
        let face = faces.of(style.weight);
        let content = match part {
            Part::Artifact => artifact(ArtifactType::PaginationOther),
            _ => ContentTag::Span(SpanTag::empty()),
        };
        let piece = surface.start_tagged(content);
        surface.set_fill(Some(fill(if style.is_grey { GREY } else { INK })));
        surface.draw_glyphs(
            Point::from_xy(*x, *y),
            &face.glyphs(words),
            face.font(),
            words,
            style.size,
            false,
        );
        surface.end_tagged();
        tags.add(*part, piece);
    }
}

/// Content that screen readers skip.
fn artifact(kind: ArtifactType) -> ContentTag<'static> {
    ContentTag::Artifact(Artifact::with_kind(kind))
}

const INK: (u8, u8, u8) = (0x1c, 0x1f, 0x24);
const GREY: (u8, u8, u8) = (0x5a, 0x62, 0x70);
const HAIR: (u8, u8, u8) = (0xd4, 0xd8, 0xdd);

fn fill((red, green, blue): (u8, u8, u8)) -> Fill {
    Fill {
        paint: rgb::Color::new(red, green, blue).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::default(),
    }
}

#[cfg(test)]
mod tests;
