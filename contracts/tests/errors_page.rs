//! `docs/errors.md` explains the problems that answers can have, all of them and no other.
//!
//! `WAYBILL_WRITE_CONTRACTS=1 cargo test --package waybill-contracts` writes it anew.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use waybill_contracts::{PROBLEM_KINDS, ProblemKind};

const BEGIN: &str =
    "<!-- problems: made by WAYBILL_WRITE_CONTRACTS=1 cargo test --package waybill-contracts -->\n";
const END: &str = "<!-- end of problems -->\n";

/// The folders of the code that answers requests.
const SOURCES: [&str; 4] =
    ["host/src", "components/service/src", "components/orders/src", "components/invoices/src"];

/// Statuses of answers that are no problems, and, last, of what others answer.
const NO_PROBLEMS: [&str; 7] =
    ["OK", "CREATED", "ACCEPTED", "NO_CONTENT", "SEE_OTHER", "TOO_MANY_REQUESTS", "BAD_GATEWAY"];

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_page_has_a_section_for_each_problem() -> Result<()> {
    let file = project().join("docs/errors.md");
    let text = fs::read_to_string(&file)?;
    let (before, rest) = text.split_once(BEGIN).context("the page has the problems' begin")?;
    let (present, after) = rest.split_once(END).context("the page has the problems' end")?;
    let section = |kind: &ProblemKind| {
        format!(
            "\n## {} {}\n\n{}\n\n**What to do.** {}\n",
            kind.status, kind.title, kind.when, kind.what_to_do
        )
    };
    let sections = PROBLEM_KINDS.iter().map(section).collect::<String>() + "\n";
    if env::var_os("WAYBILL_WRITE_CONTRACTS").is_some() {
        fs::write(&file, [before, BEGIN, &sections, END, after].concat())?;
        return Ok(());
    }
    ensure!(
        present == sections,
        "problems have changed: write the page anew by WAYBILL_WRITE_CONTRACTS=1 cargo test --package waybill-contracts"
    );
    Ok(())
}

/// A page on GitHub names its headings by the same rule.
#[test]
fn the_help_of_a_problem_leads_to_its_section() -> Result<()> {
    let text = fs::read_to_string(project().join("docs/errors.md"))?;
    let headings = text.lines().filter_map(|line| line.strip_prefix("## "));
    let headings: BTreeSet<String> =
        headings.map(|heading| heading.to_lowercase().replace(' ', "-")).collect();
    for kind in &PROBLEM_KINDS {
        let help = kind.help();
        let (page, heading) = help.split_once('#').context("no heading")?;
        ensure!(page.ends_with("/docs/errors.md") && headings.contains(heading), "{help}");
    }
    Ok(())
}

#[test]
fn each_documented_answer_has_a_section_and_is_in_the_order_of_the_statuses() -> Result<()> {
    ensure!(PROBLEM_KINDS.is_sorted_by_key(|kind| kind.status));
    for name in ["orders", "invoices"] {
        let file = project().join(format!("contracts/openapi/{name}.json"));
        let document: Value = serde_json::from_str(&fs::read_to_string(file)?)?;
        let paths = document["paths"].as_object().context("no paths")?;
        let operations = paths.values().filter_map(Value::as_object).flat_map(|path| path.values());
        for status in
            operations.filter_map(|it| it["responses"].as_object()).flat_map(|responses| responses.keys())
        {
            let status: u16 = status.parse()?;
            ensure!(
                status < 400 || ProblemKind::of(status).is_some(),
                "{name}: no section explains {status}"
            );
        }
    }
    Ok(())
}

#[test]
fn each_problem_that_the_code_makes_has_a_section_and_no_section_is_of_another() -> Result<()> {
    let mut text = String::new();
    for folder in SOURCES {
        read(&project().join(folder), &mut text)?;
    }
    let known: Vec<String> =
        PROBLEM_KINDS.iter().map(|kind| kind.title.to_uppercase().replace(' ', "_")).collect();
    for after in text.split("StatusCode::").skip(1) {
        let end = after.find(|it: char| it != '_' && !it.is_ascii_uppercase()).unwrap_or(after.len());
        let name = &after[..end];
        let is_known = name.is_empty() || NO_PROBLEMS.contains(&name) || known.iter().any(|it| it == name);
        ensure!(is_known, "no section explains {name}");
    }
    for name in &known {
        ensure!(text.contains(&format!("StatusCode::{name}")), "no answer is {name}");
    }
    Ok(())
}

fn read(folder: &Path, into: &mut String) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            read(&path, into)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(&path)?);
        }
    }
    Ok(())
}
