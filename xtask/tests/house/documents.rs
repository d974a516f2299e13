//! Rules of documents: the site has every page, pictures are there, and commands say what runs them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{found_below, root};

/// The parts of the documentation, in their order.
const PARTS: [&str; 5] = ["# Waybill", "# Tutorial", "# How-to", "# Reference", "# Explanation"];

#[test]
fn the_summary_names_every_page_once() {
    let docs = root().join("docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    let named: Vec<&str> = summary
        .split("](")
        .skip(1)
        .filter_map(|part| part.split(')').next())
        .filter(|it| !it.is_empty())
        .collect();
    let unique: BTreeSet<&str> = named.iter().copied().collect();
    assert_eq!(named.len(), unique.len(), "a page is named twice in docs/SUMMARY.md: {named:#?}");
    let pages: Vec<String> = documents()
        .iter()
        .filter_map(|path| path.strip_prefix(&docs).ok())
        .map(|path| path.display().to_string())
        .filter(|path| path != "SUMMARY.md")
        .collect();
    let pages: BTreeSet<&str> = pages.iter().map(String::as_str).collect();
    let missing: Vec<_> = pages.difference(&unique).collect();
    assert!(missing.is_empty(), "pages that docs/SUMMARY.md does not name: {missing:#?}");
    let unknown: Vec<_> = unique.difference(&pages).collect();
    assert!(unknown.is_empty(), "docs/SUMMARY.md names what is not there: {unknown:#?}");
    let parts: Vec<&str> = summary.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(parts, PARTS);
}

/// A block of commands has a comment in the line before it: `<!-- run by tests/….rs -->`, where that file names the document, or
/// `<!-- not run: why -->`.
#[test]
fn commands_say_which_test_runs_them_or_why_none_does() {
    let mut faults = Vec::new();
    for path in documents() {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for (number, _) in lines.iter().enumerate().filter(|(_, line)| line.trim() == "```sh") {
            let before = number.checked_sub(1).map_or("", |before| lines[before]);
            if let Err(fault) = check_mark(before, &name) {
                faults.push(format!("{name}:{}: {fault}", number + 1));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

fn check_mark(line: &str, document: &str) -> Result<(), String> {
    let comment = line.trim().strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->"));
    let comment = comment.ok_or("no comment says which test runs these commands, or why none does")?;
    if let Some(reason) = comment.strip_prefix("not run: ") {
        return if reason.is_empty() { Err("no reason".to_owned()) } else { Ok(()) };
    }
    let named = comment.strip_prefix("run by ").ok_or_else(|| format!("`{comment}` says neither"))?;
    let file = named.split(',').next().unwrap_or_default();
    let text = fs::read_to_string(root().join(file)).map_err(|error| format!("{file}: {error}"))?;
    if text.contains(document) { Ok(()) } else { Err(format!("{file} does not name {document}")) }
}

#[test]
fn a_wrong_mark_is_found() {
    let own = "xtask/tests/house/documents.rs";
    assert_eq!(check_mark("<!-- not run: needs Docker -->", "README.md"), Ok(()));
    assert_eq!(check_mark(&format!("<!-- run by {own}, on free ports -->"), "docs/some-page.md"), Ok(()));
    let other = ["docs/other", ".md"].concat();
    for line in
        ["", "<!-- not run -->", "<!-- run by tests/none.rs -->", &format!("<!-- run by {own} -->"), "text"]
    {
        assert!(check_mark(line, &other).is_err(), "{line}");
    }
}

/// Pictures in HTML, which the check of links does not see.
#[test]
fn pictures_are_there() {
    let mut missing = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        for before in ["src=\"", "srcset=\""] {
            let targets = text.split(before).skip(1).filter_map(|part| part.split('"').next());
            let local = targets.filter(|it| !it.contains("://"));
            missing.extend(
                local
                    .filter(|target| !path.parent().unwrap().join(target).exists())
                    .map(|target| format!("{}: {target}", path.display())),
            );
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

fn documents() -> Vec<PathBuf> {
    found_below(&root(), &|path: &Path| path.extension().is_some_and(|extension| extension == "md"))
}
