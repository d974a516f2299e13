//! The foot of each sheet with the seller and the page's number, and the head of each sheet but the first.

use super::sheet::{BOTTOM, LEFT, Part, RIGHT, Sheets, Style, TOP};
use crate::{Document, Language};

const STYLE: Style = Style::grey(7.0);
const HEAD: Style = Style::grey(8.0);

/// The imprint leaves room for the page's number.
const WIDTH: f32 = RIGHT - LEFT - 48.0;

/// The lines of a foot of usual height.
const USUAL_LINES: usize = 4;

/// The most lines of a foot. A longer imprint is a text at the end of the document.
const MAX_LINES: usize = 12;

/// The imprint, broken into lines.
pub struct Foot {
    lines: Vec<String>,
}

impl Foot {
    /// Breaks the imprint into lines and keeps room for them on all sheets.
    pub fn of(sheets: &mut Sheets<'_>, document: &Document, language: Language) -> Self {
        // Lines break between the imprint's parts, unless one is a text of its own.
        let part = |part: String| {
            let is_short = sheets.width(&part, STYLE) < WIDTH / 2.0;
            if is_short { part.replace(' ', "\u{a0}") } else { part }
        };
        let parts: Vec<String> = document.imprint(language).into_iter().map(part).collect();
        let lines = sheets.lines(&parts.join("\u{a0}· "), STYLE, WIDTH);
        if lines.len() <= MAX_LINES {
            let further = lines.len().saturating_sub(USUAL_LINES);
            sheets.bottom = (0..further).fold(BOTTOM, |bottom, _| bottom - STYLE.leading());
        }
        Self { lines }
    }

    /// Writes the foot of each sheet and, from the second on, the document's name at the head.
    ///
    /// The imprint is read out once, at the end of the document: the VAT identifier is in it.
    pub fn set(self, sheets: &mut Sheets<'_>, name: &str, document: &Document, language: Language) {
        let is_long = self.lines.len() > MAX_LINES;
        if is_long {
            sheets.begin_paragraph();
            sheets.y = sheets.paragraph(LEFT, sheets.y + 18.0, WIDTH, STYLE, &self.lines.join("\n"));
        }
        let mark = document.seller.is_specimen.then(|| format!(" · {}", language.words().specimen));
        let head = name.to_owned() + &mark.unwrap_or_default();
        let head = sheets.lines(&head, HEAD, RIGHT - LEFT).swap_remove(0);
        let count = sheets.all.len();
        let bottom = sheets.bottom;
        let filled = std::mem::take(&mut sheets.all);
        for (index, sheet) in filled.into_iter().enumerate() {
            sheets.all.push(sheet);
            sheets.part = Part::Artifact;
            if index > 0 {
                sheets.left(LEFT, TOP - 36.0, HEAD, head.as_str());
            }
            sheets.rule(LEFT, RIGHT, bottom + 28.0, false);
            sheets.right(RIGHT, bottom + 41.0, STYLE, format!("{} / {count}", index + 1));
            if index + 1 == count {
                sheets.begin_paragraph();
            }
            let mut y = bottom + 41.0;
            for line in self.lines.iter().filter(|_| !is_long) {
                sheets.left(LEFT, y, STYLE, line);
                y += STYLE.leading();
            }
        }
    }
}
