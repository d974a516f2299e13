//! Lays a document out on sheets.

use krilla::tagging::TableHeaderScope;

use super::foot::Foot;
use super::sheet::{LEFT, Part, RIGHT, Sheet, Sheets, Style, Table};
use super::table;
use super::typeface::Typefaces;
use crate::references::references;
use crate::{Document, Kind, Language, Seller, payment_request, rows};

const SMALL: Style = Style::grey(8.0);
const BODY: Style = Style::plain(9.5);

/// The first base line of the seller's name.
const LETTERHEAD_TOP: f32 = 64.0;
const NAME_WIDTH: f32 = 300.0;

/// The address field, visible in the window of an envelope (DIN 5008).
const ADDRESS_TOP: f32 = 134.0;
const ADDRESS_WIDTH: f32 = 215.0;

/// The most lines of the sender above the address. A longer one would push the address out of the window.
const MAX_SENDER_LINES: usize = 2;

/// The document's number, dates and order, beside the address.
const FACTS_LEFT: f32 = 300.0;
/// Where their values begin, unless a label is longer.
const FACTS_VALUES_LEFT: f32 = 366.0;

/// The highest position of the title, so that invoices look alike.
const TITLE_TOP: f32 = 262.0;

/// The sheets of a document.
pub fn set(document: &Document, language: Language, faces: Typefaces<'_>) -> Vec<Sheet> {
    let sheets = set_all(document, language, faces, false);
    // The note has a place of its own, so that everything below it moves.
    let sheets = if sheets.lacks_letters() { set_all(document, language, faces, true) } else { sheets };
    sheets.all
}

fn set_all<'a>(
    document: &Document,
    language: Language,
    faces: Typefaces<'a>,
    lacks_letters: bool,
) -> Sheets<'a> {
    let mut sheets = Sheets::new(faces);
    let foot = Foot::of(&mut sheets, document, language);
    let (below_name, below_contact) = letterhead(&mut sheets, &document.seller, language);
    let below_address = address(&mut sheets, document, language, below_name);
    // An address that needs another sheet is a very long one.
    let facts_top = if sheets.all.len() > 1 { below_address } else { below_contact };
    let below_facts = facts(&mut sheets, document, language, facts_top);
    sheets.y = below_address.max(below_facts).max(TITLE_TOP);
    title(&mut sheets, document, language);
    if lacks_letters {
        sheets.begin_paragraph();
        sheets.y = sheets.paragraph(LEFT, sheets.y, RIGHT - LEFT, SMALL, language.lacks_letters()) + 12.0;
    }
    table::set(&mut sheets, document, language);
    request(&mut sheets, document, language);
    foot.set(&mut sheets, &name(document, language), document, language);
    sheets
}

/// The document's name, such as `Invoice 2026-000001`.
pub fn name(document: &Document, language: Language) -> String {
    let words = language.words();
    let kind = match document.kind {
        Kind::Invoice { .. } => words.invoice,
        Kind::CreditNote { .. } => words.credit_note,
    };
    format!("{kind} {}", document.number)
}

/// Writes the seller's name at the left and how to reach them at the right. Returns where the address and the facts can begin.
fn letterhead(sheets: &mut Sheets<'_>, seller: &Seller, language: Language) -> (f32, f32) {
    let name = &seller.name;
    sheets.begin_paragraph();
    // A longer name is smaller, so that the address stays in the window.
    let styles = [13.0, 11.0, 9.0, 8.0].map(Style::bold);
    let height =
        |style: Style| sheets.lines(name, style, NAME_WIDTH).iter().map(|_| style.leading()).sum::<f32>();
    let fitting = styles.into_iter().find(|style| LETTERHEAD_TOP + height(*style) <= ADDRESS_TOP);
    let style = fitting.unwrap_or(styles[styles.len() - 1]);
    let below_name = sheets.paragraph(LEFT, LETTERHEAD_TOP, NAME_WIDTH, style, name);
    sheets.begin_paragraph();
    let width = RIGHT - LEFT - NAME_WIDTH - 16.0;
    let mut y = LETTERHEAD_TOP - 4.0;
    let country = seller.country_name(language).to_owned();
    for line in seller.address_lines().into_iter().chain([country, seller.email.clone()]) {
        y = sheets.right_paragraph(RIGHT, y, width, SMALL, &line);
    }
    let address_top = below_name.max(ADDRESS_TOP);
    (address_top, (y + 8.0).max(address_top + 18.0))
}

