//! Each `waybill …` in a block of commands of a document is one that the program takes.

use clap::{Command, CommandFactory as _};
use waybill::settings::Cli;

use crate::assert_found;
use crate::files::Files;

/// What ends the words of a command in a shell.
const ENDS: [char; 6] = [')', '|', '>', '<', ';', '&'];

pub fn are_known(files: &Files, faults: &mut Vec<String>) {
    let mut program = Cli::command();
    optional_settings(&mut program);
    for (name, text) in &files.documents {
        for block in text.split("```sh\n").skip(1) {
            let block = block.split("```").next().unwrap_or_default().replace("\\\n", " ");
            for words in block.lines().filter_map(words) {
                if let Err(error) = program.clone().try_get_matches_from(&words)
                    && error.use_stderr()
                    // A document's files are made by its reader.
                    && !error.to_string().contains("No such file or directory")
                {
                    let said = error.to_string().lines().next().unwrap_or_default().to_owned();
                    faults.push(format!("{name}: `{}`: {said}", words.join(" ")));
                }
            }
        }
    }
}

/// A setting can come from the environment, which a document may have set some lines before.
fn optional_settings(command: &mut Command) {
    *command = std::mem::take(command).mut_args(|argument| {
        let is_setting = argument.get_env().is_some();
        if is_setting { argument.required(false) } else { argument }
    });
    command.get_subcommands_mut().for_each(optional_settings);
}

/// The words of the command of `waybill` in a line, if there is one.
fn words(line: &str) -> Option<Vec<String>> {
    let at = line.match_indices("waybill ").map(|(at, _)| at).find(|&at| {
        let before = &line[..at];
        // `$(waybill …)`, or nothing but variables before it.
        before.ends_with("$(")
            || before.split_whitespace().all(|word| word.contains('=')) && !before.contains("$(")
    })?;
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in line[at..].chars() {
        match quote {
            Some(end) if letter == end => quote = None,
            None if letter == '"' || letter == '\'' => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            None if letter.is_whitespace() => words.extend(word.take()),
            None if ENDS.contains(&letter) || letter == '#' && word.is_none() => break,
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    Some(words)
}

#[test]
fn the_words_of_a_command_are_found() {
    for (line, expected) in [
        ("waybill audit --grace-s 0 || echo x", Some("waybill|audit|--grace-s|0")),
        ("A=b waybill keys revoke \"THE-KEY'S-ID\"   # or", Some("waybill|keys|revoke|THE-KEY'S-ID")),
        ("printf 'K: %s\\n' \"$(waybill keys list)\" > f", Some("waybill|keys|list")),
        ("waybill seller set - <<'END'", Some("waybill|seller|set|-")),
        ("kubectl create secret generic waybill --from", None),
        ("cd waybill", None),
    ] {
        let found = words(line).map(|words| words.join("|"));
        assert_eq!(found.as_deref(), expected, "{line}");
    }
}

#[tokio::test]
async fn a_command_that_the_program_does_not_take_is_found() {
    let mistakes = "
docs/keys.md: waybill keys list → waybill keys show ⇒ keys show
docs/keys.md: --expires-in 90d → --expires 90d ⇒ --expires
docs/troubleshooting.md: dead-letters discard ID --reason → dead-letters discard ID --because ⇒ --because
docs/tutorial.md: waybill audit --grace-s 0 || → waybill audit --grace 0 || ⇒ --grace
";
    assert_found(&Files::read().await, mistakes);
}
