//! An invoice as a page to read and to print.

use std::fmt::{self, Display, Write};

use crate::invoice::{Customer, Invoice};
use crate::money::decimal;

/// The page is complete in itself: what is printed years later must not depend on another file.
const STYLE: &str = "\
:root{color-scheme:light}\
body{margin:3rem auto;max-width:42rem;padding:0 1.5rem;font:1rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff}\
h1{margin:0 0 2rem;font-size:1.75rem;font-weight:600}\
h1 span{display:block;font-size:1rem;font-weight:400;color:#595959}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem;margin:0 0 2rem}\
dt{color:#595959}\
dd{margin:0;overflow-wrap:anywhere}\
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}\
th,td{padding:.5rem 0;text-align:left;font-weight:400;border-bottom:1px solid #ccc}\
th:last-child,td:last-child{text-align:right;white-space:nowrap}\
thead th{color:#595959}\
tfoot th,tfoot td{font-weight:600;border-bottom:none}\
@page{size:A4;margin:20mm}\
@media print{body{margin:0;max-width:none;padding:0;font-size:11pt}tr{break-inside:avoid}}";

/// Renders the page.
pub fn render(invoice: &Invoice) -> String {
    let Invoice { number, order_id, currency, created_at, .. } = invoice;
    let (number, order_id) = (Escaped(number), Escaped(order_id));
    let (currency, created_at) = (Escaped(currency), Escaped(created_at));
    // The date is the part of the time before the `T`.
    let date = Escaped(invoice.created_at.split('T').next().unwrap_or_default());
    let amount = decimal(invoice.amount, &invoice.currency);
    let (customer, state) = (customer(invoice), state(invoice));
    let table = if invoice.lines.is_empty() { one_amount(invoice) } else { lines(invoice) };
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Invoice {number}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1><span>Invoice</span>{number}</h1>
<dl>
<dt>Date</dt><dd><time datetime="{created_at}">{date}</time></dd>
<dt>Customer</dt><dd>{customer}</dd>
<dt>Order</dt><dd>{order_id}</dd>
{state}</dl>
<table>
{table}<tr><th scope="row">Total</th><td>{amount} {currency}</td></tr></tfoot>
</table>
</main>
</body>
</html>
"#
    )
}

/// The lines of the customer's address, or the identifier where no more is known.
fn customer(invoice: &Invoice) -> String {
    let Customer { name, email, address, state, zip_code, country } = &invoice.customer;
    let place = [zip_code, state].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ");
    let lines =
        [name.as_deref(), address.as_deref(), Some(place.as_str()), country.as_deref(), email.as_deref()];
    let lines: Vec<String> = lines
        .into_iter()
        .flatten()
        .filter(|line| !line.is_empty())
        .map(|line| Escaped(line).to_string())
        .collect();
    if lines.is_empty() { Escaped(&invoice.customer_id).to_string() } else { lines.join("<br>") }
}

/// What has become of the invoice, where there is something to say.
fn state(invoice: &Invoice) -> String {
    let mut text = String::new();
    if let Some(date) = invoice.paid_at.as_deref().and_then(|time| time.split('T').next()) {
        let _ = writeln!(text, "<dt>Paid</dt><dd>{}</dd>", Escaped(date));
    }
    if let Some(note) = &invoice.credit_note {
        let _ = writeln!(text, "<dt>Credited by</dt><dd>{}</dd>", Escaped(&note.number));
    }
    text
}

fn one_amount(invoice: &Invoice) -> String {
    let amount = decimal(invoice.amount, &invoice.currency);
    let (currency, order_id) = (Escaped(&invoice.currency), Escaped(&invoice.order_id));
    format!(
        r#"<thead><tr><th scope="col">Description</th><th scope="col">Amount ({currency})</th></tr></thead>
<tbody><tr><td>Order {order_id}</td><td>{amount}</td></tr></tbody>
<tfoot>"#
    )
}

