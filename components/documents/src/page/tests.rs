use super::*;
use crate::example::{bare_invoice, canadian_invoice, credit_note, day, invoice};

fn page(document: &Document) -> String {
    render(document, &Settlement::default(), Language::En)
}

fn assert_shows(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text} is not in {page}");
    }
}

#[test]
fn the_page_shows_lines_taxes_parties_and_settlement() {
    let settlement = Settlement { paid_on: Some(day(9)), credited_by: Some("CN-2026-000001".into()) };
    assert_shows(
        &render(&invoice(), &settlement, Language::En),
        &[
            "<title>Invoice 2026-000001</title>",
            "<time datetime=\"2026-07-01\">July\u{a0}1, 2026</time>",
            "Ink &amp; &lt;paper&gt;<small>ink-1</small></td><td>3</td><td>10.00</td><td>19%</td><td>30.00",
            "VAT 19% on €30.00</th><td>€5.70",
            "<td>€46.39</td>",
            "<strong>Jo Doe</strong><br>Example Road 2<br>20095 Hamburg<br><small>E-mail jo@example.com</small>",
            "<p>Example Street 1<br>10115 Berlin<br>Germany</p>",
            "<dt>Paid</dt><dd><time datetime=\"2026-07-09\">",
            "<dt>Credited by</dt><dd>CN-2026-000001",
            "Example seller: Ink &amp; Paper",
            "VAT ID DE123456789",
        ],
    );
}

#[test]
fn an_unpaid_invoice_asks_for_payment() {
    let paid = Settlement { paid_on: Some(day(9)), credited_by: None };
    assert!(!render(&invoice(), &paid, Language::En).contains("IBAN"));
    assert_shows(
        &page(&invoice()),
        &[
            "Please pay €46.39 by July\u{a0}31, 2026.",
            "IBAN DE89\u{a0}3704\u{a0}0044\u{a0}0532\u{a0}0130\u{a0}00 · BIC COBADEFFXXX",
        ],
    );
}

#[test]
fn an_order_without_lines_is_one_line() {
    assert_shows(
        &page(&bare_invoice(5000, "EUR")),
        &[
            "<strong>1651654165</strong></address>",
            "<td>Order 019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3e</td><td>1</td><td>50.00</td><td>–</td>",
            "<p>No VAT is stated: the order names an amount only.</p>",
        ],
    );
}

#[test]
fn a_yen_has_no_cents() {
    assert_shows(&page(&bare_invoice(5000, "JPY")), &["<td>5,000</td>", "<td>¥5,000</td>"]);
}

#[test]
fn a_credit_note_names_its_invoice() {
    let page = page(&credit_note());
    assert_shows(&page, &["Credit note <span>CN-2026-000001", "takes back invoice 2026-000001 of July"]);
    assert!(!page.contains("IBAN"), "nothing is to be paid");
}

#[test]
fn the_page_is_in_the_requested_language() {
    assert_shows(
        &render(&invoice(), &Settlement::default(), Language::De),
        &["<html lang=\"de\">", "Rechnung", "1.\u{a0}Juli 2026", "46,39\u{a0}€", "USt. 19\u{a0}% auf 30,00"],
    );
}

#[test]
fn text_from_outside_is_escaped() {
    let attack = "<script>alert('1' & \"2\")</script>";
    let mut document = invoice();
    document.customer.name = Some(attack.into());
    document.customer_id = attack.into();
    document.seller.name = attack.into();
    document.number = attack.into();
    document.order_id = attack.into();
    for language in Language::TAGS.map(Language::of) {
        let page = render(&document, &Settlement::default(), language);
        assert_shows(&page, &["&lt;script&gt;alert(&#39;1&#39; &amp; &quot;2&quot;)&lt;/script&gt;"]);
        assert!(!page.contains("<script"));
    }
}

