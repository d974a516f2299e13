//! The table of lines, over as many sheets as it needs, and its sums.

use krilla::tagging::TableHeaderScope;
use waybill_billing::BilledLine;

use super::sheet::{LEFT, Part, RIGHT, Sheets, Style, Table};
use crate::rows::{self, SumRow};
use crate::{Document, Language};

const HEAD: Style = Style::grey(8.0);
const BODY: Style = Style::plain(9.0);
const SMALL: Style = Style::grey(7.5);
const TOTAL: Style = Style::bold(10.5);

/// Between columns.
const GAP: f32 = 14.0;

/// Above and below a row's text.
const PADDING: f32 = 5.0;

/// The least width of the description.
const MIN_DESCRIPTION_WIDTH: f32 = 90.0;

/// The columns of numbers: quantity, price, rate and amount.
const NUMBERS: usize = 4;

struct Row {
    /// Counted from 1, since the head is 0.
    number: usize,
    description: Vec<(Style, String)>,
    numbers: [String; NUMBERS],
}

struct Columns {
    heads: [String; NUMBERS + 1],
    /// The width of the description.
    description_width: f32,
    /// The right edge of each column of numbers.
    ends: [f32; NUMBERS],
}

/// Draws the table and its sums.
pub fn set(sheets: &mut Sheets<'_>, document: &Document, language: Language) {
    let numbers: Vec<_> = document.bill.lines.iter().map(|line| numbers(line, document, language)).collect();
    let columns = Columns::of(sheets, &numbers, document, language);
    head(sheets, &columns, |column| cell(0, column, Some(TableHeaderScope::Column)));
    for (index, (line, numbers)) in document.bill.lines.iter().zip(numbers).enumerate() {
        let description = description(sheets, line, document, language, columns.description_width);
        set_row(sheets, &columns, Row { number: index + 1, description, numbers });
    }
    sums(sheets, document, language);
}

fn numbers(line: &BilledLine, document: &Document, language: Language) -> [String; NUMBERS] {
    [
        rows::quantity(line, document, language),
        rows::price(line, document, language),
        rows::rate(line, document, language),
        language.amount(line.net, &document.currency),
    ]
}

fn description(
    sheets: &Sheets<'_>,
    line: &BilledLine,
    document: &Document,
    language: Language,
    width: f32,
) -> Vec<(Style, String)> {
    let lines = |style, text: &str| {
        sheets.lines(text, style, width).into_iter().map(move |line| (style, line)).collect::<Vec<_>>()
    };
    match &line.item {
        None => lines(BODY, &format!("{} {}", language.words().order, document.order_id)),
        Some(item) => {
            let mut all = lines(BODY, &item.description);
            for small in rows::small_print(line, document, language) {
                all.extend(lines(SMALL, &small));
            }
            all
        }
    }
}

impl Columns {
    /// Each column of numbers is as wide as its widest number; the description gets the rest.
    fn of(sheets: &Sheets<'_>, rows: &[[String; NUMBERS]], document: &Document, language: Language) -> Self {
        let words = language.words();
        let amount = format!("{} ({})", words.amount, document.currency);
        let heads =
            [words.description, words.quantity, words.unit_price, document.tax_word(language), &amount];
        let heads = heads.map(str::to_owned);
        let mut ends = [RIGHT; NUMBERS];
        let mut end = RIGHT;
        for column in (0..NUMBERS).rev() {
            ends[column] = end;
            let of_rows = rows.iter().map(|row| sheets.width(&row[column], BODY));
            end -= of_rows.fold(sheets.width(&heads[column + 1], HEAD), f32::max) + GAP;
        }
        Self { heads, description_width: (end - LEFT).max(MIN_DESCRIPTION_WIDTH), ends }
    }
}

fn cell(row: usize, column: usize, head: Option<TableHeaderScope>) -> Part {
    Part::Cell { table: Table::Lines, row, column, head }
}

fn head(sheets: &mut Sheets<'_>, columns: &Columns, part: impl Fn(usize) -> Part) {
    let y = sheets.y;
    let [description, numbers @ ..] = &columns.heads;
    sheets.part = part(0);
    sheets.left(LEFT, y, HEAD, description);
    for (column, (number, end)) in numbers.iter().zip(columns.ends).enumerate() {
        sheets.part = part(column + 1);
        sheets.right(end, y, HEAD, number);
    }
    sheets.rule(LEFT, RIGHT, y + 6.0, true);
    sheets.y = y + 6.0;
}

