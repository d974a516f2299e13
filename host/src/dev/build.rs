use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use std::{env, io};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::builds::BuildFault;
use super::printed::Printed;
use crate::output::PassedOn;
use crate::settings::RebuildSettings;

/// How long the output is read after the build has ended, in which something that it left running may hold it open.
const REST: Duration = Duration::from_secs(1);

/// Variables that `cargo run` sets for this program, or the beginnings of their names. Build scripts watch some of them, and would run
/// again for each build that another cargo made before.
const OF_CARGO_RUN: [&str; 5] =
    ["CARGO_BIN_", "CARGO_CRATE_NAME", "CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_PRIMARY_PACKAGE"];

/// What builds the components.
pub(super) struct Build {
    line: String,
    folder: PathBuf,
    limit: Duration,
}

impl Build {
    pub(super) fn new(settings: &RebuildSettings) -> Self {
        Self {
            line: settings.build.clone(),
            folder: settings.source.clone(),
            limit: Duration::from_secs(settings.build_timeout_s.into()),
        }
    }

    /// Builds, with the output shown as it comes. A build that is given up, with all that it has started, is killed.
    pub(super) async fn run(&self) -> Result<(), BuildFault> {
        let mut printed = Printed::default();
        let ended = match self.start() {
            Ok(running) => timeout(self.limit, running.end(&mut printed)).await,
            Err(error) => Ok(Err(error)),
        };
        let summary = match ended {
            Ok(Ok(status)) if status.success() => return Ok(()),
            Ok(Ok(status)) => format!("the build `{}` failed ({status})", self.line),
            Ok(Err(error)) => format!("the build `{}` could not be run ({error})", self.line),
            Err(_) => format!(
                "the build `{}` did not end within {} s, which WAYBILL_BUILD_TIMEOUT_S (--build-timeout-s) sets",
                self.line,
                self.limit.as_secs()
            ),
        };
        Err(BuildFault::new(summary, printed.text()))
    }

    fn start(&self) -> io::Result<Running> {
        let (output, input) = io::pipe()?;
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.line).current_dir(&self.folder).process_group(0).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(input.try_clone()?).stderr(input);
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if OF_CARGO_RUN.iter().any(|beginning| text.starts_with(beginning)) {
                command.env_remove(&name);
            }
        }
        if io::stderr().is_terminal() && env::var_os("NO_COLOR").is_none() {
            // Its output is read here, which it could take for the absence of a terminal.
            for (name, value) in [("CARGO_TERM_COLOR", "always"), ("CLICOLOR_FORCE", "1")] {
                if env::var_os(name).is_none() {
                    command.env(name, value);
                }
            }
        }
        let child = command.spawn()?;
        Ok(Running { child, output: pipe::Receiver::from_owned_fd(output.into())?, has_ended: false })
    }
}

/// A build that runs, in a process group of its own.
struct Running {
    child: Child,
    output: pipe::Receiver,
    has_ended: bool,
}

impl Running {
    async fn end(mut self, printed: &mut Printed) -> io::Result<ExitStatus> {
        let status = {
            let show = show(&mut self.output, printed);
            tokio::pin!(show);
            tokio::select! {
                _ = &mut show => self.child.wait().await?,
                status = self.child.wait() => {
                    let _ = timeout(REST, show).await;
                    status?
                }
            }
        };
        self.has_ended = true;
        Ok(status)
    }
}

/// Shows the output until its end.
async fn show(output: &mut pipe::Receiver, printed: &mut Printed) -> io::Result<()> {
    let mut terminal = PassedOn::default();
    let mut buffer = vec![0; 8 << 10];
    loop {
        let count = output.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        terminal.write(&buffer[..count]);
        printed.push(&buffer[..count]);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Once it has been waited for, its number may be another's.
        if self.has_ended {
            return;
        }
        let group = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
