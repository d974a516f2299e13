//! Fonts for tests: the built-in one with other letters, so that no font is kept here.

use std::fs;
use std::path::Path;

use skrifa::{FontRef, MetadataProvider as _, Tag};
use tempfile::TempDir;

/// A folder with a font of each weight, in which each of these letters looks like one of Latin.
pub fn folder(letters: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    add(folder.path(), "b-regular.ttf", notosans::REGULAR_TTF, letters);
    add(folder.path(), "a-bold.ttf", notosans::BOLD_TTF, letters);
    folder
}

pub fn add(folder: &Path, name: &str, from: &[u8], letters: &str) {
    let font = FontRef::new(from).unwrap();
    let tables = font.table_directory().table_records().iter().map(|record| {
        let tag = record.tag();
        (tag.to_be_bytes(), font.table_data(tag).unwrap().as_bytes().to_vec())
    });
    let mut tables: Vec<_> = tables.filter(|(tag, _)| Tag::new(tag) != Tag::new(b"cmap")).collect();
    let mut letters: Vec<_> = letters.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    let groups = letters.into_iter().zip('A'..='z').map(|(letter, looks_like)| {
        let glyph = font.charmap().map(looks_like).unwrap().to_u32();
        [u32::from(letter), u32::from(letter), glyph]
    });
    let groups: Vec<_> = groups.flatten().flat_map(u32::to_be_bytes).collect();
    // One table of 32 bits (format 12) for Unicode.
    let mut cmap = vec![0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0];
    cmap.extend(u32::try_from(16 + groups.len()).unwrap().to_be_bytes());
    cmap.extend([0; 4]);
    cmap.extend(u32::try_from(groups.len() / 12).unwrap().to_be_bytes());
    cmap.extend(groups);
    tables.push((*b"cmap", cmap));
    fs::write(folder.join(name), waybill_fonts::assemble(&tables)).unwrap();
}
