//! `waybill doctor`: looks at what `waybill up` and the other roles need on this machine, and says what to do about what is missing. It
//! changes nothing, and takes the settings of `up`.

mod broker;
mod databases;
mod machine;

use std::fmt::Display;
use std::process::ExitCode;

use crate::output;
use crate::settings::UpSettings;

/// What was found of one thing.
pub(super) struct Finding {
    /// Two or three words.
    what: &'static str,
    verdict: Verdict,
    /// For a person: what is there, or what to do.
    text: String,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Verdict {
    Good,
    /// It works, and someone should know.
    Doubtful,
    Bad,
}

impl Finding {
    fn good(what: &'static str, text: impl Display) -> Self {
        Self { what, verdict: Verdict::Good, text: text.to_string() }
    }

    fn doubtful(what: &'static str, text: impl Display) -> Self {
        Self { what, verdict: Verdict::Doubtful, text: text.to_string() }
    }

    fn bad(what: &'static str, text: impl Display) -> Self {
        Self { what, verdict: Verdict::Bad, text: text.to_string() }
    }

    fn of(what: &'static str, result: anyhow::Result<String>) -> Self {
        result.map_or_else(|error| Self::bad(what, format_args!("{error:#}")), |text| Self::good(what, text))
    }

    fn print(&self) {
        let verdict = match self.verdict {
            Verdict::Good => "ok",
            Verdict::Doubtful => "note",
            Verdict::Bad => "BAD",
        };
        output::notice(format_args!("{verdict:<4}  {:<18}  {}", self.what, self.text));
    }
}

/// Prints what it finds, a line for each thing. Exits with 0 if all of it will do, with 1 if something is missing.
pub async fn run(settings: &UpSettings) -> anyhow::Result<ExitCode> {
    let mut bad = 0;
    let mut report = |findings: Vec<Finding>| {
        for finding in findings {
            finding.print();
            bad += usize::from(finding.verdict == Verdict::Bad);
        }
    };
    report(machine::addresses(settings).await);
    report(machine::programs(settings));
    report(databases::check(&settings.hosting.databases).await);
    report(broker::check(&settings.broker).await);
    let (code, next) = match bad {
        0 => (ExitCode::SUCCESS, "\nEverything that `waybill up` needs is here.".to_owned()),
        1 => (ExitCode::FAILURE, "\nOne thing is missing: the line that says BAD.".to_owned()),
        more => (ExitCode::FAILURE, format!("\n{more} things are missing: the lines that say BAD.")),
    };
    output::line(next)?;
    Ok(code)
}
