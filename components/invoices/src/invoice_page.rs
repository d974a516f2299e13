//! An invoice as a page to read and to print.

use std::fmt::{self, Display, Write};

use crate::invoice::Invoice;
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
    let Invoice { number, order_id, customer_id, amount, currency, created_at, .. } = invoice;
    let (number, order_id, customer_id) = (Escaped(number), Escaped(order_id), Escaped(customer_id));
    let (currency, created_at) = (Escaped(currency), Escaped(created_at));
    // The date is the part of the time before the `T`.
    let date = Escaped(invoice.created_at.split('T').next().unwrap_or_default());
    let amount = decimal(*amount, &invoice.currency);
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
<dt>Customer</dt><dd>{customer_id}</dd>
<dt>Order</dt><dd>{order_id}</dd>
</dl>
<table>
<thead><tr><th scope="col">Description</th><th scope="col">Amount ({currency})</th></tr></thead>
<tbody><tr><td>Order {order_id}</td><td>{amount}</td></tr></tbody>
<tfoot><tr><th scope="row">Total</th><td>{amount} {currency}</td></tr></tfoot>
</table>
</main>
</body>
</html>
"#
    )
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

    fn invoice() -> Invoice {
        Invoice {
            id: "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d".into(),
            number: "2026-000001".into(),
            order_id: "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3e".into(),
            customer_id: "1651654165".into(),
            amount: 5000,
            currency: "EUR".into(),
            created_at: "2026-07-08T09:10:11.123Z".into(),
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
