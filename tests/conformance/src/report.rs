use std::fmt;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::time::timeout;

use crate::behaviours::{BEHAVIOURS, Behaviour};
use crate::{System, Verdict};

/// No behaviour takes longer on any host.
const BEHAVIOUR_LIMIT: Duration = Duration::from_mins(5);

/// What came of all behaviours, in their order.
#[derive(Debug, Default)]
pub struct Report {
    /// Each one's name and verdict.
    pub verdicts: Vec<(&'static str, Result<Verdict>)>,
}

impl Report {
    /// An error that counts those that the system does not have.
    pub fn passed(&self) -> Result<()> {
        let failed = self.verdicts.iter().filter(|(_, verdict)| verdict.is_err()).count();
        if failed > 0 {
            bail!("{failed} of {} behaviours are not kept", self.verdicts.len());
        }
        Ok(())
    }

    /// The names of those that could not be looked at.
    pub fn not_checked(&self) -> Vec<&'static str> {
        let not_checked = |verdict: &Result<Verdict>| matches!(verdict, Ok(Verdict::NotChecked(_)));
        self.verdicts.iter().filter(|(_, verdict)| not_checked(verdict)).map(|(name, _)| *name).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not_checked = self.not_checked().len();
        let failed = self.verdicts.iter().filter(|(_, verdict)| verdict.is_err()).count();
        let kept = self.verdicts.len() - not_checked - failed;
        write!(out, "{kept} kept, {failed} not kept, {not_checked} not checked")
    }
}

/// Checks every behaviour, one after the other, and prints what came of each. Nobody else may write to the system meanwhile.
pub async fn run(system: &System) -> Report {
    let mut report = Report::default();
    for Behaviour { name, check } in BEHAVIOURS {
        let begun = Instant::now();
        let verdict = match timeout(BEHAVIOUR_LIMIT, check(system)).await {
            Ok(verdict) => verdict,
            Err(_) => Err(anyhow::anyhow!("it took longer than {BEHAVIOUR_LIMIT:?}")),
        };
        let seconds = begun.elapsed().as_secs_f64();
        match &verdict {
            Ok(Verdict::Kept) => println!("kept         {name} ({seconds:.1} s)"),
            Ok(Verdict::NotChecked(reason)) => println!("not checked  {name}: {reason}"),
            Err(error) => println!("NOT KEPT     {name} ({seconds:.1} s): {error:#}"),
        }
        report.verdicts.push((name, verdict));
    }
    report
}
