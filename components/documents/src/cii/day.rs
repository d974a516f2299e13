use crate::Date;
use crate::xml::Xml;

/// A day; 102 is the format `YYYYMMDD` in UNTDID 2379.
pub fn day(xml: &mut Xml, name: &str, date: Date) {
    xml.text_with(name, &[("format", "102")], &format!("{:04}{:02}{:02}", date.year, date.month, date.day));
}