/// Draws a row on this sheet or, if it does not fit, on the next. A row higher than a sheet breaks between its lines.
fn set_row(sheets: &mut Sheets<'_>, columns: &Columns, row: Row) {
    let height = 2.0 * PADDING + row.description.iter().map(|(style, _)| style.leading()).sum::<f32>();
    if !sheets.has_room(height) && sheets.fits_on_a_sheet(6.0 + height) {
        next_sheet(sheets, columns);
    }
    sheets.y += PADDING;
    let mut numbers = Some(row.numbers);
    for (style, line) in row.description {
        if !sheets.has_room(style.leading() + PADDING) {
            next_sheet(sheets, columns);
            sheets.y += PADDING;
        }
        // The base line is below the middle of the line.
        let y = sheets.y + style.size * 1.05;
        sheets.part = cell(row.number, 0, None);
        sheets.left(LEFT, y, style, line);
        let numbers = numbers.take().into_iter().flatten().zip(columns.ends);
        for (column, (number, end)) in numbers.enumerate() {
            sheets.part = cell(row.number, column + 1, None);
            sheets.right(end, y, BODY, number);
        }
        sheets.y += style.leading();
    }
    sheets.y += PADDING;
    sheets.rule(LEFT, RIGHT, sheets.y, false);
}

fn next_sheet(sheets: &mut Sheets<'_>, columns: &Columns) {
    sheets.new_sheet();
    // A repeated header row is an artifact: a screen reader has read it.
    head(sheets, columns, |_| Part::Artifact);
}

fn sums(sheets: &mut Sheets<'_>, document: &Document, language: Language) {
    let (above, below) = (rows::sums(document, language), rows::prepayments(document, language));
    let (total, due) = (rows::total(document, language), rows::due(document, language));
    let of_rows = above.iter().chain(&below).map(|row| sheets.width(&row.amount, BODY));
    let of_totals = [Some(&total), due.as_ref()].into_iter().flatten();
    let widest = of_rows.chain(of_totals.map(|row| sheets.width(&row.amount, TOTAL))).fold(0.0, f32::max);
    let labels_end = RIGHT - widest - 2.0 * GAP;

    let mut sums = Sums { row: 0, labels_end };
    let [above, below] = [above, below].map(|rows| sums.broken(sheets, rows));
    let below_height = if due.is_some() { TOTAL_HEIGHT + height_of(&below) } else { 0.0 };
    let height = 44.0 + height_of(&above) + below_height;
    // Sums stay together if they fit on one sheet.
    if !sheets.has_room(height) && sheets.fits_on_a_sheet(height) {
        sheets.new_sheet();
    }
    sheets.y += 19.0;
    sums.rows(sheets, above);
    sums.total(sheets, total);
    if let Some(due) = due {
        sheets.y += 19.0;
        sums.rows(sheets, below);
        sums.total(sheets, due);
    }
}

/// The room of a total, with the rule above it.
const TOTAL_HEIGHT: f32 = 30.0;

/// A sum whose label is broken into lines.
struct BrokenRow {
    label: Vec<String>,
    amount: String,
}

impl BrokenRow {
    fn height(&self) -> f32 {
        self.label.iter().map(|_| BODY.leading()).sum::<f32>() + 3.0
    }
}

fn height_of(rows: &[BrokenRow]) -> f32 {
    rows.iter().map(BrokenRow::height).sum()
}

struct Sums {
    /// The number of the next row.
    row: usize,
    labels_end: f32,
}

impl Sums {
    fn broken(&self, sheets: &Sheets<'_>, rows: Vec<SumRow>) -> Vec<BrokenRow> {
        let style = Style::grey(BODY.size);
        let broken = |SumRow { label, amount }| BrokenRow {
            label: sheets.lines(&label, style, self.labels_end - LEFT),
            amount,
        };
        rows.into_iter().map(broken).collect()
    }

    fn rows(&mut self, sheets: &mut Sheets<'_>, rows: Vec<BrokenRow>) {
        for row in rows {
            let height = row.height();
            if !sheets.has_room(height) {
                sheets.new_sheet();
            }
            let y = sheets.y;
            self.sum(sheets, y, (Style::grey(BODY.size), row.label), (BODY, row.amount));
            sheets.y += height;
        }
    }

    fn total(&mut self, sheets: &mut Sheets<'_>, SumRow { label, amount }: SumRow) {
        if !sheets.has_room(TOTAL_HEIGHT) {
            sheets.new_sheet();
        }
        let y = sheets.y + 8.0;
        let from = self.labels_end - sheets.width(&label, TOTAL);
        sheets.rule(from.min(self.labels_end - 60.0), RIGHT, y - 14.0, true);
        self.sum(sheets, y, (TOTAL, vec![label]), (TOTAL, amount));
        sheets.y = y;
    }

    fn sum(
        &mut self,
        sheets: &mut Sheets<'_>,
        y: f32,
        (label_style, label): (Style, Vec<String>),
        (amount_style, amount): (Style, String),
    ) {
        let (row, head) = (self.row, Some(TableHeaderScope::Row));
        self.row += 1;
        sheets.part = Part::Cell { table: Table::Sums, row, column: 0, head };
        let mut line_y = y;
        for line in label {
            sheets.right(self.labels_end, line_y, label_style, line);
            line_y += label_style.leading();
        }
        sheets.part = Part::Cell { table: Table::Sums, row, column: 1, head: None };
        sheets.right(RIGHT, y, amount_style, amount);
    }
}
