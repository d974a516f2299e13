//! Blocks of commands, and the answers that documents show.

use anyhow::{Result, ensure};
use serde_json::Value;

/// The comment before a block that is to be run here.
const MARK: &str = "<!-- run by tests/tests/end_to_end/documents.rs -->\n```sh\n";

/// Commands, and what they have to print.
pub(super) struct Block {
    pub(super) commands: String,
    answer: Option<Shown>,
}

enum Shown {
    Json(Value),
    Text(Vec<String>),
}

impl Block {
    /// The blocks of a part of a document that are to be run.
    pub(super) fn all(text: &str) -> Result<Vec<Self>> {
        let mut blocks = Vec::new();
        for part in text.split(MARK).skip(1) {
            let (commands, after) = part.split_once("```\n").unwrap_or((part, ""));
            // What is shown between these commands and the next ones.
            let after = after.split("```sh\n").next().unwrap_or_default();
            let inside = |kind: &str| Some(after.split_once(kind)?.1.split_once("```")?.0);
            let answer = if let Some(json) = inside("```json\n") {
                // `…` at the end of an object stands for other members.
                Some(Shown::Json(serde_json::from_str(&json.replace(", …", ""))?))
            } else {
                inside("```text\n").map(|text| Shown::Text(text.lines().map(ToOwned::to_owned).collect()))
            };
            blocks.push(Self { commands: commands.to_owned(), answer });
        }
        Ok(blocks)
    }

    /// Whether the commands change nothing, so that they can be run until the answer is there.
    pub(super) fn only_reads(&self) -> bool {
        let changes = [" -d ", " --data", " -X ", " set ", " replay ", "create", "revoke"];
        self.answer.is_some() && !changes.iter().any(|word| self.commands.contains(word))
    }

    /// Whether the output is what the document shows, once its names are replaced by `replaced`.
    pub(super) fn check(&self, output: &str, replaced: &dyn Fn(&str) -> String) -> Result<()> {
        match &self.answer {
            None => Ok(()),
            Some(Shown::Json(expected)) => {
                let found: Value = serde_json::from_str(output)?;
                ensure!(is_part(expected, &found), "{found} is not as shown: {expected}");
                Ok(())
            }
            Some(Shown::Text(lines)) => {
                for line in lines.iter().map(|line| replaced(line)).filter(|line| line != "…") {
                    ensure!(output.lines().any(|it| fits(&line, it)), "no line is `{line}`:\n{output}");
                }
                Ok(())
            }
        }
    }
}

/// Whether everything that is expected is in what was found.
fn is_part(expected: &Value, found: &Value) -> bool {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            expected.iter().all(|(name, value)| found.get(name).is_some_and(|it| is_part(value, it)))
        }
        (Value::Array(expected), Value::Array(found)) => {
            expected.len() == found.len()
                && expected.iter().zip(found).all(|(one, other)| is_part(one, other))
        }
        (Value::String(expected), Value::String(found)) => fits(expected, found),
        _ => expected == found,
    }
}

/// Whether a text is that of a pattern in which `…` stands for anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = parts.next().and_then(|begin| text.strip_prefix(begin)) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[test]
fn an_answer_that_is_not_as_shown_is_found() -> Result<()> {
    let document = "<!-- run by tests/tests/end_to_end/documents.rs -->\n```sh\ncurl x\n```\nIt says\n\n```json\n{\"id\": \"…\", \"n\": [\"…-01\"], …}\n```\n";
    let blocks = Block::all(document)?;
    ensure!(blocks.len() == 1 && blocks[0].only_reads());
    let check = |output: &str| blocks[0].check(output, &ToOwned::to_owned);
    check(r#"{"id": "7", "n": ["2026-01"], "more": 1}"#)?;
    for wrong in [
        r#"{"id": 7, "n": ["2026-01"]}"#,
        r#"{"id": "7", "n": []}"#,
        r#"{"id": "7", "n": ["2026-02"]}"#,
        "{}",
        "",
    ] {
        ensure!(check(wrong).is_err(), "{wrong}");
    }
    for (pattern, text, expected) in [
        ("a…c", "abc", true),
        ("a…c", "ab", false),
        ("…b…", "abc", true),
        ("a", "ab", false),
        ("…", "", true),
    ] {
        ensure!(fits(pattern, text) == expected, "{pattern} {text}");
    }
    Ok(())
}
