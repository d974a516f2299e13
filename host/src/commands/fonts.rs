//! `waybill fonts`: copies fonts of this machine into the folder that documents are made with, so that they stay the same whatever is
//! installed later (decision 55).

mod fontconfig;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use waybill_fonts::{MAX_FILES, files_in};

use self::fontconfig::{Wanted, found};
use crate::output;
use crate::settings::{FontsSettings, check_font};

/// Runs `waybill fonts`.
pub fn run(settings: &FontsSettings) -> anyhow::Result<()> {
    let FontsSettings::Add { names, fonts } = settings;
    // Nothing is copied unless everything is found.
    let mut files = Vec::new();
    for name in names {
        for file in found(&Wanted::named(name))? {
            check_font(&file).with_context(|| format!("{} cannot be used", file.display()))?;
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    fs::create_dir_all(fonts).with_context(|| format!("{} cannot be made", fonts.display()))?;
    let present = files_in(fonts).with_context(|| format!("{} cannot be read", fonts.display()))?;
    let mut new: Vec<NewFont> = Vec::new();
    for file in &files {
        let Some(font) = NewFont::of(file, fonts)? else { continue };
        let is_named_so = new.iter().any(|other| other.target == font.target);
        ensure!(!is_named_so, "{} has the name of another font that was found", file.display());
        new.push(font);
    }
    let has_room = present.len() + new.len() <= MAX_FILES;
    ensure!(has_room, "{} has {} fonts, and at most {MAX_FILES} are used", fonts.display(), present.len());
    for NewFont { target, bytes } in &new {
        // A process that reads the folder meanwhile finds the whole file or none.
        let part = target.with_extension("part");
        let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, target));
        written.with_context(|| format!("{} cannot be written", target.display()))?;
    }
    for file in files {
        let is_new = new.iter().any(|font| font.target.file_name() == file.file_name());
        output::notice(format_args!("{}  {}", if is_new { "added  " } else { "present" }, file.display()));
    }
    if !new.is_empty() && !present.is_empty() {
        output::remark(
            "Letters that another font of the folder has may be of a new one now, also in PDFs that are out. If you keep copies of \
             these, compare them.",
        );
    }
    Ok(())
}

/// A font that the folder does not have yet.
struct NewFont {
    target: PathBuf,
    bytes: Vec<u8>,
}

impl NewFont {
    /// `None` if the font is there already.
    fn of(file: &Path, folder: &Path) -> anyhow::Result<Option<Self>> {
        let read = |path: &Path| fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
        let name = file.file_name().with_context(|| format!("{} has no file name", file.display()))?;
        let (target, bytes) = (folder.join(name), read(file)?);
        if !target.exists() {
            return Ok(Some(Self { target, bytes }));
        }
        ensure!(
            read(&target)? == bytes,
            "{} is another version of {}, and PDFs that are out are made with it: keep it, or choose another folder with --fonts",
            target.display(),
            file.display()
        );
        Ok(None)
    }
}
