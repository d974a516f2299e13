use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use crate::numbers::{u16_at, u32_at};
use crate::{Fault, MAX_BYTES, REQUIRED, Tag};

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

    /// The weight: 400 is regular, 700 is bold.
    pub fn weight(&self) -> u16 {
        let head = self.part(*b"OS/2", 0, 6);
        head.ok().and_then(|head| u16_at(&head, 4)).unwrap_or(REGULAR)
    }

    pub(crate) fn has(&self, tag: Tag) -> bool {
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
