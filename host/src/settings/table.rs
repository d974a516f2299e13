//! The table of settings in `docs/settings.md`, generated from the arguments that `--help` shows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::{Arg, Command as Clap, CommandFactory as _};

use super::Cli;
use super::parse::anchor;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");
const BEGIN: &str = "<!-- settings: made by WAYBILL_WRITE_DOCS=1 cargo test -p waybill settings -->\n";
const END: &str = "<!-- end of settings -->\n";

/// The long-running roles, whose settings the table lists.
const ROLES: [&[&str]; 7] =
    [&["up"], &["dev"], &["serve", "orders"], &["serve", "invoices"], &["relay"], &["push"], &["webhooks"]];

struct Setting {
    flag: String,
    default: String,
    meaning: String,
    roles: Vec<String>,
}

#[test]
fn the_page_lists_every_setting_of_every_role() {
    let text = fs::read_to_string(Path::new(FILE)).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the page has the table's begin");
    let (present, after) = rest.split_once(END).expect("the page has the table's end");
    let table = table();
    if std::env::var_os("WAYBILL_WRITE_DOCS").is_some() {
        fs::write(FILE, format!("{before}{BEGIN}{table}{END}{after}")).unwrap();
    } else {
        assert_eq!(
            present, table,
            "settings have changed: run WAYBILL_WRITE_DOCS=1 cargo test -p waybill settings"
        );
    }
}

/// One section for each heading of `--help`, in its order.
fn table() -> String {
    let mut headings: Vec<String> = Vec::new();
    let mut settings: BTreeMap<(usize, usize), Setting> = BTreeMap::new();
    let mut places: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    for role in ROLES {
        for argument in arguments(role) {
            let Some(name) = argument.get_env().map(|name| name.to_string_lossy().into_owned()) else {
                continue;
            };
            let heading = argument.get_help_heading().unwrap_or("Options").to_owned();
            let position = headings.iter().position(|other| *other == heading).unwrap_or_else(|| {
                headings.push(heading);
                headings.len() - 1
            });
            let place = *places.entry(name.clone()).or_insert((position, settings.len()));
            settings.entry(place).or_insert_with(|| setting(&argument)).roles.push(role.join(" "));
        }
    }
    let mut text =
        "| Setting | Flag | Default | Meaning | Roles |\n| --- | --- | --- | --- | --- |\n".to_owned();
    let names: BTreeMap<_, _> = places.iter().map(|(name, place)| (*place, name)).collect();
    for (place, Setting { flag, default, meaning, roles }) in &settings {
        let roles = if roles.len() == ROLES.len() { "all".to_owned() } else { roles.join(", ") };
        let name = names[place];
        // An error about the setting leads to its row.
        let anchor = anchor(name);
        writeln!(text, "| `{name}`<a id=\"{anchor}\"></a> | `{flag}` | {default} | {meaning} | {roles} |")
            .unwrap();
    }
    text
}

fn setting(argument: &Arg) -> Setting {
    let flag = argument.get_long().map(|long| format!("--{long}")).unwrap_or_default();
    let values: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let default = values.join(",");
    let default = if default.is_empty() { default } else { format!("`{default}`") };
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let meaning = help.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
    Setting { flag, default, meaning, roles: Vec::new() }
}

/// The arguments of one role, with the global ones.
fn arguments(role: &[&str]) -> Vec<Arg> {
    let mut command = Cli::command();
    command.build();
    let mut here: &Clap = &command;
    for word in role {
        here = here.find_subcommand(word).expect("the role exists");
    }
    here.get_arguments().cloned().collect()
}
