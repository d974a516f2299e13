use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use waybill_fonts::{Fault, FontFile, MAX_FILES, files_in};

#[derive(Args, Debug)]
#[command(next_help_heading = "Documents")]
pub struct FontSettings {
    /// Folder of fonts (.ttf, .otf, .ttc), for example /srv/fonts. PDFs have letters that the built-in font lacks in these: Chinese,
    /// Japanese, Korean, Arabic, Hebrew and others. Letters that none has are text to copy only, and the document says so
    #[arg(long, env = "WAYBILL_FONTS", value_name = "FOLDER", value_parser = folder)]
    pub fonts: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum FontsSettings {
    /// Copy fonts of this machine into a folder for --fonts, as fontconfig finds them: of each the regular and the bold one. Documents stay
    /// the same then, whatever is installed later. For example: waybill fonts add Japanese Arabic
    Add {
        /// Families, such as "Noto Sans CJK JP", or scripts: Arabic, Chinese, Hebrew, Japanese, Korean, Thai and others.
        #[arg(value_name = "NAME", required = true)]
        names: Vec<String>,
        /// The folder; it is made if there is none.
        #[arg(
            long,
            env = "WAYBILL_FONTS",
            value_name = "FOLDER",
            default_value = "fonts",
            help_heading = "Documents"
        )]
        fonts: PathBuf,
    },
}

/// Checks all fonts, so that a broken one is an error here and not a document without letters.
fn folder(text: &str) -> Result<PathBuf, String> {
    let folder = PathBuf::from(text);
    let files = files_in(&folder).map_err(|error| {
        format!("it must be a folder that can be read: {error}; an example is /srv/fonts")
    })?;
    match files.len() {
        0 => return Err("the folder has no fonts (.ttf, .otf, .ttc)".to_owned()),
        1..=MAX_FILES => {}
        count => return Err(format!("the folder has {count} fonts, and at most {MAX_FILES} are used")),
    }
    for file in files {
        check_font(&file).map_err(|fault| format!("{}: {fault}", file.display()))?;
    }
    Ok(folder)
}

/// Checks whether documents can have a font's letters.
pub fn check_font(file: &Path) -> Result<(), Fault> {
    let font = FontFile::open(file)?;
    font.without_outlines()?;
    // The sign for a missing letter is in every font.
    font.with_outlines_of(&BTreeSet::from([0]))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::folder;

    #[test]
    fn a_folder_without_fonts_or_with_a_broken_one_is_refused() {
        let here = tempfile::tempdir().unwrap();
        let refusal = || folder(here.path().to_str().unwrap()).unwrap_err();
        assert!(folder("/nowhere/at/all").unwrap_err().starts_with("it must be a folder that can be read: "));
        fs::write(here.path().join("README.txt"), "no font").unwrap();
        assert_eq!(refusal(), "the folder has no fonts (.ttf, .otf, .ttc)");
        fs::write(here.path().join("broken.otf"), [0; 100]).unwrap();
        assert!(
            refusal().ends_with("broken.otf: it is not a TrueType or OpenType font (.ttf, .otf, .ttc)"),
            "{}",
            refusal()
        );
        fs::remove_file(here.path().join("broken.otf")).unwrap();
        for number in 0..65 {
            fs::write(here.path().join(format!("{number}.ttf")), "").unwrap();
        }
        assert_eq!(refusal(), "the folder has 65 fonts, and at most 64 are used");
    }
}
