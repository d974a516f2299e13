//! Sheets of A4 paper with texts and rules at positions. All measures are points from the upper left corner.

use krilla::tagging::TableHeaderScope;

use super::face::Weight;
use super::text::composed;
use super::typeface::{Typeface, Typefaces};

pub const WIDTH: f32 = 595.28;
pub const HEIGHT: f32 = 841.89;

/// The printed area's left and right edge: margins of 20 mm.
pub const LEFT: f32 = 56.69;
pub const RIGHT: f32 = WIDTH - LEFT;

/// The lower end of the text above a footer of a usual height.
pub const BOTTOM: f32 = HEIGHT - 92.0;

/// The upper end of the text on all pages but the first.
pub const TOP: f32 = 84.0;

/// One page.
#[derive(Debug, Default)]
pub struct Sheet {
    pub texts: Vec<Text>,
    pub rules: Vec<Rule>,
}

/// A line of text.
#[derive(Clone, Debug)]
pub struct Text {
    /// Its left end.
    pub x: f32,
    /// Its base line.
    pub y: f32,
    pub style: Style,
    /// Composed, as [`composed`] returns it.
    pub words: String,
    pub part: Part,
}

/// The structure element that a text belongs to, for screen readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// An artifact: repeated on each sheet, and skipped by screen readers.
    Artifact,
    Title,
    /// The paragraph of this number.
    Paragraph(usize),
    /// A cell of a table; a header cell if it has a scope.
    Cell {
        table: Table,
        row: usize,
        column: usize,
        head: Option<TableHeaderScope>,
    },
}

/// The tables of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Facts,
    Lines,
    Sums,
}

/// A horizontal rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    pub from: f32,
    pub to: f32,
    pub y: f32,
    pub is_strong: bool,
}

/// Weight, size and color of text.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub size: f32,
    pub weight: Weight,
    pub is_grey: bool,
}

impl Style {
    pub const fn plain(size: f32) -> Self {
        Self { size, weight: Weight::Regular, is_grey: false }
    }

    pub const fn bold(size: f32) -> Self {
        Self { size, weight: Weight::Bold, is_grey: false }
    }

    pub const fn grey(size: f32) -> Self {
        Self { size, weight: Weight::Regular, is_grey: true }
    }

    /// From one base line to the next.
    pub fn leading(self) -> f32 {
        self.size * 1.4
    }
}

/// The sheets of a document, filled from top to bottom.
pub struct Sheets<'a> {
    pub faces: Typefaces<'a>,
    pub all: Vec<Sheet>,
    /// The position below the last text on the last sheet.
    pub y: f32,
    /// The lower end of the text; the footer is below.
    pub bottom: f32,
    /// The structure element of the texts that follow.
    pub part: Part,
    paragraphs: usize,
}

impl<'a> Sheets<'a> {
    pub fn new(faces: Typefaces<'a>) -> Self {
        Self {
            faces,
            all: vec![Sheet::default()],
            y: 0.0,
            bottom: BOTTOM,
            part: Part::Artifact,
            paragraphs: 0,
        }
    }

    /// Whether this height is left on the sheet.
    pub fn has_room(&self, height: f32) -> bool {
        self.y + height <= self.bottom
    }

    /// Whether an empty sheet has room for this height.
    pub fn fits_on_a_sheet(&self, height: f32) -> bool {
        TOP + height <= self.bottom
    }

    pub fn new_sheet(&mut self) {
        self.all.push(Sheet::default());
        self.y = TOP;
    }

    /// Begins a paragraph for the texts that follow.
    pub fn begin_paragraph(&mut self) {
        self.paragraphs += 1;
        self.part = Part::Paragraph(self.paragraphs);
    }

    /// Writes a left-aligned line.
    pub fn left(&mut self, x: f32, y: f32, style: Style, text: impl Into<String>) {
        let part = self.part;
        let words = composed(&text.into()).into_owned();
        self.last().texts.push(Text { x, y, style, words, part });
    }

    /// Writes a right-aligned line.
    pub fn right(&mut self, x: f32, y: f32, style: Style, text: impl Into<String>) {
        let text = text.into();
        let x = x - self.width(&text, style);
        self.left(x, y, style, text);
    }

    /// Writes lines from `y` downwards, continues on another sheet where this one ends, and returns the position of the next line.
    pub fn paragraph(&mut self, x: f32, y: f32, width: f32, style: Style, text: &str) -> f32 {
        self.each_line(x, y, width, style, text, false)
    }

    /// The same, with lines that end at the right.
    pub fn right_paragraph(&mut self, right: f32, y: f32, width: f32, style: Style, text: &str) -> f32 {
        self.each_line(right, y, width, style, text, true)
    }

    fn each_line(&mut self, x: f32, mut y: f32, width: f32, style: Style, text: &str, is_right: bool) -> f32 {
        for line in self.lines(text, style, width) {
            if y > self.bottom {
                self.new_sheet();
                y = self.y;
            }
            if is_right {
                self.right(x, y, style, line);
            } else {
                self.left(x, y, style, line);
            }
            y += style.leading();
        }
        y
    }

    /// Whether a text has letters that no font has.
    pub fn lacks_letters(&self) -> bool {
        let lacks = |text: &Text| self.face(text.style).lacks_letters(&text.words);
        self.all.iter().flat_map(|sheet| &sheet.texts).any(lacks)
    }

    pub fn rule(&mut self, from: f32, to: f32, y: f32, is_strong: bool) {
        self.last().rules.push(Rule { from, to, y, is_strong });
    }

    pub fn width(&self, text: &str, style: Style) -> f32 {
        self.face(style).width(&composed(text), style.size)
    }

    /// Breaks a text into lines of at most this width. The line breaks that it has are kept.
    pub fn lines(&self, text: &str, style: Style, width: f32) -> Vec<String> {
        let lines = |text| self.face(style).lines(&composed(text), style.size, width);
        text.split('\n').flat_map(lines).collect()
    }

    fn face(&self, style: Style) -> Typeface<'a> {
        self.faces.of(style.weight)
    }

    fn last(&mut self) -> &mut Sheet {
        if self.all.is_empty() {
            self.all.push(Sheet::default());
        }
        let last = self.all.len() - 1;
        &mut self.all[last]
    }
}
