//! What `docs/invoicing.md` says of sales across borders and of single countries.

use std::collections::{BTreeMap, BTreeSet};
use std::str;

use anyhow::Result;
use serde_json::json;
use waybill_documents::example::{billed, full_invoice, invoice, line};
use waybill_documents::{Document, Profile, cii, ubl};
use waybill_tests::Validators;

use crate::check;

/// A sale to a consumer in another member state bears that state's rate (VAT Directive, art. 369a ff., OSS).
#[test]
fn distance_sales_at_the_buyer_s_rate_are_valid() -> Result<()> {
    let Some(mut validators) = Validators::start()? else { return Ok(()) };
    let sold = |seller: (&str, &str), rate| {
        let mut document = full_invoice();
        (document.seller.country, document.seller.vat_id) = (seller.0.into(), Some(seller.1.into()));
        document.bill = billed(&[line("ink-1", "Ink", 3, 1000, rate)], &document.details);
        document.details.delivery = None;
        document
    };
    let consumer = |mut document: Document| {
        (document.customer.vat_id, document.customer.company_id) = (None, None);
        document.customer.electronic_address = None;
        (document.customer.city, document.customer.zip_code) = (Some("Lyon".into()), Some("69001".into()));
        (document.customer.state, document.customer.country) = (None, Some("FR".into()));
        document
    };
    let mut written = BTreeMap::new();
    let german = consumer(sold(("DE", "DE136695976"), 2000));
    assert_eq!((german.bill.net, german.bill.tax, german.bill.total), (3000, 600, 3600));
    let order = json!({ "lines": [{ "quantity": 3, "unitPrice": 1000, "taxRateBasisPoints": 2000 }] });
    check(&mut validators, &german, Some(&order), &mut written)?;
    assert_eq!(
        written.keys().collect::<Vec<_>>(),
        [&("cii", "en16931"), &("cii", "xrechnung"), &("ubl", "en16931"), &("ubl", "xrechnung"),]
    );

    // Peppol permits Swedish sellers the rates of Sweden only, also to a business.
    let swedish = |rate| {
        let mut document = sold(("SE", "SE556703748501"), rate);
        document.seller.company_id = Some("5567037485".into());
        document
    };
    let refused = ubl::render(&swedish(2000), Profile::Peppol).unwrap_err().to_string();
    assert!(refused.contains("SE-R-006"), "{refused}");
    assert_eq!(Profile::of(&swedish(2000)), Profile::En16931);
    assert_eq!(Profile::of(&swedish(2500)), Profile::Peppol);
    for rate in [2000, 2500] {
        check(&mut validators, &swedish(rate), None, &mut written)?;
    }
    Ok(())
}

/// `docs/invoicing.md` says which rules of the French reform (CGI art. 289 bis) documents do not satisfy: these, and no other.
#[test]
fn invoices_between_french_businesses_lack_what_the_documentation_says() -> Result<()> {
    let Some(mut validators) = Validators::start()? else { return Ok(()) };
    let mut document = invoice();
    document.seller.country = "FR".into();
    document.seller.vat_id = Some("FR40303265045".into());
    (document.seller.company_id, document.seller.company_id_scheme) =
        (Some("303265045".into()), Some("0002".into()));
    document.bill = billed(&[line("ink-1", "Encre", 3, 1000, 2000)], &document.details);
    document.customer.country = Some("FR".into());
    document.customer.vat_id = Some("FR83404833048".into());
    document.customer.company_id = Some("404833048".into());
    for (syntax, xml, known) in [
        ("ubl", ubl::render(&document, Profile::En16931)?, &["BR-FR-05", "BR-FR-08", "BR-FR-CO-10"][..]),
        ("cii", cii::render(&document, Profile::En16931)?, &["BR-FR-05", "BR-FR-08"]),
    ] {
        let findings = validators.check(syntax, "france", str::from_utf8(&xml)?, None)?;
        // Behind the rule is the term that it is about: `BR-FR-05_BT-22-1`.
        let fatal = findings.iter().filter(|finding| finding.is_fatal());
        let rules: BTreeSet<&str> = fatal.filter_map(|finding| finding.rule.split('_').next()).collect();
        assert_eq!(rules, known.iter().copied().collect(), "{syntax}");
    }
    Ok(())
}
