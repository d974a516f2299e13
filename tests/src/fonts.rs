use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::skip;

/// Fonts of the system's packages, with Arabic and Hebrew letters, and with Chinese and Japanese letters.
const FONTS: [&str; 2] = [
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
];

/// A folder with fonts of other scripts than the built-in one has. `None`, and the test is skipped, where they are not installed.
pub fn fonts() -> Result<Option<TempDir>> {
    let folder = tempfile::tempdir()?;
    for font in FONTS.map(Path::new) {
        if !font.exists() {
            skip(&format!("there is no {}", font.display()));
            return Ok(None);
        }
        fs::copy(font, folder.path().join(font.file_name().context("the font has a name")?))?;
    }
    Ok(Some(folder))
}
