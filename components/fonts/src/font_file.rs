use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use crate::numbers::{u16_at, u32_at};
use crate::{Fault, MAX_BYTES, Tag, assemble, cff, glyf};

/// What is wanted of each font.
const REQUIRED: [Tag; 5] = [*b"cmap", *b"head", *b"hhea", *b"hmtx", *b"maxp"];

/// What is read besides, where a font has it. Without the tables of variations, a variable font is its default.
const OPTIONAL: [Tag; 6] = [*b"GDEF", *b"GPOS", *b"GSUB", *b"OS/2", *b"name", *b"post"];

/// Those of them that are for placing letters, and not for drawing them.
const FOR_PLACING: [Tag; 4] = [*b"GDEF", *b"GPOS", *b"GSUB", *b"cmap"];

/// The weight of fonts that do not say it.
const REGULAR: u16 = 400;

/// More tables than any font has.
const MAX_TABLES: usize = 256;

/// An open font file: of a collection, its first font.
#[derive(Debug)]
pub struct FontFile {
    file: File,
    tables: Vec<Table>,
}

#[derive(Clone, Copy, Debug)]
struct Table {
    tag: Tag,
    offset: u64,
    length: usize,
}

impl FontFile {
    /// Opens a file and reads what tables it has.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let file = File::open(path)?;
        let mut font = Self { file, tables: Vec::new() };
        let mut start = 0;
        let mut head = font.read(0, 16).map_err(|_| Fault::NoFont)?;
        if head.starts_with(b"ttcf") {
            start = u64::from(u32_at(&head, 12).ok_or(Fault::NoFont)?);
            head = font.read(start, 16)?;
        }
        if ![&b"\0\x01\0\0"[..], b"OTTO", b"true"].iter().any(|kind| head.starts_with(kind)) {
            return Err(Fault::NoFont);
        }
        let count = usize::from(u16_at(&head, 4).unwrap_or_default()).min(MAX_TABLES);
        let entries = font.read(start + 12, 16 * count)?;
        let size = font.file.metadata()?.len();
        for entry in entries.chunks_exact(16) {
            let tag = [entry[0], entry[1], entry[2], entry[3]];
            let (offset, length) =
                (u32_at(entry, 8).unwrap_or_default(), u32_at(entry, 12).unwrap_or_default());
            let (offset, end) = (u64::from(offset), u64::from(offset) + u64::from(length));
            if end > size {
                return Err(Fault::Damaged(tag));
            }
            font.tables.push(Table { tag, offset, length: usize::try_from(length).unwrap_or(usize::MAX) });
        }
        for tag in REQUIRED {
            font.table(tag)?;
        }
        if font.has(*b"glyf") {
            font.table(*b"loca")?;
        } else {
            font.table(*b"CFF ")?;
        }
        Ok(font)
    }

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

    /// The weight: 400 is regular, 700 is bold.
    pub fn weight(&self) -> u16 {
        let head = self.part(*b"OS/2", 0, 6);
        head.ok().and_then(|head| u16_at(&head, 4)).unwrap_or(REGULAR)
    }

    fn plain_tables(&self, but: &[Tag]) -> Result<Vec<(Tag, Vec<u8>)>, Fault> {
        let mut tables = Vec::new();
        let mut bytes = 0;
        for tag in REQUIRED.into_iter().chain(OPTIONAL).filter(|tag| self.has(*tag) && !but.contains(tag)) {
            bytes += self.table(tag)?.length;
            if bytes > MAX_BYTES {
                return Err(Fault::TooLarge);
            }
            tables.push((tag, self.whole(tag)?));
        }
        Ok(tables)
    }

    fn has(&self, tag: Tag) -> bool {
        self.table(tag).is_ok()
    }

    fn table(&self, tag: Tag) -> Result<Table, Fault> {
        self.tables.iter().find(|table| table.tag == tag).copied().ok_or(Fault::Missing(tag))
    }

    pub(crate) fn length(&self, tag: Tag) -> Result<usize, Fault> {
        Ok(self.table(tag)?.length)
    }

    /// A whole table.
    pub(crate) fn whole(&self, tag: Tag) -> Result<Vec<u8>, Fault> {
        self.part(tag, 0, self.table(tag)?.length)
    }

    /// A part of a table.
    pub(crate) fn part(&self, tag: Tag, from: usize, length: usize) -> Result<Vec<u8>, Fault> {
        let table = self.table(tag)?;
        if from.checked_add(length).is_none_or(|end| end > table.length) {
            return Err(Fault::Damaged(tag));
        }
        self.read(table.offset + from as u64, length)
    }

    fn read(&self, from: u64, length: usize) -> Result<Vec<u8>, Fault> {
        if length > MAX_BYTES {
            return Err(Fault::TooLarge);
        }
        let mut file = &self.file;
        file.seek(SeekFrom::Start(from))?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
