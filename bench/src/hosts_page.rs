//! The table of `docs/hosts.md`.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use anyhow::{Context as _, Result};

use crate::report::Report;

/// What is measured, as the page heads its columns.
pub const KEPT: &str = "behaviours kept";
pub const POSTS: &str = "POST per s";
pub const POST_CPU: &str = "POST CPU ms";
pub const GETS: &str = "GET per s";
pub const GET_CPU: &str = "GET CPU ms";
pub const MEMORY: &str = "MiB after it";
pub const COLD_START: &str = "start to 201 s";

/// A host that is not measured, and why.
#[derive(Clone, Debug)]
pub struct Absent {
    pub name: &'static str,
    pub reason: String,
}

/// Asks for the page to be written, as for all pages that are made by programs.
const ASKED: &str = "WAYBILL_WRITE_DOCS";

const BEGIN: &str = "<!-- measured by `cargo xtask bench hosts` -->\n";
const END: &str = "<!-- the end of what was measured -->\n";

/// Each column, with its digits after the point.
const COLUMNS: [(&str, usize); 7] =
    [(KEPT, 0), (POSTS, 0), (POST_CPU, 2), (GETS, 0), (GET_CPU, 2), (MEMORY, 0), (COLD_START, 2)];

/// Replaces the table if `WAYBILL_WRITE_DOCS` is set.
pub fn write_if_asked(
    report: &Report,
    names: &[&str],
    absent: &[Absent],
    rounds: usize,
    seconds: u32,
) -> Result<()> {
    if env::var_os(ASKED).is_none() {
        println!("docs/hosts.md stays as it is; {ASKED}=1 writes this table into it");
        return Ok(());
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/hosts.md");
    let page = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let page = with_table(&page, &table(report, names, absent, rounds, seconds)?)?;
    fs::write(&file, page).with_context(|| file.display().to_string())
}

fn with_table(page: &str, table: &str) -> Result<String> {
    let (before, rest) = page.split_once(BEGIN).context("the page has no place for the table")?;
    let (_, after) = rest.split_once(END).context("the place for the table has no end")?;
    Ok(format!("{before}{BEGIN}\n{table}\n{END}{after}"))
}

fn table(report: &Report, names: &[&str], absent: &[Absent], rounds: usize, seconds: u32) -> Result<String> {
    let mut text = String::from("| |");
    for (column, _) in COLUMNS {
        write!(text, " {column} |")?;
    }
    writeln!(text, "\n|---|{}", "---:|".repeat(COLUMNS.len()))?;
    for &name in names {
        write!(text, "| {name} |")?;
        let is_absent = absent.iter().any(|absent| absent.name == name);
        for (column, digits) in COLUMNS {
            match report.of(name, column) {
                Some(found) => write!(text, " {:.digits$} |", found.median)?,
                None if is_absent && column == KEPT => write!(text, " not here |")?,
                None => write!(text, " |")?,
            }
        }
        writeln!(text)?;
    }
    writeln!(text, "\nMedians of rounds: {rounds}, of {seconds} s for each load.")?;
    for Absent { name, reason } in absent {
        writeln!(text, "{name}: {reason}.")?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    const NAMES: [&str; 2] = ["own host, WASI 0.2", "Spin, WASI 0.2"];

    #[test]
    fn hosts_that_are_not_here_have_a_row_and_a_reason_and_the_rest_of_the_page_stays() {
        let mut report = Report::new("", "");
        report.add(NAMES[0], &[(KEPT.to_owned(), 30.0), (POST_CPU.to_owned(), 0.07)]);
        report.add(NAMES[0], &[(POST_CPU.to_owned(), 0.09)]);
        let absent = [Absent { name: NAMES[1], reason: "no program".to_owned() }];
        let page = format!("before\n{BEGIN}old\n{END}after\n");
        let page = with_table(&page, &table(&report, &NAMES, &absent, 2, 5).unwrap()).unwrap();
        assert!(page.starts_with("before\n") && page.ends_with("after\n") && !page.contains("old"), "{page}");
        assert!(page.contains("| own host, WASI 0.2 | 30 | | 0.09 |"), "{page}");
        assert!(
            page.contains("| Spin, WASI 0.2 | not here |") && page.contains("Spin, WASI 0.2: no program."),
            "{page}"
        );
        let again = with_table(&page, &table(&report, &NAMES, &absent, 2, 5).unwrap()).unwrap();
        assert_eq!(again, page);
        assert!(with_table("nothing", "").is_err());
    }
}
