//! Reads the command line and the environment, and names a bad setting as it can be set: by its variable and by its flag.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command as Clap, CommandFactory as _, Error, Parser as _};
use waybill_contracts::documentation;

use super::Cli;
use crate::output;

impl Cli {
    /// Reads the settings of this process; ends it where they are wrong, or where only help is asked for.
    pub fn read() -> Self {
        Self::try_parse().unwrap_or_else(|error| {
            let page = page(&error);
            let error = named(error);
            if let Some(page) = page {
                // As `Error::exit` does, with a line more. That it cannot be printed changes nothing of the end.
                let _ = error.print();
                output::remark(format_args!("See: {page}"));
                std::process::exit(error.exit_code());
            }
            error.exit()
        })
    }
}

/// The address of the row that explains the setting at fault. `None` if the fault is that of another argument.
fn page(error: &Error) -> Option<String> {
    let shown = match error.get(ContextKind::InvalidArg)? {
        ContextValue::String(shown) => shown,
        ContextValue::Strings(all) => all.first()?,
        _ => return None,
    };
    let mut command = Cli::command();
    command.build();
    let mut arguments = Vec::new();
    collect(&command, &mut arguments);
    let argument = arguments.iter().find(|argument| argument.to_string() == *shown)?;
    let name = argument.get_env()?.to_string_lossy();
    Some(documentation(&format!("settings.md#{}", anchor(&name))))
}

/// The address of the row of the first setting that a text names.
pub fn setting_page(text: &str) -> Option<String> {
    let mut command = Cli::command();
    command.build();
    let mut arguments = Vec::new();
    collect(&command, &mut arguments);
    let is_setting =
        |word: &&str| arguments.iter().any(|argument| argument.get_env().is_some_and(|name| name == *word));
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    words.filter(|word| word.contains('_')).find_map(|word| match word {
        // The standard variables have no rows; the section names them.
        _ if word.starts_with("OTEL_") => Some(documentation("settings.md#settings")),
        _ if is_setting(&word) => Some(documentation(&format!("settings.md#{}", anchor(word)))),
        _ => None,
    })
}

/// The name of a setting's row, in `docs/settings.md`.
pub(super) fn anchor(setting: &str) -> String {
    setting.to_lowercase()
}

/// The error with the variable and an example of each setting in it; clap knows only the flag.
fn named(mut error: Error) -> Error {
    let mut command = Cli::command();
    command.build();
    let mut arguments = Vec::new();
    collect(&command, &mut arguments);
    // An empty value is as good as none.
    let is_empty =
        matches!(error.get(ContextKind::InvalidValue), Some(ContextValue::String(value)) if value.is_empty());
    let is_missing = match error.kind() {
        ErrorKind::MissingRequiredArgument => true,
        ErrorKind::InvalidValue => is_empty,
        _ => false,
    };
    let name = |shown: &str| {
        // Several commands may have a flag of this name, and not each has an example.
        let mut same: Vec<_> = arguments.iter().filter(|argument| argument.to_string() == shown).collect();
        same.sort_by_key(|argument| example(argument).is_none());
        same.first().map_or_else(|| shown.to_owned(), |argument| setting(argument, is_missing))
    };
    let value = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(shown)) => ContextValue::String(name(shown)),
        Some(ContextValue::Strings(all)) => {
            ContextValue::Strings(all.iter().map(|shown| name(shown)).collect())
        }
        _ => return error,
    };
    error.insert(ContextKind::InvalidArg, value);
    error
}

fn collect(command: &Clap, into: &mut Vec<Arg>) {
    into.extend(command.get_arguments().cloned());
    command.get_subcommands().for_each(|command| collect(command, into));
}

/// The variable and the flag, and an example if none of them is set.
fn setting(argument: &Arg, with_example: bool) -> String {
    let named = match argument.get_env() {
        Some(variable) => format!("{} ({argument})", variable.to_string_lossy()),
        None => argument.to_string(),
    };
    match example(argument).filter(|_| with_example) {
        Some(example) => format!("{named}, for example {example}"),
        None => named,
    }
}

/// The first example of the setting's help, or its default.
fn example(argument: &Arg) -> Option<String> {
    example_of_help(argument).or_else(|| {
        let default = argument.get_default_values().first()?.to_str()?;
        (!default.is_empty()).then(|| default.to_owned())
    })
}

