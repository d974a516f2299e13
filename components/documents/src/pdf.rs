//! A document as PDF: A4, with a subset of the font embedded, to archive (PDF/A-3a) and to be read by screen readers (PDF/UA-1).

pub use attachment::{Attachment, Profile, render_with_attachment};
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::{Accessibility, Archival, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::error::KrillaError;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule};
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, SpanTag};
use krilla::text::Font;
pub use other_fonts::Fonts;
use other_fonts::OtherFonts;
use sheet::{HEIGHT, Part, Rule, Sheet, Style, Text, WIDTH};
use tags::Tags;
use text::for_metadata;
use typeface::{Placed, Typefaces};

use crate::{Date, Document, Language};

mod attachment;
mod breaks;
mod direction;
mod face;
mod foot;
mod layout;
#[cfg(test)]
mod made_font;
mod marks;
mod other_fonts;
mod sheet;
mod table;
mod tags;
mod text;
mod typeface;
mod xmp;

/// The PDF could not be written. This is a defect here: any text and any number of lines can be written.
#[derive(Debug, thiserror::Error)]
pub enum Unwritten {
    /// The content breaks a rule.
    #[error("the PDF could not be written: {0}")]
    Content(KrillaError),
    /// krilla wrote the metadata in an unexpected form.
    #[error("the PDF's metadata could not be extended: they are not where they are expected")]
    Metadata,
}

/// Writes the document. Equal documents in one language and with the same fonts give equal bytes: the only times in it are the
/// document's.
pub fn render(document: &Document, language: Language, fonts: Fonts<'_>) -> Result<Vec<u8>, Unwritten> {
    written(document, language, fonts, |_| {})
}

/// The PDF, to which `embed` adds. Fonts that cannot be embedded after all are as good as none.
fn written(
    document: &Document,
    language: Language,
    fonts: Fonts<'_>,
    embed: impl Fn(&mut krilla::Document),
) -> Result<Vec<u8>, Unwritten> {
    let with = |fonts: &OtherFonts<'_>| {
        let mut pdf = drawn(document, language, Typefaces { others: fonts });
        embed(&mut pdf);
        pdf.finish()
    };
    let others = OtherFonts::new(fonts, document.edition);
    let written = with(&others);
    let written = if others.are_in_use() && (written.is_err() || others.have_failed()) {
        with(&OtherFonts::new(Fonts::NONE, document.edition))
    } else {
        written
    };
    written.map_err(Unwritten::Content)
}

fn drawn(document: &Document, language: Language, faces: Typefaces<'_>) -> krilla::Document {
    let sheets = layout::set(document, language, faces);
    // All texts are placed before the first is drawn: then it is known which glyphs a font has to have.
    let placed: Vec<_> =
        sheets.iter().map(|sheet| sheet.texts.iter().map(|text| placed(text, faces)).collect()).collect();
    let title = for_metadata(&layout::name(document, language));
    let mut pdf = krilla::Document::new_with(settings());
    let mut tags = Tags::new(title.clone());
    for (sheet, placed) in sheets.iter().zip(placed) {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).expect("A4 is a size");
        let mut page = pdf.start_page_with(size);
        let mut surface = page.surface();
        draw(&mut surface, sheet, placed, faces, &mut tags);
        surface.finish();
        page.finish();
    }
    pdf.set_metadata(metadata(document, language, title.clone()));
    pdf.set_outline(outline(title));
    pdf.set_tag_tree(tags.tree(language));
    pdf
}

fn placed<'t>(text: &'t Text, faces: Typefaces<'_>) -> Vec<Placed<'t>> {
    faces.of(text.style.weight).placed(&text.words, text.x, text.style.size)
}

/// krilla refuses to write what does not meet both standards.
fn settings() -> SerializeSettings {
    let configuration = ConfigurationBuilder::new()
        .with_archival_validator(Archival::A3_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .expect("there is a version of PDF that both standards are for");
    SerializeSettings { configuration, ..SerializeSettings::default() }
}

fn metadata(document: &Document, language: Language, title: String) -> Metadata {
    Metadata::new()
        .title(title)
        .authors(vec![for_metadata(&document.seller.name)])
        .language(language.tag().to_owned())
        .creator("Waybill".to_owned())
        .creation_date(date_time(document.issued_on))
        .document_id(document.number.clone())
}

fn date_time(date: Date) -> DateTime {
    DateTime::new(date.year).month(date.month).day(date.day)
}

/// PDF/UA wants an outline of each document. This one is its name.
fn outline(title: String) -> Outline {
    let mut outline = Outline::new();
    outline.push_child(OutlineNode::new(title, XyzDestination::new(0, Point::from_xy(0.0, 0.0))));
    outline
}

fn draw(
    surface: &mut Surface<'_>,
    sheet: &Sheet,
    placed: Vec<Vec<Placed<'_>>>,
    faces: Typefaces<'_>,
    tags: &mut Tags,
) {
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
    for (text, placed) in sheet.texts.iter().zip(placed) {
        for piece in placed {
            let content = match text.part {
                Part::Artifact => artifact(ArtifactType::PaginationOther),
                // Text that cannot be drawn is stored beside its placeholder.
                _ => ContentTag::Span(SpanTag::empty().with_actual_text(piece.stands_for)),
            };
            let tagged = surface.start_tagged(content);
            if let Some(font) = faces.of(text.style.weight).font(piece.font) {
                write(surface, &piece, font, text);
            }
            surface.end_tagged();
            tags.add(text.part, tagged);
        }
    }
}

fn write(surface: &mut Surface<'_>, piece: &Placed<'_>, font: Font, text: &Text) {
    let Style { size, is_grey, .. } = text.style;
    surface.set_fill(Some(fill(if is_grey { GREY } else { INK })));
    surface.draw_glyphs(Point::from_xy(piece.x, text.y), &piece.glyphs, font, piece.shown, size, false);
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
