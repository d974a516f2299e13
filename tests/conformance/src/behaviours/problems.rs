//! What every refusal looks like.

use anyhow::{Result, ensure};
use waybill_tests::Answer;

/// A refusal is a problem document (RFC 9457) with the status inside, and names the field when one is at fault.
pub fn refused(answer: &Answer, status: u16, field: &str) -> Result<()> {
    ensure!(answer.status == status, "{} in place of {status}: {}", answer.status, answer.text());
    let kind = answer.header("content-type").unwrap_or_default();
    ensure!(kind == "application/problem+json", "the content type is {kind:?}");
    let problem = answer.json()?;
    ensure!(problem["status"] == status && problem["title"].is_string(), "{problem}");
    ensure!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "a sentence: {problem}");
    let help = problem["help"].as_str().unwrap_or_default();
    ensure!(help.contains(&format!("/docs/errors.md#{status}-")), "no page explains it: {problem}");
    ensure!(problem["type"] == "about:blank", "clients may compare the type: {problem}");
    let fields: Vec<_> =
        problem["errors"].as_array().into_iter().flatten().map(|error| &error["field"]).collect();
    ensure!(
        if field.is_empty() { fields.is_empty() } else { fields == [field] },
        "the fields at fault: {problem}"
    );
    Ok(())
}
