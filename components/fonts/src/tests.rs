use std::collections::BTreeSet;
use std::fs;

use tempfile::TempDir;

use super::*;
use crate::numbers::{u16_at, u32_at};

fn opened(bytes: &[u8]) -> (TempDir, Result<FontFile, Fault>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("font.ttf");
    fs::write(&path, bytes).unwrap();
    let font = FontFile::open(&path);
    (folder, font)
}

/// A table of a font.
fn table(font: &[u8], tag: Tag) -> &[u8] {
    let count = usize::from(u16_at(font, 4).unwrap());
    let entries = font[12..].chunks(16).take(count);
    let entry = entries.into_iter().find(|entry| entry.starts_with(&tag)).unwrap();
    let number = |at| u32_at(entry, at).unwrap() as usize;
    &font[number(8)..number(8) + number(12)]
}

#[test]
fn fonts_are_found_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.OTF", "a.ttf", "c.ttc", "README", "d.woff2"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    let names: Vec<_> = files_in(folder.path()).unwrap();
    let names: Vec<_> = names.iter().map(|path| path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["a.ttf", "b.OTF", "c.ttc"]);
    assert!(files_in(&folder.path().join("missing")).is_err());
}

#[test]
fn a_font_is_read_without_outlines_and_with_some() {
    let (_folder, font) = opened(notosans::REGULAR_TTF);
    let font = font.unwrap();
    let bare = font.without_outlines().unwrap();
    assert!(bare.len() < notosans::REGULAR_TTF.len());
    assert_eq!(table(&bare, *b"cmap"), table(notosans::REGULAR_TTF, *b"cmap"));
    assert!(opened(&bare).1.is_err_and(|fault| matches!(fault, Fault::Missing(_))));

    let glyphs = BTreeSet::from([0, 36, 300]);
    let reduced = font.with_outlines_of(&glyphs).unwrap();
    assert!(reduced.len() < bare.len());
    let loca = |font: &[u8], glyph: usize| u32_at(table(font, *b"loca"), 4 * glyph).unwrap() as usize;
    let count = usize::from(u16_at(table(&reduced, *b"maxp"), 4).unwrap());
    assert_eq!(loca(&reduced, count), table(&reduced, *b"glyf").len());
    let outline = |font: &[u8], glyph: usize| {
        let table = table(font, *b"glyf");
        table[loca(font, glyph)..loca(font, glyph + 1)].to_vec()
    };
    let is_long = table(notosans::REGULAR_TTF, *b"head")[51] == 1;
    assert!(is_long || table(&reduced, *b"head")[51] == 1);
    for glyph in glyphs {
        assert!(!outline(&reduced, glyph.into()).is_empty() || glyph == 0, "{glyph}");
    }
    assert!(outline(&reduced, 37).is_empty(), "it is not in use");
}

#[test]
fn an_outline_comes_with_those_that_it_is_composed_of() {
    let (_folder, font) = opened(notosans::REGULAR_TTF);
    let font = font.unwrap();
    let composed = (1..600).find_map(|glyph| {
        let reduced = font.with_outlines_of(&BTreeSet::from([glyph])).unwrap();
        let loca = table(&reduced, *b"loca");
        let full =
            (0..loca.len() / 4 - 1).filter(|at| u32_at(loca, 4 * at) < u32_at(loca, 4 * at + 4)).count();
        (full > 1).then_some(full)
    });
    assert!(composed.is_some(), "a letter with a mark is composed of two");
}

#[test]
fn what_is_no_font_is_refused() {
    for bytes in [&b""[..], b"wOF2 and much more than sixteen bytes", b"\0\x01\0\0\0\x01\0\0\0\0\0\0"] {
        assert!(matches!(opened(bytes).1, Err(Fault::NoFont)), "{bytes:?}");
    }
    let half = &notosans::REGULAR_TTF[..notosans::REGULAR_TTF.len() / 2];
    assert!(matches!(opened(half).1, Err(Fault::Damaged(_))));
    assert!(matches!(opened(&assemble(&[(*b"cmap", vec![0; 4])])).1, Err(Fault::Missing(_))));
}

/// A font whose outlines are `PostScript`, with what is private to it behind them.
fn cff() -> Vec<u8> {
    const GLYPHS: [&[u8]; 3] = [&[14], &[139, 139, 21, 14], &[140; 400]];
    let number = |value: usize| [&[29][..], &u32::try_from(value).unwrap().to_be_bytes()].concat();
    let index = |items: &[&[u8]]| {
        let mut bytes = vec![0, u8::try_from(items.len()).unwrap(), 2];
        let mut offset = 1_u16;
        bytes.extend(offset.to_be_bytes());
        for item in items {
            offset += u16::try_from(item.len()).unwrap();
            bytes.extend(offset.to_be_bytes());
        }
        bytes.extend(items.concat());
        bytes
    };
    let outlines = index(&GLYPHS);
    let begin = [vec![1, 0, 4, 2], index(&[b"Test"])].concat();
    let top = |glyphs: usize, private: usize| {
        [number(glyphs), vec![17], vec![139 + 2], number(private), vec![18]].concat()
    };
    let rest = [vec![0, 0], vec![0, 0]].concat();
    let glyphs = begin.len() + index(&[&top(0, 0)]).len() + rest.len();
    let top = index(&[&top(glyphs, glyphs + outlines.len())]);
    [begin, top, rest, outlines, b"##".to_vec()].concat()
}

#[test]
fn outlines_of_postscript_are_left_out_and_what_is_behind_them_is_found() {
    let tables = [*b"cmap", *b"head", *b"hhea", *b"hmtx", *b"maxp"];
    let mut tables: Vec<_> =
        tables.map(|tag| (tag, table(notosans::REGULAR_TTF, tag).to_vec())).into_iter().collect();
    tables.push((*b"CFF ", cff()));
    let (_folder, font) = opened(&assemble(&tables));
    let reduced = font.unwrap().with_outlines_of(&BTreeSet::from([1])).unwrap();
    assert!(reduced.starts_with(b"OTTO"));
    let cff = table(&reduced, *b"CFF ");
    let private = cff.windows(6).find(|window| window[0] == 29 && window[5] == 18).unwrap();
    let private = u32_at(private, 1).unwrap() as usize;
    assert_eq!(&cff[private..], b"##");
    assert!(cff.len() < 100, "{} bytes", cff.len());
    assert!(cff.windows(4).any(|window| window == [139, 139, 21, 14]), "the glyph in use is there");
}
