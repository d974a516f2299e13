//! An issued document is made again, byte by byte, by every later version: a customer who asks for an invoice of last year gets what was
//! sent.
//!
//! A change that makes one of these fail changes documents that are out. Keep the old way for invoices from before, distinguished by what they
//! keep (`invoices.document`), and add the new one beside it.

use std::fmt::Write as _;

use hex::encode;
use sha2::{Digest as _, Sha256};
use waybill_documents::{Document, Language, Profile, cii, example, pdf, ubl};

/// The hash of each representation of the examples.
const KEPT: &str = include_str!("reproducible.sha256");

fn documents() -> Vec<(&'static str, Document)> {
    vec![
        ("invoice", example::invoice()),
        ("full-invoice", example::full_invoice()),
        ("credit-note", example::credit_note()),
        ("amount", example::bare_invoice(5000, "EUR")),
    ]
}

fn hashes() -> anyhow::Result<String> {
    let mut lines = String::new();
    let mut add = |name: &str, kind: &str, bytes: &[u8]| {
        writeln!(lines, "{}  {name}.{kind}", encode(Sha256::digest(bytes)))
    };
    for (name, document) in documents() {
        add(name, "ubl.xml", &ubl::render(&document, Profile::En16931)?)?;
        add(name, "cii.xml", &cii::render(&document, Profile::En16931)?)?;
        for tag in Language::TAGS {
            add(name, &format!("{tag}.pdf"), &pdf::render(&document, Language::of(tag))?)?;
        }
    }
    Ok(lines)
}

#[test]
fn issued_documents_are_made_again_byte_by_byte() -> anyhow::Result<()> {
    let made = hashes()?;
    // Only for documents that are added: WAYBILL_WRITE_HASHES=1.
    if std::env::var_os("WAYBILL_WRITE_HASHES").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reproducible.sha256"), &made)?;
    }
    for (made, kept) in made.lines().zip(KEPT.lines()) {
        assert_eq!(made, kept, "the bytes of a document that is out have changed");
    }
    assert_eq!(made.lines().count(), KEPT.lines().count());
    Ok(())
}
