//! What is said of one thing.

use std::fmt::Display;

use crate::{help, output};

/// What was found of one thing.
pub(super) struct Finding {
    /// Two or three words.
    what: &'static str,
    pub(super) verdict: Verdict,
    /// For a person: what is there, or what to do.
    pub(super) text: String,
    /// The address of what explains it.
    page: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Good,
    /// It works, and someone should know.
    Doubtful,
    Bad,
}

impl Finding {
    pub(super) fn good(what: &'static str, text: impl Display) -> Self {
        Self { what, verdict: Verdict::Good, text: text.to_string(), page: None }
    }

    pub(super) fn doubtful(what: &'static str, text: impl Display) -> Self {
        Self { what, verdict: Verdict::Doubtful, text: text.to_string(), page: None }
    }

    pub(super) fn bad(what: &'static str, text: impl Display) -> Self {
        Self { what, verdict: Verdict::Bad, text: text.to_string(), page: None }
    }

    pub(super) fn of(what: &'static str, result: anyhow::Result<String>) -> Self {
        result.map_or_else(|error| Self::failed(what, &error), |text| Self::good(what, text))
    }

    pub(super) fn failed(what: &'static str, error: &anyhow::Error) -> Self {
        Self { page: help::page(error), ..Self::bad(what, format_args!("{error:#}")) }
    }

    pub(super) fn print(&self) {
        let verdict = match self.verdict {
            Verdict::Good => "ok",
            Verdict::Doubtful => "note",
            Verdict::Bad => "BAD",
        };
        output::notice(format_args!("{verdict:<4}  {:<18}  {}", self.what, self.text));
        if let Some(page) = &self.page {
            output::notice(format_args!("      See: {page}"));
        }
    }
}
