//! An electronic invoice inside of the PDF: Factur-X 1.0, which is also `ZUGFeRD` 2.

use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};

use super::{Fonts, Unwritten, date_time, written, xmp};
use crate::{Document, Language};

/// An invoice in the syntax of UN/CEFACT (CII), which the PDF shows.
#[derive(Clone, Copy, Debug)]
pub struct Attachment<'a> {
    /// The XML.
    pub content: &'a [u8],
    /// What the XML has.
    pub profile: Profile,
}

/// A profile of Factur-X.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Head and sums.
    Minimum,
    /// All but the lines.
    BasicWithoutLines,
    /// With lines, and less than EN 16931 has.
    Basic,
    /// All of EN 16931.
    En16931,
    /// More than EN 16931.
    Extended,
    /// XRechnung, of which `ZUGFeRD` makes a profile of its own: all of EN 16931 by Germany's rules.
    XRechnung,
}

impl Profile {
    /// The profile's name in the metadata.
    fn name(self) -> &'static str {
        match self {
            Self::Minimum => "MINIMUM",
            Self::BasicWithoutLines => "BASIC WL",
            Self::Basic => "BASIC",
            Self::En16931 => "EN 16931",
            Self::Extended => "EXTENDED",
            Self::XRechnung => "XRECHNUNG",
        }
    }

    /// The name of the file, by which readers find it.
    fn file_name(self) -> &'static str {
        match self {
            Self::XRechnung => "xrechnung.xml",
            _ => "factur-x.xml",
        }
    }

    /// The version of what the profile is defined by: Factur-X itself, or XRechnung.
    fn version(self) -> &'static str {
        match self {
            Self::XRechnung => "3.0",
            _ => "1.0",
        }
    }

    /// The properties by which readers know the embedded invoice.
    fn properties(self) -> [(&'static str, &'static str); 4] {
        [
            ("DocumentType", "INVOICE"),
            ("DocumentFileName", self.file_name()),
            ("Version", self.version()),
            ("ConformanceLevel", self.name()),
        ]
    }

    /// Without lines the XML is not an invoice of its own, but data of the PDF.
    fn relationship(self) -> AssociationKind {
        match self {
            Self::Minimum | Self::BasicWithoutLines => AssociationKind::Data,
            Self::Basic | Self::En16931 | Self::Extended | Self::XRechnung => AssociationKind::Alternative,
        }
    }
}

/// Writes the document with an electronic invoice in it. As with [`super::render`], equal input gives equal bytes.
pub fn render_with_attachment(
    document: &Document,
    language: Language,
    attachment: &Attachment<'_>,
    fonts: Fonts<'_>,
) -> Result<Vec<u8>, Unwritten> {
    let Attachment { content, profile } = *attachment;
    let embed = |pdf: &mut krilla::Document| {
        let file = EmbeddedFile {
            path: profile.file_name().to_owned(),
            mime_type: MimeType::new("text/xml"),
            description: Some(format!("Factur-X {}", profile.name())),
            association_kind: profile.relationship(),
            data: content.to_vec().into(),
            modification_date: Some(date_time(document.issued_on)),
            compress: Some(true),
            location: None,
        };
        // Only a second file of the same name would be refused.
        let _ = pdf.embed_file(file);
    };
    let bytes = written(document, language, fonts, embed)?;
    xmp::with_factur_x(&bytes, profile.properties()).ok_or(Unwritten::Metadata)
}
