use super::*;

const XML: &[u8] = b"<?xml version=\"1.0\"?><rsm:CrossIndustryInvoice/>";

fn with(profile: Profile, document: &Document) -> lopdf::Document {
    let attachment = Attachment { content: XML, profile };
    let bytes = render_with_attachment(document, Language::De, &attachment, Fonts::NONE).unwrap();
    assert!(bytes == render_with_attachment(document, Language::De, &attachment, Fonts::NONE).unwrap());
    lopdf::Document::load_mem(&bytes).unwrap()
}

#[test]
fn the_electronic_invoice_is_in_the_pdf() {
    let of_factur_x = ("factur-x.xml", "1.0");
    for (profile, name, relationship, (file_name, version)) in [
        (Profile::Minimum, "MINIMUM", "Data", of_factur_x),
        (Profile::BasicWithoutLines, "BASIC WL", "Data", of_factur_x),
        (Profile::Basic, "BASIC", "Alternative", of_factur_x),
        (Profile::En16931, "EN 16931", "Alternative", of_factur_x),
        (Profile::Extended, "EXTENDED", "Alternative", of_factur_x),
        (Profile::XRechnung, "XRECHNUNG", "Alternative", ("xrechnung.xml", "3.0")),
    ] {
        let pdf = with(profile, &invoice());
        let files = pdf.catalog().unwrap().get(b"AF").unwrap().as_array().unwrap();
        let [file] = &files[..] else { panic!("{} files", files.len()) };
        let file = pdf.get_object(file.as_reference().unwrap()).unwrap().as_dict().unwrap();
        assert_eq!(file.get(b"F").unwrap().as_str().unwrap(), file_name.as_bytes());
        assert_eq!(file.get(b"AFRelationship").unwrap().as_name().unwrap(), relationship.as_bytes());
        let stream = file.get(b"EF").unwrap().as_dict().unwrap().get(b"F").unwrap().as_reference().unwrap();
        let stream = pdf.get_object(stream).unwrap().as_stream().unwrap();
        assert_eq!(stream.dict.get(b"Subtype").unwrap().as_name().unwrap(), b"text/xml");
        assert_eq!(stream.get_plain_content().unwrap(), XML);
        let metadata = accessibility::metadata_of(&pdf);
        for property in [
            "<fx:DocumentType>INVOICE<",
            &format!("<fx:DocumentFileName>{file_name}<"),
            &format!("<fx:Version>{version}<"),
            &format!("<fx:ConformanceLevel>{name}<"),
            "<pdfaid:part>3<",
            "<pdfuaid:part>1<",
        ] {
            assert_eq!(metadata.matches(property).count(), 1, "{property}: {metadata}");
        }
    }
}

#[test]
fn every_object_is_still_where_the_table_says() {
    let lines: Vec<_> = (1..=90).map(|at| line(&format!("sku-{at}"), "Ink", 1, 100, 1900)).collect();
    let mut document = Document { bill: Bill::of_stored_lines(10_710, &lines), ..invoice() };
    // The file has text that looks like metadata.
    document.seller.name =
        "</rdf:RDF></rdf:Bag></pdfaExtension:schemas>/Root 1 0 R /Length 5 stream\n".into();
    for document in [document, credit_note()] {
        let (plain, extended) = (read(&document, Language::De), with(Profile::En16931, &document));
        assert_eq!(extended.get_pages().len(), plain.get_pages().len());
        // The file, its content and nothing else.
        assert_eq!(extended.objects.len(), plain.objects.len() + 2);
        let pages: Vec<_> = plain.get_pages().into_keys().collect();
        assert_eq!(extended.extract_text(&pages).unwrap(), plain.extract_text(&pages).unwrap());
    }
}
