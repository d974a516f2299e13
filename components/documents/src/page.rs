//! A document as a page to read and to print.

use std::fmt::{self, Display, Write};

use crate::parties::filled;
use crate::references::references;
use crate::rows::{self, SumRow};
use crate::{Date, Document, Kind, Language, Seller, Settlement, payment_request};

/// The page has its style in it: a page that is printed years later must not depend on another file.
const STYLE: &str = concat!(include_str!("../../../design/tokens.css"), include_str!("page.css"));

/// Renders the page.
pub fn render(document: &Document, settlement: &Settlement, language: Language) -> String {
    let words = language.words();
    let title = match document.kind {
        Kind::Invoice { .. } => words.invoice,
        Kind::CreditNote { .. } => words.credit_note,
    };
    let (lang, number, name) = (language.tag(), Escaped(&document.number), Escaped(&document.seller.name));
    let (sender, facts, buyer) = (
        sender(&document.seller, language),
        facts(document, settlement, language),
        buyer(document, language),
    );
    let (head, lines, sums) = (head(document, language), lines(document, language), sums(document, language));
    let remarks = remarks(document, language);
    let (request, footer) = (request(document, settlement, language), footer(document, language));
    let labels = labels(document, language);
    let specimen = if document.seller.is_specimen {
        format!("<p class=\"specimen\">{}</p>\n", words.specimen)
    } else {
        String::new()
    };
    format!(
        r#"<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} {number}</title>
<style>{STYLE}{labels}</style>
</head>
<body>
<main>
<header><p class="name">{name}</p><p>{sender}</p></header>
<div class="parties">
<section><h2>{bill_to}</h2><address>{buyer}</address></section>
<dl>
{facts}</dl>
</div>
{specimen}<h1>{title} <span>{number}</span></h1>
<table>
<thead>{head}</thead>
<tbody>
{lines}</tbody>
<tfoot>
{sums}</tfoot>
</table>
{remarks}{request}<footer>{footer}</footer>
</main>
</body>
</html>
"#,
        bill_to = words.bill_to,
    )
}

fn sender(seller: &Seller, language: Language) -> String {
    let mut lines = seller.address_lines();
    lines.push(seller.country_name(language).to_owned());
    let lines: Vec<String> = lines.iter().map(|line| Escaped(line).to_string()).collect();
    lines.join("<br>")
}

fn buyer(document: &Document, language: Language) -> String {
    let mut text = format!("<strong>{}</strong>", Escaped(document.buyer_name()));
    for line in document.buyer_address(language) {
        let _ = write!(text, "<br>{}", Escaped(&line));
    }
    let words = language.words();
    let (vat_id, email) = (document.buyer_vat_id(), filled(document.customer.email.as_ref()));
    let mut detail = |label: &str, value: &str| {
        let _ = write!(text, "<br><small>{label} {}</small>", Escaped(value));
    };
    if let Some(vat_id) = &vat_id {
        detail(words.buyer_vat_id, vat_id);
    }
    if let Some(company_id) = document.buyer_company_id() {
        detail(words.buyer_company_id, company_id);
    }
    if let Some(email) = email {
        detail(words.email, email);
    }
    if let Some(phone) = filled(document.customer.phone.as_ref()).filter(|_| document.edition >= 5) {
        detail(words.phone, phone);
    }
    if document.buyer_name() != document.customer_id {
        detail(words.customer, &document.customer_id);
    }
    text
}

fn facts(document: &Document, settlement: &Settlement, language: Language) -> String {
    let words = language.words();
    let mut text = String::new();
    let mut fact = |label: &str, value: &dyn Display| {
        let _ = writeln!(text, "<dt>{label}</dt><dd>{value}</dd>");
    };
    fact(words.date, &time(document.issued_on, language));
    match &document.kind {
        Kind::Invoice { due_on } => fact(words.due, &time(*due_on, language)),
        Kind::CreditNote { invoice_number, .. } => fact(words.credited_invoice, &Escaped(invoice_number)),
    }
    for (label, value) in references(document, language) {
        fact(label, &Escaped(&value));
    }
    if let Some(date) = settlement.paid_on {
        fact(words.paid, &time(date, language));
    }
    if let Some(number) = &settlement.credited_by {
        fact(words.credited_by, &Escaped(number));
    }
    text
}

