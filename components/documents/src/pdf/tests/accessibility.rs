//! What PDF/A and PDF/UA want beyond what krilla checks when it writes each of these documents.

use super::*;

pub fn metadata_of(pdf: &lopdf::Document) -> String {
    let metadata = pdf.catalog().unwrap().get(b"Metadata").unwrap().as_reference().unwrap();
    let stream = pdf.get_object(metadata).unwrap().as_stream().unwrap();
    assert!(stream.dict.get(b"Filter").is_err(), "PDF/A wants it as it is");
    String::from_utf8(stream.content.clone()).unwrap()
}

#[test]
fn each_document_claims_pdf_a_and_pdf_ua() {
    let lines: Vec<_> = (1..=60).map(|at| line(&format!("sku-{at}"), "漢字 Ink", 1, 100, 1900)).collect();
    let long = Document { bill: Bill::of_stored_lines(7_140, &lines), ..invoice() };
    let mut specimen = long.clone();
    specimen.seller.is_specimen = true;
    let mut foreign = credit_note();
    foreign.customer.name = Some("株式会社山田商店".into());
    foreign.seller.name = "שלום Ltd".into();
    for document in [invoice(), credit_note(), bare_invoice(1, "JPY"), long, specimen, foreign] {
        for language in Language::TAGS.map(Language::of) {
            let pdf = read(&document, language);
            let metadata = metadata_of(&pdf);
            for claim in [
                "<pdfaid:part>3</pdfaid:part>",
                "<pdfaid:conformance>A</pdfaid:conformance>",
                "<pdfuaid:part>1</pdfuaid:part>",
            ] {
                assert!(metadata.contains(claim), "{claim} is not in {metadata}");
            }
            let catalog = pdf.catalog().unwrap();
            let viewer = catalog.get(b"ViewerPreferences").unwrap().as_dict().unwrap();
            assert!(viewer.get(b"DisplayDocTitle").unwrap().as_bool().unwrap());
            assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), language.tag().as_bytes());
            assert!(catalog.has(b"OutputIntents") && catalog.has(b"Outlines"));
        }
    }
}

/// The text that a screen reader reads on each page, in the order of the page's content.
fn read_aloud(pdf: &lopdf::Document) -> Vec<String> {
    let mut pages = Vec::new();
    for (number, page) in pdf.get_pages() {
        let mut content = lopdf::content::Content::decode(&pdf.get_page_content(page)).unwrap();
        let mut is_artifact = false;
        content.operations.retain(|operation| {
            match operation.operator.as_str() {
                "BDC" | "BMC" => is_artifact = operation.operands[0].as_name().unwrap() == b"Artifact",
                "EMC" => is_artifact = false,
                "Tj" | "TJ" => return !is_artifact,
                _ => {}
            }
            true
        });
        let mut copy = pdf.clone();
        copy.change_page_content(page, content.encode().unwrap()).unwrap();
        pages.push(copy.extract_text(&[number]).unwrap().replace('\n', " "));
    }
    pages
}

#[test]
fn the_imprint_is_read_once_at_the_end() {
    let lines: Vec<_> = (1..=90).map(|at| line(&format!("sku-{at}"), "Ink", 1, 100, 1900)).collect();
    let document = Document { bill: Bill::of_stored_lines(10_710, &lines), ..invoice() };
    let pdf = read(&document, Language::En);
    let pages = read_aloud(&pdf);
    assert!(pages.len() > 2);
    let kinds =
        pdf.objects.values().filter_map(|object| object.as_dict().ok()?.get(b"S").ok()?.as_name().ok());
    assert_eq!(kinds.filter(|kind| *kind == b"Table").count(), 3, "the table of lines goes on after a foot");
    let (last, others) = pages.split_last().unwrap();
    assert!(last.replace('\u{a0}', " ").contains("VAT ID DE123456789"), "{last}");
    assert!(!last.contains(&format!("{} / ", pages.len())), "a page's number is not content: {last}");
    for page in others {
        assert!(!page.contains("DE123456789"), "{page}");
    }
}

#[test]
fn a_long_imprint_is_whole() {
    for words in [60, 200] {
        let mut document = invoice();
        let name: Vec<_> = (1..=words).map(|at| format!("word{at}")).collect();
        document.seller.name = name.join(" ");
        let pages = read_aloud(&read(&document, Language::En));
        let imprint = pages.last().unwrap().replace('\u{a0}', " ");
        for word in name {
            // Once in the letterhead and once in the imprint.
            assert!(pages.concat().matches(&format!("{word} ")).count() >= 1, "{word} is not in {pages:?}");
        }
        assert!(imprint.contains("VAT ID DE123456789"), "{imprint}");
    }
}
