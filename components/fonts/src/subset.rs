use std::collections::BTreeSet;

use crate::{Fault, FontFile, MAX_BYTES, REQUIRED, Tag, assemble, cff, glyf};

/// What is read besides, where a font has it. Without the tables of variations, a variable font is its default.
const OPTIONAL: [Tag; 6] = [*b"GDEF", *b"GPOS", *b"GSUB", *b"OS/2", *b"name", *b"post"];

/// Those of them that are for placing letters, and not for drawing them.
const FOR_PLACING: [Tag; 4] = [*b"GDEF", *b"GPOS", *b"GSUB", *b"cmap"];

impl FontFile {
    /// Reads the font without the outlines of its glyphs.
    pub fn without_outlines(&self) -> Result<Vec<u8>, Fault> {
        Ok(assemble(&self.plain_tables(&[])?))
    }

    /// Reads the font with the outlines of these glyphs, and without what places them.
    pub fn with_outlines_of(&self, glyphs: &BTreeSet<u16>) -> Result<Vec<u8>, Fault> {
        let mut tables = self.plain_tables(&FOR_PLACING)?;
        if self.has(*b"glyf") {
            let (glyf, loca) = glyf::reduced(self, glyphs)?;
            if let Some((_, head)) = tables.iter_mut().find(|(tag, _)| tag == b"head") {
                // The positions of glyphs are numbers of four bytes.
                head.get_mut(50..52).ok_or(Fault::Damaged(*b"head"))?.copy_from_slice(&[0, 1]);
            }
            tables.extend([(*b"glyf", glyf), (*b"loca", loca)]);
        } else {
            tables.push((*b"CFF ", cff::reduced(self, glyphs)?));
        }
        Ok(assemble(&tables))
    }

    fn plain_tables(&self, but: &[Tag]) -> Result<Vec<(Tag, Vec<u8>)>, Fault> {
        let mut tables = Vec::new();
        let mut bytes = 0;
        for tag in REQUIRED.into_iter().chain(OPTIONAL).filter(|tag| self.has(*tag) && !but.contains(tag)) {
            bytes += self.length(tag)?;
            if bytes > MAX_BYTES {
                return Err(Fault::TooLarge);
            }
            tables.push((tag, self.whole(tag)?));
        }
        Ok(tables)
    }
}
