//! Lays a document out on sheets.

use krilla::tagging::TableHeaderScope;

use super::face::Faces;
use super::sheet::{BOTTOM, HEIGHT, LEFT, Part, RIGHT, Sheet, Sheets, Style, TOP, Table};
use super::table;
use crate::page::in_fours;
use crate::parties::filled;
use crate::references::references;
use crate::rows;
use crate::{Document, Kind, Language, Seller};

const SMALL: Style = Style::grey(8.0);
const BODY: Style = Style::plain(9.5);

/// The address field, visible in the window of an envelope (DIN 5008).
const ADDRESS_TOP: f32 = 134.0;
const ADDRESS_WIDTH: f32 = 215.0;

/// The document's number, dates and order, beside the address.
const FACTS_LEFT: f32 = 300.0;
const FACTS_VALUES_LEFT: f32 = 366.0;

/// The highest position of the title, so that invoices look alike.
const TITLE_TOP: f32 = 262.0;

/// The sheets of a document.
pub fn set(document: &Document, language: Language, faces: &Faces) -> Vec<Sheet> {
    let mut sheets = Sheets::new(faces);
    letterhead(&mut sheets, &document.seller, language);
    let below_address = address(&mut sheets, document, language);
    let below_facts = facts(&mut sheets, document, language);
    sheets.y = below_address.max(below_facts).max(TITLE_TOP);
    title(&mut sheets, document, language);
    table::set(&mut sheets, document, language);
    request(&mut sheets, document, language);
    for_each_sheet(&mut sheets, document, language);
    sheets.all
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

fn letterhead(sheets: &mut Sheets<'_>, seller: &Seller, language: Language) {
    let style = Style::bold(13.0);
    sheets.begin_paragraph();
    sheets.paragraph(LEFT, 64.0, 300.0, style, &seller.name);
    sheets.begin_paragraph();
    let mut y = 60.0;
    let country = seller.country_name(language).to_owned();
    for line in seller.address_lines().into_iter().chain([country, seller.email.clone()]) {
        sheets.right(RIGHT, y, SMALL, line);
        y += SMALL.leading();
    }
}

fn address(sheets: &mut Sheets<'_>, document: &Document, language: Language) -> f32 {
    let seller = &document.seller;
    let style = Style::grey(6.5);
    let sender = format!("{} · {}", seller.name, seller.address_lines().join(" · "));
    let sender = sheets.lines(&sender, style, ADDRESS_WIDTH);
    // The sender's line, for the window of the envelope.
    sheets.part = Part::Artifact;
    let mut y = ADDRESS_TOP;
    for line in sender {
        sheets.left(LEFT, y, style, line);
        y += style.leading();
    }
    sheets.begin_paragraph();
    y = sheets.paragraph(LEFT, y + 9.0, ADDRESS_WIDTH, Style::bold(BODY.size), document.buyer_name());
    for line in document.buyer_address(language) {
        y = sheets.paragraph(LEFT, y, ADDRESS_WIDTH, BODY, &line);
    }
    y + 24.0
}

fn facts(sheets: &mut Sheets<'_>, document: &Document, language: Language) -> f32 {
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
    ];
    facts.extend(references(document, language));
    facts.retain(|(_, value)| !value.trim().is_empty());
    let mut y = ADDRESS_TOP + 18.0;
    for (row, (label, value)) in facts.into_iter().enumerate() {
        let head = Some(TableHeaderScope::Row);
        sheets.part = Part::Cell { table: Table::Facts, row, column: 0, head };
        sheets.left(FACTS_LEFT, y, Style::grey(8.5), label);
        sheets.part = Part::Cell { table: Table::Facts, row, column: 1, head: None };
        y = sheets.paragraph(FACTS_VALUES_LEFT, y, RIGHT - FACTS_VALUES_LEFT, Style::plain(8.5), &value);
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
    let (words, Seller { iban, bic, .. }) = (language.words(), &document.seller);
    let mut sentences = rows::remarks(&document.bill, language);
    sentences.extend(document.details.note.clone());
    match &document.kind {
        Kind::Invoice { due_on } => {
            sentences.extend(document.details.payment_terms.clone());
            let amount = language.money(document.bill.total, &document.currency);
            sentences.push(language.please_pay(&amount, &language.date(*due_on)));
            if let Some(iban) = filled(iban.as_ref()) {
                let bic = filled(bic.as_ref()).map(|bic| format!(" · BIC {bic}")).unwrap_or_default();
                let (iban, number) = (in_fours(iban), &document.number);
                sentences.push(format!("IBAN {iban}{bic} · {} {number}", words.reference));
            }
        }
        Kind::CreditNote { invoice_number, invoice_issued_on } => {
            sentences.push(language.takes_back(invoice_number, &language.date(*invoice_issued_on)));
        }
    }
    let lines: Vec<String> =
        sentences.iter().flat_map(|sentence| sheets.lines(sentence, BODY, RIGHT - LEFT)).collect();
    let height: f32 = lines.iter().map(|_| BODY.leading()).sum();
    if sheets.has_room(30.0 + height) {
        sheets.y += 30.0;
    } else {
        sheets.new_sheet();
    }
    sheets.begin_paragraph();
    for line in lines {
        sheets.left(LEFT, sheets.y, BODY, line);
        sheets.y += BODY.leading();
    }
}

/// Adds the footer with seller and page number to each sheet, and the document's name from the second on.
fn for_each_sheet(sheets: &mut Sheets<'_>, document: &Document, language: Language) {
    let style = Style::grey(7.0);
    sheets.part = Part::Artifact;
    let count = sheets.all.len();
    // Lines break between the imprint's parts.
    let parts = document.seller.imprint(language);
    let parts: Vec<String> = parts.iter().map(|part| part.replace(' ', "\u{a0}")).collect();
    let imprint = parts.join(" · ");
    let filled = std::mem::take(&mut sheets.all);
    for (index, sheet) in filled.into_iter().enumerate() {
        sheets.all.push(sheet);
        if index > 0 {
            let mark = document.seller.is_specimen.then(|| format!(" · {}", language.words().specimen));
            sheets.left(LEFT, TOP - 36.0, SMALL, name(document, language) + &mark.unwrap_or_default());
        }
        sheets.rule(LEFT, RIGHT, BOTTOM + 28.0, false);
        let mut y = BOTTOM + 41.0;
        for line in sheets.lines(&imprint, style, RIGHT - LEFT - 48.0) {
            // A longer imprint is cut off at the paper's edge.
            if y < HEIGHT - 16.0 {
                sheets.left(LEFT, y, style, line);
            }
            y += style.leading();
        }
        sheets.right(RIGHT, BOTTOM + 41.0, style, format!("{} / {count}", index + 1));
    }
}