fn example_of_help(argument: &Arg) -> Option<String> {
    let help = argument.get_long_help().or(argument.get_help()).map(StyledStr::to_string)?;
    let (_, example) = help.split_once("for example ")?;
    let example = example.split_whitespace().next()?;
    Some(example.trim_end_matches(['.', ',', ';']).to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn fault(words: &[&str]) -> String {
        named(Cli::try_parse_from(words).unwrap_err()).to_string()
    }

    #[test]
    fn a_bad_value_is_reported_with_variable_flag_and_example() {
        let text = fault(&["waybill", "up", "--prefetch", "0"]);
        let line = text.lines().next().unwrap();
        assert_eq!(
            line,
            "error: invalid value '0' for 'WAYBILL_PREFETCH (--prefetch <COUNT>)': it must be a whole number from 1 to 65535; an \
             example is 8"
        );
        // Possible values and empty texts are other kinds of errors.
        let text = fault(&["waybill", "up", "--log-format", ""]);
        assert!(text.contains("WAYBILL_LOG_FORMAT (--log-format <FORMAT>)"), "{text}");
        let text = fault(&["waybill", "up", "--prefetch"]);
        assert!(text.contains("WAYBILL_PREFETCH (--prefetch <COUNT>)"), "{text}");
        // What no variable sets is named by its flag.
        let text = fault(&["waybill", "audit", "--grace-s", "x"]);
        assert!(text.contains("for '--grace-s <SECONDS>': it must be"), "{text}");
        // The example is that of the setting.
        for (words, example) in [
            (["up", "--orders-listen", "3333"], "127.0.0.1:3333"),
            (["up", "--invoices-listen", "3334"], "127.0.0.1:3334"),
            (["up", "--gateway-listen", "8000"], "127.0.0.1:8000"),
            (["up", "--traces-listen", "16686"], "127.0.0.1:16686"),
            (["up", "--admin-listen", "9464"], "127.0.0.1:9464"),
            (["health", "--admin-listen", "9464"], "0.0.0.0:9464"),
            (["audit", "--every-s", "0"], "3600"),
            (["audit", "--grace-s", "x"], "60"),
            (["up", "--drain-delay-s", "x"], "15"),
        ] {
            let text = fault(&[&["waybill"], &words[..]].concat());
            assert!(text.contains(&format!("an example is {example}\n")), "{words:?}: {text}");
        }
    }

    #[test]
    fn a_missing_setting_is_reported_with_variable_flag_and_example() {
        for words in [&["waybill", "dead-letters", "list"][..], &["waybill", "push", "--to", "http://h/x"]] {
            let text = fault(words);
            let named = "BROKER_URL (--broker-url <URL>), for example amqp://guest:guest@localhost:5672\n";
            assert!(text.contains(named), "{text}");
        }
        let text = fault(&["waybill", "health"]);
        assert!(
            text.contains("WAYBILL_ADMIN_LISTEN (--admin-listen <IP:PORT>), for example 0.0.0.0:9464"),
            "{text}"
        );
    }

    #[test]
    fn a_setting_that_may_not_be_empty_is_reported_with_an_example() {
        let text = fault(&["waybill", "up", "--data", ""]);
        assert!(text.contains("'WAYBILL_DATA (--data <FOLDER>), for example .waybill'"), "{text}");
        let mut command = Cli::command();
        command.build();
        for command in command.get_subcommands() {
            for argument in command.get_arguments().filter(|argument| argument.get_env().is_some()) {
                let Some(flag) = argument.get_long() else { continue };
                let words = ["waybill", command.get_name(), &format!("--{flag}"), ""];
                let Err(error) = Cli::try_parse_from(words) else { continue };
                // Our own parsers say what they take.
                if error.kind() == ErrorKind::InvalidValue {
                    let text = named(error).to_string();
                    assert!(text.contains("for example "), "{words:?}: {text}");
                }
            }
        }
    }

    #[test]
    fn the_error_about_a_setting_leads_to_its_row() {
        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md")).unwrap();
        let mut command = Cli::command();
        command.build();
        let mut arguments = Vec::new();
        collect(&command, &mut arguments);
        for argument in arguments {
            let Some(name) = argument.get_env().filter(|name| *name != "USER") else { continue };
            let row = anchor(&name.to_string_lossy());
            assert!(text.contains(&format!("<a id=\"{row}\"></a>")), "docs/settings.md has no {row}");
        }
        let page_of = |words: &[&str]| page(&Cli::try_parse_from(words).unwrap_err());
        let bad = page_of(&["waybill", "up", "--prefetch", "0"]).unwrap();
        assert!(bad.ends_with("/docs/settings.md#waybill_prefetch"), "{bad}");
        let missing = page_of(&["waybill", "dead-letters", "list"]).unwrap();
        assert!(missing.ends_with("/docs/settings.md#broker_url"), "{missing}");
        assert_eq!(page_of(&["waybill", "audit", "--grace-s", "x"]), None);
        assert_eq!(page_of(&["waybill", "up", "--nothing"]), None);
    }

    #[test]
    fn every_required_flag_has_an_example_in_its_help_and_every_flag_one_variable() {
        let mut command = Cli::command();
        command.build();
        let mut arguments = Vec::new();
        collect(&command, &mut arguments);
        let mut variables = BTreeMap::new();
        for argument in &arguments {
            if argument.is_required_set() && argument.get_long().is_some() {
                assert!(example_of_help(argument).is_some(), "the help of {argument} has no example");
            }
            let variable = argument.get_env().map(ToOwned::to_owned);
            let first = variables.entry(argument.to_string()).or_insert_with(|| variable.clone());
            assert_eq!(*first, variable, "{argument}");
        }
    }
}
