//! The commands in `docs/cli.md`, generated from what `--help` shows.

use std::fmt::Write as _;
use std::fs;

use clap::{Arg, Command as Clap, CommandFactory as _};

use super::Cli;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cli.md");
const BEGIN: &str = "<!-- commands: made by WAYBILL_WRITE_DOCS=1 cargo test -p waybill settings -->\n";
const END: &str = "<!-- end of commands -->\n";

#[test]
fn the_page_lists_every_command() {
    let text = fs::read_to_string(FILE).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the page has the commands' begin");
    let (present, after) = rest.split_once(END).expect("the page has the commands' end");
    let mut command = Cli::command();
    command.build();
    let mut commands = String::new();
    for each in command.get_subcommands().filter(|it| it.get_name() != "help") {
        describe(each, "waybill", &mut commands);
    }
    commands.push('\n');
    if std::env::var_os("WAYBILL_WRITE_DOCS").is_some() {
        fs::write(FILE, format!("{before}{BEGIN}{commands}{END}{after}")).unwrap();
    } else {
        assert_eq!(
            present, commands,
            "commands have changed: run WAYBILL_WRITE_DOCS=1 cargo test -p waybill settings"
        );
    }
}

/// A section for a command, and one for each of its subcommands.
fn describe(command: &Clap, parent: &str, text: &mut String) {
    let name = format!("{parent} {}", command.get_name());
    let level = "#".repeat(name.split(' ').count());
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string);
    let about = words(&about.unwrap_or_default());
    write!(text, "\n{level} {name}\n\n{}.\n", about.trim_end_matches('.')).unwrap();
    let subcommands: Vec<_> = command.get_subcommands().filter(|it| it.get_name() != "help").collect();
    let is_group = command.is_subcommand_required_set();
    if !is_group {
        // A secret has no place in a command line, so those that are required are not shown in it.
        let optional =
            |argument: Arg| if is_setting(&argument) { argument.required(false) } else { argument };
        let usage = command.clone().mut_args(optional).render_usage().to_string();
        let usage =
            words(usage.trim_start_matches("Usage:").split("\n       waybill").next().unwrap_or_default());
        write!(text, "\n```text\n{usage}\n```\n").unwrap();
        arguments(command, text);
    }
    for each in subcommands {
        describe(each, &name, text);
    }
}

/// The arguments that are no settings, in a table, and the names of the settings.
fn arguments(command: &Clap, text: &mut String) {
    let shown = |argument: &&Arg| {
        !argument.is_hide_set() && !matches!(argument.get_id().as_str(), "help" | "version")
    };
    let (settings, arguments): (Vec<&Arg>, Vec<&Arg>) =
        command.get_arguments().filter(shown).partition(|argument| is_setting(argument));
    if !arguments.is_empty() {
        text.push_str("\n| Argument | Default | Meaning |\n| --- | --- | --- |\n");
    }
    for argument in arguments {
        let value = argument.get_value_names().map(|names| names[0].to_string());
        let value = value.filter(|_| argument.get_action().takes_values());
        let name = match (argument.get_long(), value) {
            (Some(long), Some(value)) => format!("--{long} {value}"),
            (Some(long), None) => format!("--{long}"),
            (None, value) => value.unwrap_or_else(|| argument.get_id().to_string()),
        };
        let defaults = argument.get_default_values();
        let default = defaults.first().filter(|_| argument.get_action().takes_values());
        let default = default.map(|it| format!("`{}`", it.to_string_lossy())).unwrap_or_default();
        let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string);
        let meaning = words(&help.unwrap_or_default()).replace('|', "\\|");
        writeln!(text, "| `{name}` | {default} | {meaning} |").unwrap();
    }
    let names =
        settings.iter().filter_map(|it| it.get_env()).map(|name| format!("`{}`", name.to_string_lossy()));
    let names: Vec<_> = names.collect();
    if !names.is_empty() {
        write!(text, "\nSettings: {}.\n", names.join(", ")).unwrap();
    }
}

/// Whether an argument is listed on the page of settings.
fn is_setting(argument: &Arg) -> bool {
    argument.get_env().is_some_and(|name| name != "USER")
}

/// A text in one line.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
