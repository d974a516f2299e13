//! Adds the schema of Factur-X to the metadata of a PDF.
//!
//! krilla has no call for metadata of other standards. PDF/A keeps metadata uncompressed, so that they can be read without
//! knowing PDF, and krilla writes the table of objects as text: both are edited in place. Anything unexpected is `None`.

use std::fmt::Write as _;
use std::ops::Range;
use std::str;

/// The namespace of the properties.
const NAMESPACE: &str = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#";

/// The description of each property, which PDF/A wants of a schema that it does not know.
const PROPERTIES: [(&str, &str); 4] = [
    ("DocumentFileName", "The name of the embedded XML document"),
    ("DocumentType", "The type of the hybrid document in capital letters, e.g. INVOICE or ORDER"),
    ("Version", "The actual version of the standard applying to the embedded XML document"),
    ("ConformanceLevel", "The conformance level of the embedded XML document"),
];

/// The values of [`PROPERTIES`], by their names.
type Values = [(&'static str, &'static str); PROPERTIES.len()];

/// The PDF with the properties of an embedded file.
pub fn with_factur_x(pdf: &[u8], values: Values) -> Option<Vec<u8>> {
    let table = Table::read(pdf)?;
    let metadata = table.offset_of(pdf, reference(pdf, table.offset_of(pdf, table.root)?, "/Metadata ")?)?;
    let stream = Stream::read(pdf, metadata)?;
    let content = extended(str::from_utf8(&pdf[stream.content.clone()]).ok()?, values)?;

    let mut changed = pdf[..stream.length.start].to_vec();
    changed.extend(content.len().to_string().bytes());
    changed.extend(&pdf[stream.length.end..stream.content.start]);
    changed.extend(content.bytes());
    changed.extend(&pdf[stream.content.end..table.entries.start]);
    let grown = (changed.len()).checked_sub(table.entries.start)?;
    for entry in pdf[table.entries.clone()].chunks(ENTRY) {
        let entry = str::from_utf8(entry).ok()?;
        let offset: usize = entry.get(..10)?.parse().ok()?;
        let moved = if offset > metadata { offset + grown } else { offset };
        changed.extend(format!("{moved:010}{}", &entry[10..]).bytes());
    }
    changed.extend(&pdf[table.entries.end..table.start.start]);
    let start: usize = str::from_utf8(&pdf[table.start.clone()]).ok()?.parse().ok()?;
    changed.extend((start + grown).to_string().bytes());
    changed.extend(&pdf[table.start.end..]);
    Some(changed)
}

/// The metadata with schema and properties.
fn extended(metadata: &str, values: Values) -> Option<String> {
    let mut schema = format!(
        "<rdf:li rdf:parseType=\"Resource\"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>\
         <pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix>\
         <pdfaSchema:property><rdf:Seq>"
    );
    for (name, description) in PROPERTIES {
        let _ = write!(
            schema,
            "<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:category>external</pdfaProperty:category>\
             <pdfaProperty:description>{description}</pdfaProperty:description>\
             <pdfaProperty:name>{name}</pdfaProperty:name>\
             <pdfaProperty:valueType>Text</pdfaProperty:valueType></rdf:li>"
        );
    }
    schema.push_str("</rdf:Seq></pdfaSchema:property></rdf:li>");
    let mut properties = format!("<rdf:Description rdf:about=\"\" xmlns:fx=\"{NAMESPACE}\">");
    for (name, value) in values {
        let _ = write!(properties, "<fx:{name}>{value}</fx:{name}>");
    }
    properties.push_str("</rdf:Description>");
    let (before, after) = split_before(metadata, "</rdf:Bag></pdfaExtension:schemas>")?;
    let (between, after) = split_before(after, "</rdf:RDF>")?;
    Some([before, &schema, between, &properties, after].concat())
}

/// Text from outside is escaped, so that an element's end occurs where it is written.
fn split_before<'a>(text: &'a str, end: &str) -> Option<(&'a str, &'a str)> {
    (text.matches(end).count() == 1).then(|| text.find(end)).flatten().map(|at| text.split_at(at))
}

/// The length of an entry in the table of objects.
const ENTRY: usize = 20;

/// The table of objects at the end of the file.
struct Table {
    entries: Range<usize>,
    /// The object that is the root of all.
    root: usize,
    /// The digits of the table's own position.
    start: Range<usize>,
}

impl Table {
    fn read(pdf: &[u8]) -> Option<Self> {
        const START: &[u8] = b"startxref\n";
        let digits = pdf.windows(START.len()).rposition(|window| window == START)? + START.len();
        let start = digits..digits + digits_at(pdf, digits);
        let at: usize = str::from_utf8(&pdf[start.clone()]).ok()?.parse().ok()?;
        let head = str::from_utf8(pdf.get(at..at + 40)?).ok()?.strip_prefix("xref\n0 ")?;
        let (count, _) = head.split_once('\n')?;
        let first = at + "xref\n0 ".len() + count.len() + 1;
        let entries = first..first + count.parse::<usize>().ok()?.checked_mul(ENTRY)?;
        let is_whole = pdf.get(entries.end..)?.starts_with(b"trailer\n");
        Some(Self { root: reference(pdf, entries.end, "/Root ")?, entries, start }).filter(|_| is_whole)
    }

    fn offset_of(&self, pdf: &[u8], object: usize) -> Option<usize> {
        let at = self.entries.start + object * ENTRY;
        let offset = str::from_utf8(pdf[self.entries.clone()].get(at - self.entries.start..)?.get(..10)?);
        let offset: usize = offset.ok()?.parse().ok()?;
        pdf.get(offset..)?.starts_with(format!("{object} 0 obj").as_bytes()).then_some(offset)
    }
}

/// A stream and the number that says how long it is.
struct Stream {
    length: Range<usize>,
    content: Range<usize>,
}

impl Stream {
    fn read(pdf: &[u8], at: usize) -> Option<Self> {
        let begin = find(pdf, at, "/Length ")? + "/Length ".len();
        let length = begin..begin + digits_at(pdf, begin);
        let size: usize = str::from_utf8(&pdf[length.clone()]).ok()?.parse().ok()?;
        let begin = find(pdf, length.end, "stream\n")? + "stream\n".len();
        let content = begin..begin.checked_add(size)?;
        let is_whole = pdf.get(content.end..)?.starts_with(b"\nendstream");
        is_whole.then_some(Self { length, content })
    }
}

/// The object that an entry of a dictionary refers to.
fn reference(pdf: &[u8], from: usize, name: &str) -> Option<usize> {
    let begin = find(pdf, from, name)? + name.len();
    str::from_utf8(&pdf[begin..begin + digits_at(pdf, begin)]).ok()?.parse().ok()
}

fn find(pdf: &[u8], from: usize, text: &str) -> Option<usize> {
    let at = pdf.get(from..)?.windows(text.len()).position(|window| window == text.as_bytes())?;
    Some(from + at)
}

fn digits_at(pdf: &[u8], at: usize) -> usize {
    pdf[at..].iter().take_while(|byte| byte.is_ascii_digit()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_of_another_form_is_not_changed() {
        for bytes in [&b""[..], b"startxref\n", b"startxref\n0\n%%EOF", b"%PDF-1.7\nstartxref\n99\n%%EOF"] {
            assert_eq!(with_factur_x(bytes, PROPERTIES.map(|(name, _)| (name, ""))), None);
        }
    }
}