#[test]
fn a_narrow_page_names_the_columns_beside_the_cells() {
    let mut document = invoice();
    let page = render(&document, &Settlement::default(), Language::Fr);
    assert_shows(
        &page,
        &[
            "tbody td:nth-child(3)::before{content:\"Prix\\20 unitaire\"}",
            "tbody td:nth-child(5)::before{content:\"Montant\\20 (EUR)\"}",
        ],
    );
    document.currency = "\"}</style>\\".into();
    let page = render(&document, &Settlement::default(), Language::Fr);
    assert_shows(&page, &["content:\"Montant\\20 (\\22 }\\3c /style\\3e \\5c )\""]);
    assert_eq!(page.split("</head>").next().unwrap().matches("</style>").count(), 1, "{page}");
}

#[test]
fn the_page_loads_nothing() {
    let page = page(&invoice());
    for text in ["http:", "https:", "src=", "url(", "@import", "<link", "<script"] {
        assert!(!page.contains(text), "{text}");
    }
    assert!(page.contains("@media print"));
}

#[test]
fn a_specimen_says_so() {
    let mut document = invoice();
    assert!(!page(&document).contains("class=\"specimen\""));
    document.seller.is_specimen = true;
    assert_shows(&page(&document), &["<p class=\"specimen\">Specimen: no seller is set"]);
}

#[test]
fn taxes_have_their_own_names_and_none_is_called_vat() {
    let document = canadian_invoice();
    let english = page(&document);
    assert_shows(
        &english,
        &[
            "<th scope=\"col\">Tax</th>",
            "Ink<small>ink-1</small><small>GST 5% · PST 7%</small></td><td>1</td><td>100.00</td><td>12%</td><td>100.00",
            "Book<small>book-2</small><small>GST 5%</small></td><td>1</td><td>25.00</td><td>5%</td>",
            "Rice<small>rice-3</small></td><td>1</td><td>10.00</td><td>0%</td>",
            "Net</th><td>CA$135.00",
            "Tax 0% on CA$10.00</th><td>CA$0.00",
            "GST 5% on CA$125.00</th><td>CA$6.25",
            "PST 7% on CA$100.00</th><td>CA$7.00",
            "<td>CA$148.25</td>",
        ],
    );
    assert!(!english.contains("VAT"), "{english}");
    let french = render(&document, &Settlement::default(), Language::Fr);
    assert_shows(
        &french,
        &["<th scope=\"col\">Taxe</th>", "GST 5\u{a0}% sur 125,00\u{a0}$CA</th><td>6,25\u{a0}$CA"],
    );
    assert!(!french.contains("TVA"), "{french}");
    let kind = Kind::CreditNote { invoice_number: "2026-000001".into(), invoice_issued_on: day(1) };
    let credited = page(&Document { kind, ..document });
    assert_shows(&credited, &["GST 5% on CA$125.00</th><td>CA$6.25", "PST 7% on CA$100.00</th><td>CA$7.00"]);
}

#[test]
fn the_name_of_a_tax_is_escaped() {
    let mut document = canadian_invoice();
    document.bill.lines[0].taxes[0].name = "<b>".into();
    document.bill.taxes[1].component.as_mut().unwrap().name = "<b>".into();
    let page = page(&document);
    assert!(!page.contains("<b>") && page.contains("&lt;b&gt; 5% on"), "{page}");
}

/// Each line of a text has the direction of its own letters, as `dir="auto"` would give it.
#[test]
fn texts_from_right_to_left_have_their_own_direction() {
    assert_shows(&page(&invoice()), &["p,address,td,th,dd,small,footer{unicode-bidi:plaintext}"]);
}

#[test]
fn the_buyer_and_the_seller_s_contact_are_known_by_page_and_imprint() {
    let mut document = invoice();
    document.customer.company_id = Some("0000123456".into());
    document.customer.phone = Some("+48 1".into());
    let shown = page(&document);
    assert_shows(
        &shown,
        &[
            "<small>Your company ID 0000123456</small>",
            "<small>Phone +48 1</small>",
            "· Accounting · invoices@",
        ],
    );
    document.edition = 4;
    let before = page(&document);
    for text in ["0000123456", "+48 1", "Accounting"] {
        assert!(!before.contains(text), "{text}");
    }
}