fn address(sheets: &mut Sheets<'_>, document: &Document, language: Language, top: f32) -> f32 {
    let seller = &document.seller;
    let style = Style::grey(6.5);
    // The sender's line, for the window of the envelope. The letterhead has it, so that a screen reader skips it here.
    sheets.part = Part::Artifact;
    let lines = seller.address_lines();
    let place = lines.last().cloned().unwrap_or_default();
    let lines = lines.join(" · ");
    let senders = [format!("{} · {lines}", seller.name), lines, place];
    let fits = |sender: &&String| sheets.lines(sender, style, ADDRESS_WIDTH).len() <= MAX_SENDER_LINES;
    let sender = senders.iter().find(fits).map_or("", |sender| sender);
    let mut y = sheets.paragraph(LEFT, top, ADDRESS_WIDTH, style, sender);
    sheets.begin_paragraph();
    y = sheets.paragraph(LEFT, y + 9.0, ADDRESS_WIDTH, Style::bold(BODY.size), document.buyer_name());
    for line in document.buyer_address(language) {
        y = sheets.paragraph(LEFT, y, ADDRESS_WIDTH, BODY, &line);
    }
    y + 24.0
}

fn facts(sheets: &mut Sheets<'_>, document: &Document, language: Language, mut y: f32) -> f32 {
    let words = language.words();
    let mut facts = vec![
        (words.number, document.number.clone()),
        (words.date, language.date(document.issued_on)),
        match &document.kind {
            Kind::Invoice { due_on } => (words.due, language.date(*due_on)),
            Kind::CreditNote { invoice_number, .. } => (words.credited_invoice, invoice_number.clone()),
        },
        (words.customer, document.customer_id.clone()),
        (words.buyer_vat_id, document.buyer_vat_id().unwrap_or_default()),
        (words.buyer_company_id, document.buyer_company_id().unwrap_or_default().to_owned()),
    ];
    facts.extend(references(document, language));
    facts.retain(|(_, value)| !value.trim().is_empty());
    let style = Style::grey(8.5);
    let labels_end = facts.iter().map(|(label, _)| FACTS_LEFT + sheets.width(label, style));
    let values_left = labels_end.map(|end| end + 10.0).fold(FACTS_VALUES_LEFT, f32::max);
    for (row, (label, value)) in facts.into_iter().enumerate() {
        let head = Some(TableHeaderScope::Row);
        sheets.part = Part::Cell { table: Table::Facts, row, column: 0, head };
        sheets.left(FACTS_LEFT, y, style, label);
        sheets.part = Part::Cell { table: Table::Facts, row, column: 1, head: None };
        y = sheets.paragraph(values_left, y, RIGHT - values_left, Style::plain(8.5), &value);
        y += 2.5;
    }
    y + 24.0
}

fn title(sheets: &mut Sheets<'_>, document: &Document, language: Language) {
    let style = Style::bold(19.0);
    if document.seller.is_specimen {
        sheets.begin_paragraph();
        let mark = language.words().specimen;
        sheets.y = sheets.paragraph(LEFT, sheets.y, RIGHT - LEFT, Style::bold(12.0), mark) + 12.0;
    }
    sheets.part = Part::Title;
    sheets.y = sheets.paragraph(LEFT, sheets.y, RIGHT - LEFT, style, &name(document, language)) + 12.0;
}

/// The request to pay, or the note that nothing is due.
fn request(sheets: &mut Sheets<'_>, document: &Document, language: Language) {
    let mut sentences = rows::remarks(document, language);
    match &document.kind {
        Kind::Invoice { due_on } => sentences.extend(payment_request::lines(document, *due_on, language)),
        Kind::CreditNote { invoice_number, invoice_issued_on } => {
            sentences.extend(rows::taken_back(document, invoice_number, *invoice_issued_on, language));
        }
    }
    let lines: Vec<String> =
        sentences.iter().flat_map(|sentence| sheets.lines(sentence, BODY, RIGHT - LEFT)).collect();
    let height: f32 = lines.iter().map(|_| BODY.leading()).sum();
    // The sentences stay together if they fit on one sheet.
    if sheets.has_room(30.0 + height) || !sheets.fits_on_a_sheet(height) {
        sheets.y += 30.0;
    } else {
        sheets.new_sheet();
    }
    sheets.begin_paragraph();
    for sentence in sentences {
        sheets.y = sheets.paragraph(LEFT, sheets.y, RIGHT - LEFT, BODY, &sentence);
    }
}
