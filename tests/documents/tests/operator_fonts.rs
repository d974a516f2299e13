//! Documents in fonts that operators have.

use anyhow::{Context as _, Result, ensure};
use waybill_documents::example::{invoice, line};
use waybill_documents::pdf::{self, Fonts};
use waybill_documents::{Bill, Document, Language};
use waybill_tests::fonts;

fn named(name: &str) -> Document {
    let mut document = invoice();
    document.customer.name = Some(name.to_owned());
    document
}

/// The text without spaces: the reader adds some between pieces.
fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

/// What the PDF shows, in the order of reading.
fn text(document: &Document, fonts: Fonts<'_>) -> Result<String> {
    let pdf = lopdf::Document::load_mem(&pdf::render(document, Language::En, fonts)?)?;
    let pages: Vec<_> = pdf.get_pages().into_keys().collect();
    Ok(pdf.extract_text(&pages)?.replace('\n', ""))
}

#[test]
fn names_in_other_scripts_are_written_and_read_again() -> Result<()> {
    let Some(folder) = fonts()? else { return Ok(()) };
    let fonts = Fonts::in_folder(folder.path());
    for name in [
        "株式会社山田商店",
        "深圳市腾讯有限公司",
        "شركة النور للتجارة",
        "مؤسَّسة",
        "שלום ושות׳ בע״מ",
        "שלום (Israel) Ltd 42",
    ] {
        let text = text(&named(name), fonts)?;
        ensure!(dense(&text).contains(&dense(name)), "{name} is not in {text}");
        ensure!(!text.contains("stands for letters"), "{text}");
    }
    Ok(())
}

#[test]
fn arabic_letters_are_joined() -> Result<()> {
    let Some(folder) = fonts()? else { return Ok(()) };
    let glyphs = |name: &str| -> Result<usize> {
        let pdf = pdf::render(&named(name), Language::En, Fonts::in_folder(folder.path()))?;
        let pdf = lopdf::Document::load_mem(&pdf)?;
        let mut widths = pdf.objects.values().filter_map(|object| {
            let font = object.as_dict().ok()?;
            let descriptor = font.get(b"BaseFont").ok()?.as_name().ok()?;
            let is_other = descriptor.ends_with(b"DejaVuSans") && font.has(b"W");
            is_other.then(|| font.get(b"W").ok()?.as_array().ok())?
        });
        let widths = widths.next_back().with_context(|| format!("{name} is in no font of its own"))?;
        // Ranges of glyphs of one width: first, last, width.
        widths.chunks(3).try_fold(0, |count, range| {
            Ok(count + usize::try_from(range[1].as_i64()? - range[0].as_i64()? + 1)?)
        })
    };
    // Three times the same letter: at the beginning, in the middle and at the end of a word it has another form.
    ensure!(glyphs("ببب")? == glyphs("ب")? + 2);
    ensure!(glyphs("ששש")? == glyphs("ש")?);
    Ok(())
}

#[test]
fn long_texts_break_into_lines() -> Result<()> {
    let Some(folder) = fonts()? else { return Ok(()) };
    let words = "東京都千代田区丸の内一丁目の印刷用紙、".repeat(12);
    let lines = [line("紙", &words, 1, 100, 1900)];
    let document = Document { bill: Bill::of_stored_lines(119, &lines), ..invoice() };
    let text = text(&document, Fonts::in_folder(folder.path()))?;
    // Between the first lines are the numbers of the row.
    let letters: String = text.chars().filter(|character| *character >= '\u{3000}').collect();
    ensure!(letters.contains(&words), "{text}");
    Ok(())
}
