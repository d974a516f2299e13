//! `waybill doctor`: looks at what `waybill up` and the other roles need on this machine, and says what to do about what is missing. It
//! writes nothing and takes the settings of `up`; a local PostgreSQL that has data is started while it is looked at.

mod broker;
mod databases;
mod finding;
mod machine;
mod served;

use std::process::ExitCode;

use finding::{Finding, Verdict};

use crate::output;
use crate::settings::UpSettings;

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
        1 => (ExitCode::FAILURE, "\nOne check failed: the line that says BAD.".to_owned()),
        more => (ExitCode::FAILURE, format!("\n{more} checks failed: the lines that say BAD.")),
    };
    // The exit code is the answer.
    output::notice(next);
    Ok(code)
}
