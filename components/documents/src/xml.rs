use std::borrow::Cow;
use std::io::Result;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

/// An XML document under construction in memory, where writing cannot fail.
pub struct Xml {
    writer: Writer<Vec<u8>>,
}

impl Xml {
    /// Starts a document with this root element and these attributes.
    pub fn document(root: &str, attributes: &[(&str, &str)], content: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut xml = Self { writer: Writer::new_with_indent(Vec::new(), b' ', 1) };
        xml.write(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        xml.enclose(root, attributes, content);
        let mut bytes = xml.writer.into_inner();
        bytes.push(b'\n');
        bytes
    }

    /// Writes an element with child elements.
    pub fn group(&mut self, name: &str, content: impl FnOnce(&mut Self)) {
        self.enclose(name, &[], content);
    }

    /// Writes an element with a text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.text_with(name, &[], text);
    }

    /// Writes an element if there is a text.
    pub fn optional(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.text(name, text);
        }
    }

    /// Writes an element with attributes and a text.
    pub fn text_with(&mut self, name: &str, attributes: &[(&str, &str)], text: &str) {
        self.enclose(name, attributes, |xml| xml.write(Event::Text(BytesText::new(&allowed(text)))));
    }

    /// Writes an identifier, with its scheme if that is known.
    pub fn identifier(&mut self, name: &str, scheme: Option<&str>, id: &str) {
        match scheme {
            Some(scheme) => self.text_with(name, &[("schemeID", scheme)], id),
            None => self.text(name, id),
        }
    }

    fn enclose(&mut self, name: &str, attributes: &[(&str, &str)], content: impl FnOnce(&mut Self)) {
        let attributes: Vec<_> = attributes.iter().map(|(name, value)| (*name, allowed(value))).collect();
        let start = BytesStart::new(name)
            .with_attributes(attributes.iter().map(|(name, value)| (*name, value.as_ref())));
        self.write(Event::Start(start));
        content(self);
        self.write(Event::End(BytesEnd::new(name)));
    }

    fn write(&mut self, event: Event<'_>) {
        let written: Result<()> = self.writer.write_event(event);
        written.expect("memory takes every byte");
    }
}

/// Replaces characters that XML 1.0 (section 2.2) cannot represent.
fn allowed(text: &str) -> Cow<'_, str> {
    let is_unrepresentable = |character: char| matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    if text.contains(is_unrepresentable) {
        text.replace(is_unrepresentable, "\u{fffd}").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::Xml;

    #[test]
    fn a_character_that_xml_does_not_have_is_replaced_in_texts_and_attributes() {
        let xml = Xml::document("a", &[], |xml| xml.text_with("b", &[("c", "x\u{ffff}&")], "\u{1}y"));
        let text = String::from_utf8(xml).unwrap();
        assert!(text.contains("<b c=\"x\u{fffd}&amp;\">\u{fffd}y</b>"), "{text}");
    }
}