fn time(date: Date, language: Language) -> String {
    format!("<time datetime=\"{date}\">{}</time>", language.date(date))
}

fn columns(document: &Document, language: Language) -> [String; 5] {
    let words = language.words();
    let amount = format!("{} ({})", words.amount, document.currency);
    [words.description, words.quantity, words.unit_price, document.tax_word(language), &amount]
        .map(str::to_owned)
}

fn head(document: &Document, language: Language) -> String {
    let mut row = "<tr>".to_owned();
    for column in columns(document, language) {
        let _ = write!(row, "<th scope=\"col\">{}</th>", Escaped(&column));
    }
    row + "</tr>"
}

/// The style of a narrow screen, where a line's cells are below each other and each has its column's name beside it. The first
/// needs none: it names the line.
fn labels(document: &Document, language: Language) -> String {
    let mut rules = "@media screen and (max-width:46rem){".to_owned();
    for (index, column) in columns(document, language).iter().enumerate().skip(1) {
        let _ = write!(rules, "tbody td:nth-child({})::before{{content:\"", index + 1);
        for character in column.chars() {
            match character {
                // Whatever could end the text or the style is written by its number.
                '"' | '\\' | '<' | '>' | '&' | '\0'..=' ' => {
                    let _ = write!(rules, "\\{:x} ", u32::from(character));
                }
                other => rules.push(other),
            }
        }
        rules.push_str("\"}");
    }
    rules + "}"
}

fn lines(document: &Document, language: Language) -> String {
    let mut text = String::new();
    for line in &document.bill.lines {
        let mut item = match &line.item {
            Some(item) => Escaped(&item.description).to_string(),
            None => format!("{} {}", language.words().order, Escaped(&document.order_id)),
        };
        for small in rows::small_print(line, document, language) {
            let _ = write!(item, "<small>{}</small>", Escaped(&small));
        }
        let _ = writeln!(
            text,
            "<tr><td>{item}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            Escaped(&rows::quantity(line, document, language)),
            rows::price(line, document, language),
            rows::rate(line, document, language),
            language.amount(line.net, &document.currency)
        );
    }
    text
}

fn sums(document: &Document, language: Language) -> String {
    let mut text = String::new();
    let mut row = |class: &str, SumRow { label, amount }: &SumRow| {
        let (label, amount) = (Escaped(label), Escaped(amount));
        let _ =
            writeln!(text, r#"<tr{class}><th scope="row" colspan="4">{label}</th><td>{amount}</td></tr>"#);
    };
    for sum in rows::sums(document, language) {
        row("", &sum);
    }
    row(r#" class="total""#, &rows::total(document, language));
    for prepayment in rows::prepayments(document, language) {
        row("", &prepayment);
    }
    if let Some(due) = rows::due(document, language) {
        row(r#" class="total""#, &due);
    }
    text
}

fn remarks(document: &Document, language: Language) -> String {
    paragraphs(&rows::remarks(document, language))
}

fn paragraphs(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        let _ = writeln!(text, "<p>{}</p>", Escaped(line));
    }
    text
}

/// The request to pay, or the note that nothing is due.
fn request(document: &Document, settlement: &Settlement, language: Language) -> String {
    match &document.kind {
        // A paid or credited invoice asks for no payment.
        Kind::Invoice { .. } if *settlement != Settlement::default() => String::new(),
        Kind::Invoice { due_on } => paragraphs(&payment_request::lines(document, *due_on, language)),
        Kind::CreditNote { invoice_number, invoice_issued_on } => {
            paragraphs(&rows::taken_back(document, invoice_number, *invoice_issued_on, language))
        }
    }
}

fn footer(document: &Document, language: Language) -> String {
    let parts = document.imprint(language);
    let parts: Vec<String> = parts.iter().map(|part| Escaped(part).to_string()).collect();
    parts.join(" · ")
}

/// Text escaped for HTML, in an element as well as in a quoted attribute.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
