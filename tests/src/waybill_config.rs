//! How the binary under test is started.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use tokio::process::{Child, Command};

use crate::{MemoryGroup, Postgres, Wasi, component_path};

/// How to start the binary under test.
#[derive(Clone, Debug)]
pub struct WaybillConfig {
    program: Option<PathBuf>,
    pub(crate) command: Vec<OsString>,
    working_folder: PathBuf,
    environment: Vec<(String, String)>,
    log_file: Option<PathBuf>,
    open_files: Option<(u32, u32)>,
    memory_group: Option<PathBuf>,
    unread: Unread,
}

/// What nobody reads.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Unread {
    Nothing,
    Output,
    OutputAndError,
}

impl WaybillConfig {
    /// `waybill up` in `folder`, which must exist, on free ports and with its data in `folder/data`.
    pub fn up(folder: &Path) -> Self {
        Self::up_at(folder, "127.0.0.1:0")
    }

    /// The same on another address, such as `0.0.0.0:0`.
    pub fn up_at(folder: &Path, address: &str) -> Self {
        Self::of_role("up", folder, address)
    }

    /// `waybill dev` in the same way, with the sources in `source`.
    pub fn dev(folder: &Path, source: &Path) -> Self {
        Self::of_role("dev", folder, "127.0.0.1:0").variable("WAYBILL_SOURCE", source.display().to_string())
    }

    fn of_role(role: &str, folder: &Path, address: &str) -> Self {
        let mut config = Self::command([role], folder).argument("--data").argument(folder.join("data"));
        for listener in ["--orders-listen", "--invoices-listen", "--gateway-listen"] {
            config = config.argument(listener).argument(address);
        }
        config
    }

    /// Any command of the program, started in `working_folder`, where no `.env` file of the developer's is found.
    pub fn command<S: Into<OsString>>(words: impl IntoIterator<Item = S>, working_folder: &Path) -> Self {
        let command = words.into_iter().map(Into::into).collect();
        let working_folder = working_folder.to_owned();
        Self {
            program: None,
            command,
            working_folder,
            environment: Vec::new(),
            log_file: None,
            open_files: None,
            memory_group: None,
            unread: Unread::Nothing,
        }
    }

    /// Runs another program than the one under test, such as the last release's.
    #[must_use]
    pub fn program(mut self, path: &Path) -> Self {
        self.program = Some(path.to_owned());
        self
    }

    /// Adds an argument.
    #[must_use]
    pub fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.command.push(argument.into());
        self
    }

    /// Sets a variable of its environment.
    #[must_use]
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Appends its log to a file, which outlives it, in place of keeping the last lines of it.
    #[must_use]
    pub fn log_file(mut self, path: PathBuf) -> Self {
        self.log_file = Some(path);
        self
    }

    /// Sets its soft and hard limit on open files.
    #[must_use]
    pub fn open_files(mut self, soft: u32, hard: u32) -> Self {
        self.open_files = Some((soft, hard));
        self
    }

    /// Has no more memory than the group.
    #[must_use]
    pub fn within(mut self, group: Option<&MemoryGroup>) -> Self {
        self.memory_group = group.map(MemoryGroup::processes);
        self
    }

    /// Has nobody read its standard output, as when the program behind a pipe has ended.
    #[must_use]
    pub fn unread_output(mut self) -> Self {
        self.unread = Unread::Output;
        self
    }

    /// Has nobody read its standard output and error.
    #[must_use]
    pub fn unread(mut self) -> Self {
        self.unread = Unread::OutputAndError;
        self
    }

    /// Opens the admin listener on a free port.
    #[must_use]
    pub fn admin(self) -> Self {
        self.argument("--admin-listen").argument("127.0.0.1:0")
    }

    /// Serves the components for this version of WASI.
    #[must_use]
    pub fn components(self, wasi: Wasi) -> Self {
        if wasi == Wasi::default() {
            return self;
        }
        ["orders", "invoices"].into_iter().fold(self, |config, service| {
            let path = component_path(&wasi.component(service));
            config.argument("--component").argument(format!("{service}={}", path.display()))
        })
    }

    /// Uses the two databases of a server.
    #[must_use]
    pub fn databases(self, postgres: &Postgres) -> Self {
        self.variable("ORDERS_DATABASE_URL", postgres.url("orders"))
            .variable("INVOICES_DATABASE_URL", postgres.url("invoices"))
    }

    pub(crate) fn spawn(&self) -> Result<Child> {
        let binary = self.program.clone().map_or_else(binary, Ok)?;
        let files = self.open_files.map(|(soft, hard)| format!("ulimit -Sn {soft} && ulimit -Hn {hard} && "));
        let group = self.memory_group.as_ref().map(|file| format!("echo $$ > '{}' && ", file.display()));
        let limits = [files, group].into_iter().flatten().collect::<String>();
        let mut command = if limits.is_empty() {
            Command::new(&binary)
        } else {
            let mut shell = Command::new("sh");
            shell.arg("-c").arg(limits + "exec \"$0\" \"$@\"").arg(&binary);
            shell
        };
        command.args(&self.command).current_dir(&self.working_folder).kill_on_drop(true);
        // Only what the test says counts, not what the developer's shell happens to have set.
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            let ours = ["WAYBILL_", "OTEL_", "ORDERS_", "INVOICES_", "BROKER_", "RUST_LOG"];
            // But for the PostgreSQL that all of them run.
            if name != "WAYBILL_POSTGRES" && ours.iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name.as_ref());
            }
        }
        // Nothing that runs on this machine is in its way.
        for listener in ["ORDERS", "INVOICES", "GATEWAY", "TRACES"] {
            command.env(format!("WAYBILL_{listener}_LISTEN"), "127.0.0.1:0");
        }
        // Compiled once for all tests, and not once for each folder.
        command.env("WAYBILL_COMPILED", binary.with_file_name("compiled"));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(match &self.log_file {
            Some(path) => File::options().create(true).append(true).open(path)?.into(),
            None => Stdio::piped(),
        });
        // The reading ends are closed at once.
        if self.unread != Unread::Nothing {
            command.stdout(std::io::pipe()?.1);
        }
        if self.unread == Unread::OutputAndError {
            command.stderr(std::io::pipe()?.1);
        }
        command.spawn().with_context(|| format!("{} could not be started", binary.display()))
    }
}

/// The binary under test: `WAYBILL_BIN`, or the one that was built beside this test.
pub fn binary() -> Result<PathBuf> {
    let binary = match env::var_os("WAYBILL_BIN") {
        Some(path) => PathBuf::from(path),
        // Tests lie in <target>/debug/deps.
        None => {
            env::current_exe()?.parent().and_then(Path::parent).context("no target folder")?.join("waybill")
        }
    };
    if !binary.exists() {
        bail!("{} is not built; run the tests by `cargo xtask test NAME`", binary.display());
    }
    Ok(binary)
}
