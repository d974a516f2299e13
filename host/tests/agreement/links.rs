//! Links of documents: to a file that is there, and to a heading that it has.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use regex::Regex;

use crate::files::{Files, project};

/// Every link within the project leads somewhere.
pub fn within_the_project(files: &Files, faults: &mut Vec<String>) {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    for (name, text) in &files.documents {
        for found in link.captures_iter(&without_code(text)) {
            let target = &found[1];
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (path, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if path.is_empty() { name.clone() } else { beside(name, path) };
            if !project().join(&file).exists() {
                faults.push(format!("{name}: there is no {target}"));
                continue;
            }
            let is_there = files.document(&file).is_none_or(|text| headings(text).contains(heading));
            if !heading.is_empty() && !is_there {
                faults.push(format!("{name}: no heading of {file} is {target}"));
            }
        }
    }
}

fn without_code(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The path from the project's folder of what a document names from its own.
fn beside(document: &str, path: &str) -> String {
    let mut all = PathBuf::new();
    for part in Path::new(document).parent().unwrap().join(path).components() {
        match part {
            Component::ParentDir => {
                all.pop();
            }
            part => all.push(part),
        }
    }
    all.display().to_string()
}

/// The names by which headings are linked to.
fn headings(text: &str) -> BTreeSet<String> {
    let text = without_code(text);
    let lines = text.lines().filter(|line| line.starts_with('#'));
    let name = |line: &str| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
        kept.map(|it| if it == ' ' { '-' } else { it }).collect()
    };
    lines.map(name).collect()
}

#[tokio::test]
async fn every_link_of_a_document_leads_somewhere() {
    let files = Files::read().await;
    let of = |files: &Files| {
        let mut faults = Vec::new();
        within_the_project(files, &mut faults);
        faults
    };
    assert!(of(&files).is_empty(), "{:#?}", of(&files));
    for (from, to) in
        [("(docs/api.md)", "(docs/apis.md)"), ("(docs/console.md#traces)", "(docs/console.md#spans)")]
    {
        let changed = files.changed("README.md", from, to).unwrap();
        assert_eq!(of(&changed).len(), 1, "{to}");
    }
}
