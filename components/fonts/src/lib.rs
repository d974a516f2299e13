//! Font files that an operator names, for letters that the built-in font lacks.
//!
//! A font for Chinese or Japanese has 5 to 30 MB, nearly all of it outlines of letters that a document does not have. So a file is
//! read by its tables: first those that say which letters there are and how they are placed, then the outlines of the glyphs in use.
//! Glyphs keep their numbers, and what is read is a font again.

mod assemble;
mod cff;
mod font_file;
mod glyf;
mod numbers;
mod subset;

use std::io;
use std::path::{Path, PathBuf};

pub use assemble::assemble;
pub use font_file::FontFile;

/// The most files of a folder.
pub const MAX_FILES: usize = 64;

/// The most bytes that are read of a font besides its outlines, and again with those of the glyphs in use.
pub const MAX_BYTES: usize = 4 << 20;

/// The tag of a table.
pub type Tag = [u8; 4];

/// What is wanted of each font.
const REQUIRED: [Tag; 5] = [*b"cmap", *b"head", *b"hhea", *b"hmtx", *b"maxp"];

/// Why a file is not used.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file cannot be read, or ends too early.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is not a font.
    #[error("it is not a TrueType or OpenType font (.ttf, .otf, .ttc)")]
    NoFont,
    /// A table is missing.
    #[error("the font has no table {}", String::from_utf8_lossy(.0).trim_end())]
    Missing(Tag),
    /// A table is not what the format says.
    #[error("the font's table {} is damaged, or of a kind that is not known here", String::from_utf8_lossy(.0).trim_end())]
    Damaged(Tag),
    /// More would be read than is allowed.
    #[error("more than {MAX_BYTES} bytes of the font would be read besides its outlines")]
    TooLarge,
}

/// The font files in a folder, in the order of their names.
pub fn files_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_font = |path: &Path| {
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        ["ttf", "otf", "ttc", "otc"].iter().any(|known| extension == *known)
    };
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if is_font(&path) {
            files.push(path);
        }
    }
    files.sort_unstable();
    Ok(files)
}

#[cfg(test)]
mod tests;