fn lines(invoice: &Invoice) -> String {
    let money = |amount: i64| decimal(amount, &invoice.currency);
    let currency = Escaped(&invoice.currency);
    let mut rows = format!(
        r#"<thead><tr><th scope="col">Description</th><th scope="col">Amount without tax ({currency})</th></tr></thead>
<tbody>
"#
    );
    for line in &invoice.lines {
        let net = line.quantity.saturating_mul(line.unit_price);
        let _ = writeln!(
            rows,
            "<tr><td>{}<br>{} × {}, {}, tax {}</td><td>{}</td></tr>",
            Escaped(&line.description),
            line.quantity,
            money(line.unit_price),
            Escaped(&line.sku),
            percent(line.tax_rate_basis_points),
            money(net)
        );
    }
    rows += "</tbody>\n<tfoot>";
    for tax in &invoice.taxes {
        let _ = writeln!(
            rows,
            r#"<tr><th scope="row">Tax {} on {}</th><td>{}</td></tr>"#,
            percent(tax.rate_basis_points),
            money(tax.net_amount),
            money(tax.tax_amount)
        );
    }
    rows
}

/// `19 %` of 1900, `7.5 %` of 750.
fn percent(basis_points: i32) -> String {
    let (whole, fraction) = (basis_points / 100, basis_points % 100);
    let fraction = format!("{fraction:02}");
    match fraction.trim_end_matches('0') {
        "" => format!("{whole} %"),
        fraction => format!("{whole}.{fraction} %"),
    }
}

/// Text in which HTML means nothing, in an element as well as in a quoted attribute.
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
mod tests {
    use super::*;
    use waybill_contracts::Line;

    use crate::invoice::CreditNote;
    use crate::taxes::by_rate;

    fn invoice() -> Invoice {
        Invoice { created_at: "2026-07-08T09:10:11.123Z".into(), ..Invoice::example() }
    }

    #[test]
    fn the_page_shows_lines_taxes_customer_and_what_became_of_it() {
        let line = Line {
            sku: "a-1".into(),
            description: "Ink & <paper>".into(),
            quantity: 3,
            unit_price: 1000,
            tax_rate_basis_points: 750,
        };
        let invoice = Invoice {
            taxes: by_rate(std::slice::from_ref(&line)),
            lines: vec![line],
            customer: Customer {
                name: Some("Jo <b>".into()),
                zip_code: Some("10115".into()),
                state: Some("Berlin".into()),
                ..Customer::default()
            },
            amount: 3225,
            paid_at: Some("2026-07-09T00:00:00.000Z".into()),
            credit_note: Some(CreditNote {
                id: "1".into(),
                number: "CN-2026-000001".into(),
                created_at: "2026-07-10T00:00:00.000Z".into(),
            }),
            ..invoice()
        };
        let page = render(&invoice);
        for text in [
            "Ink &amp; &lt;paper&gt;<br>3 × 10.00, a-1, tax 7.5 %</td><td>30.00",
            "Tax 7.5 % on 30.00</th><td>2.25",
            "<td>32.25 EUR</td>",
            "Jo &lt;b&gt;<br>10115 Berlin</dd>",
            "<dt>Paid</dt><dd>2026-07-09",
            "<dt>Credited by</dt><dd>CN-2026-000001",
        ] {
            assert!(page.contains(text), "{text} is not in {page}");
        }
    }

    #[test]
    fn the_page_shows_what_the_invoice_says() {
        let page = render(&invoice());
        for text in [
            "<title>Invoice 2026-000001</title>",
            "<time datetime=\"2026-07-08T09:10:11.123Z\">2026-07-08</time>",
            "<dd>1651654165</dd>",
            "Order 019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3e",
            "50.00 EUR",
        ] {
            assert!(page.contains(text), "{text}");
        }
    }

    #[test]
    fn a_yen_has_no_cents() {
        let page = render(&Invoice { currency: "JPY".into(), ..invoice() });
        assert!(page.contains("<td>5,000 JPY</td>"));
    }

    #[test]
    fn text_from_outside_is_escaped() {
        let page =
            render(&Invoice { customer_id: "<script>alert('1' & \"2\")</script>".into(), ..invoice() });
        assert!(
            page.contains("<dd>&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;</dd>")
        );
        assert!(!page.contains("<script"));
    }

    #[test]
    fn the_page_needs_nothing_from_elsewhere() {
        let page = render(&invoice());
        for text in ["http:", "https:", "src=", "url(", "@import", "<link", "<script"] {
            assert!(!page.contains(text), "{text}");
        }
        assert!(page.contains("@media print"));
    }
}
