//! The official rules of electronic invoices, run by Python (`tests/validators`).

use std::fmt;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use parking_lot::Mutex;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::components::named_or_in_target;
use crate::skip;

/// A process that checks documents, one after the other.
#[derive(Debug)]
pub struct Validators {
    child: Child,
    stdin: ChildStdin,
    stdout: Lines<BufReader<ChildStdout>>,
}

/// What a rule says of a document.
#[derive(Clone, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
pub struct Finding {
    /// Whose rule it is, such as `EN 16931`.
    pub rules: String,
    /// Its identifier, such as `BR-CO-10`.
    pub rule: String,
    /// `fatal`, `warning` or `information`.
    pub flag: String,
    /// What the rule says.
    pub text: String,
}

impl Finding {
    pub fn is_fatal(&self) -> bool {
        self.flag == "fatal"
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({}): {}", self.rules, self.rule, self.flag, self.text)
    }
}

impl Validators {
    /// Starts the process. Where the validators are not installed, the test is reported as skipped.
    pub fn start() -> Result<Option<Self>> {
        let python = python();
        if !python.exists() {
            skip(
                "the validators of invoices are not installed (`cargo xtask test` does it, with Python's venv and PyPI)",
            );
            return Ok(None);
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("validators/validate.py");
        let mut child = Command::new(&python)
            // No bytecode beside the script, which is in the source.
            .arg("-B")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{} could not be started", python.display()))?;
        let stdin = child.stdin.take().context("no standard input")?;
        let stdout = BufReader::new(child.stdout.take().context("no standard output")?).lines();
        Ok(Some(Self { child, stdin, stdout }))
    }

    /// What the rules of a profile say of a document in `ubl` or `cii`. With the body of its order, its sums are compared too, which
    /// is all that is checked of `json`. Of a `pdf`, in base64, it is the CII inside and how it is there.
    pub fn check(
        &mut self,
        syntax: &str,
        profile: &str,
        text: &str,
        order: Option<&Value>,
    ) -> Result<Vec<Finding>> {
        #[derive(Deserialize)]
        struct Answer {
            findings: Vec<Finding>,
        }
        let request = json!({ "syntax": syntax, "profile": profile, "text": text, "order": order });
        writeln!(self.stdin, "{request}").context("the validators ended")?;
        let answer = self.stdout.next().context("the validators ended; their error is above")??;
        let answer: Answer = serde_json::from_str(&answer).context("the validators gave no answer")?;
        Ok(answer.findings)
    }
}

/// Fails if an electronic invoice breaks a rule of the profile that it names. One process checks those of all tests of a program. Where
/// the validators are not installed, nothing is checked here: the tests that are about the rules say that they are skipped.
pub fn ensure_valid(xml: &str) -> Result<()> {
    static SHARED: OnceLock<Option<Mutex<Validators>>> = OnceLock::new();
    let start = || python().exists().then(Validators::start)?.ok()?.map(Mutex::new);
    let shared = SHARED.get_or_init(start);
    let Some(validators) = shared else { return Ok(()) };
    let syntax = if xml.contains("<rsm:CrossIndustryInvoice") { "cii" } else { "ubl" };
    let profile = if xml.contains("poacc:billing:3.0</") {
        "peppol"
    } else if xml.contains("xrechnung_3.0</") {
        "xrechnung"
    } else {
        "en16931"
    };
    // Factur-X's rules for its profile EN 16931 know the identifier of that profile only. XRechnung's has the same terms.
    let is_expected = |rule: &str| rule == "FX-SCH-A-000556" && profile == "xrechnung";
    let findings = validators.lock().check(syntax, profile, xml, None)?;
    let faults: Vec<String> = findings
        .iter()
        .filter(|finding| finding.is_fatal() && !is_expected(&finding.rule))
        .map(ToString::to_string)
        .collect();
    ensure!(faults.is_empty(), "{syntax} by {profile}:\n{}\n{xml}", faults.join("\n"));
    Ok(())
}

fn python() -> PathBuf {
    named_or_in_target("WAYBILL_VALIDATORS", "validators").join("bin/python")
}

impl Drop for Validators {
    fn drop(&mut self) {
        // It has nothing to lose, and may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
