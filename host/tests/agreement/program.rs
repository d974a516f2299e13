//! What the program says of itself.

use std::collections::BTreeSet;

use clap::{Command, CommandFactory as _};
use waybill::settings::Cli;

/// Variables that are not settings of ours: telemetry's and the log's are read everywhere.
const EVERYWHERE: [&str; 2] = ["OTEL_", "RUST_LOG"];

/// A role as a manifest calls it.
pub struct Role {
    command: Command,
}

impl Role {
    /// The role of these words, its flags included; the error says which word there is not.
    pub fn of(words: &[&str]) -> Result<Self, String> {
        let mut command = Cli::command();
        command.build();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if let Some(flag) = word.strip_prefix("--") {
                let name = flag.split('=').next().unwrap_or(flag);
                let argument = command
                    .get_arguments()
                    .find(|argument| argument.get_long() == Some(name))
                    .ok_or_else(|| format!("waybill {} has no flag --{name}", command.get_name()))?;
                if argument.get_action().takes_values() && !flag.contains('=') {
                    words.next();
                }
            } else {
                let found = command.find_subcommand(word).cloned();
                command = found.ok_or_else(|| format!("{} has no command {word}", command.get_name()))?;
            }
        }
        Ok(Self { command })
    }

    pub fn name(&self) -> &str {
        self.command.get_name()
    }

    /// Whether it has a setting by this variable.
    pub fn knows(&self, variable: &str) -> bool {
        variables_of(&self.command).contains(variable)
    }

    /// Says which of these variables the role does not know.
    pub fn unknown<'a>(&self, variables: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let known: BTreeSet<String> = variables_of(&self.command);
        let is_known =
            |name: &str| known.contains(name) || EVERYWHERE.iter().any(|prefix| name.starts_with(prefix));
        let unknown = variables.into_iter().filter(|name| !is_known(name));
        unknown.map(|name| format!("waybill {} knows no {name}", self.command.get_name())).collect()
    }
}

fn variables_of(command: &Command) -> BTreeSet<String> {
    let variables = command.get_arguments().filter_map(|argument| argument.get_env());
    variables.map(|name| name.to_string_lossy().into_owned()).collect()
}

/// The variables of every role.
pub fn variables() -> BTreeSet<String> {
    fn add(command: &Command, all: &mut BTreeSet<String>) {
        all.extend(variables_of(command));
        command.get_subcommands().for_each(|command| add(command, all));
    }
    let mut all = BTreeSet::new();
    add(&Cli::command(), &mut all);
    all
}

/// The port of an address that `waybill up` listens on by default.
pub fn port(flag: &str) -> u16 {
    let command = Cli::command();
    let up = command.find_subcommand("up").unwrap();
    let argument = up.get_arguments().find(|argument| argument.get_long() == Some(flag)).unwrap();
    let default = argument.get_default_values()[0].to_string_lossy().into_owned();
    port_of(&default).unwrap()
}

/// The port of `HOST:PORT`.
pub fn port_of(address: &str) -> Option<u16> {
    address.rsplit(':').next()?.parse().ok()
}
