//! The commands in `waybill --help`, by what one wants to do.

use std::fmt::Write as _;

use clap::Command as Clap;
use clap::builder::Styles;

/// Every command but `help` is in one group.
const GROUPS: [(&str, &[&str]); 5] = [
    ("Use it", &["up", "orders", "invoices", "seller", "series", "fonts"]),
    ("Run it in production", &["serve", "relay", "push", "webhooks", "migrate", "keys", "compile"]),
    ("Look after it", &["doctor", "health", "audit", "dead-letters"]),
    ("Change it", &["dev"]),
    ("Set up this machine", &["completions", "manual"]),
];

/// What `--help` of the program with these commands consists of. Each line of a command fits 80 columns, so that nothing has to wrap.
pub(super) fn template(commands: &Clap) -> String {
    let header = *Styles::styled().get_header();
    let literal = *Styles::styled().get_literal();
    let mut text = "{before-help}{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    for (heading, names) in GROUPS {
        let _ = writeln!(text, "\n{header}{heading}:{header:#}");
        for name in names {
            let about = commands.find_subcommand(name).and_then(Clap::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {literal}{name:<12}{literal:#}  {about}");
        }
    }
    let _ = writeln!(text, "\nwaybill help COMMAND says more of each, with its settings.\n");
    let _ = writeln!(text, "{header}Options:{header:#}");
    text + "{options}{after-help}"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use std::collections::BTreeSet;

    use clap::{Arg, CommandFactory as _};

    use super::super::Cli;
    use super::*;

    #[test]
    fn each_command_is_in_one_group_with_a_sentence_that_fits_a_terminal() {
        let mut command = Cli::command();
        let help = command.render_help().to_string();
        let grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        let names = command.get_subcommands().map(Clap::get_name);
        let names: BTreeSet<&str> = names.filter(|name| *name != "help").collect();
        assert_eq!(grouped.len(), names.len(), "a command is in two groups");
        assert_eq!(grouped.iter().copied().collect::<BTreeSet<_>>(), names);
        for (heading, names) in GROUPS {
            assert!(help.contains(&format!("\n{heading}:\n  {}  ", names[0])), "{help}");
        }
        let (commands, options) = help.split_once("\nOptions:\n").expect("the options come last");
        assert!(options.contains("--version"), "{help}");
        for line in commands.lines() {
            assert!(line.chars().count() <= 80, "{line}");
            assert!(!line.contains(['{', '}', '\u{1b}']), "{line}");
        }
    }

    /// Where a heading begins, it is that of all arguments that follow: those of a command come before its settings.
    #[test]
    fn each_setting_is_under_a_heading_and_nothing_else_is() {
        fn check(command: &Clap) {
            // `USER` is the system's, and the file of a component has a flag only.
            let is_setting = |it: &Arg| {
                it.get_env().is_some_and(|name| name != "USER") || it.get_id().as_str() == "components"
            };
            for argument in command.get_arguments() {
                let (name, heading) = (command.get_name(), argument.get_help_heading());
                assert_eq!(heading.is_some(), is_setting(argument), "{name}: {argument} under {heading:?}");
            }
            command.get_subcommands().for_each(check);
        }
        let mut command = Cli::command();
        command.build();
        check(&command);
    }
}
