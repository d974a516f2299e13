//! The tables of `SECURITY.md`, which say where something listens and who may call it. What the listeners do is held by
//! `tests/tests/end_to_end/listeners.rs`, which reads the first table too.

use std::collections::BTreeSet;

use clap::CommandFactory as _;
use waybill::settings::Cli;

use crate::files::Files;
use crate::manifests::strings;

/// The cells of a table's rows, without the marks of code. It is the first one below the heading.
fn rows<'a>(files: &'a Files, heading: &str) -> Vec<Vec<String>> {
    let (_, section): (&'a str, &'a str) =
        files.text("SECURITY.md").split_once(&format!("\n{heading}\n")).unwrap();
    let table = section.lines().skip_while(|line| !line.starts_with('|'));
    let lines = table.take_while(|line| line.starts_with('|')).skip(2);
    lines
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect())
        .collect()
}

/// The PostgreSQL that `waybill up` runs, whose address no flag chooses.
const OWN_POSTGRES: &str = "postgres";

/// Every address of `waybill up`, with its default.
pub fn of_the_program(files: &Files, faults: &mut Vec<String>) {
    let command = Cli::command();
    let up = command.find_subcommand("up").unwrap();
    let ours: BTreeSet<(String, String)> = up
        .get_arguments()
        .filter_map(|argument| {
            let name = argument.get_long()?.strip_suffix("-listen")?;
            let default = argument.get_default_values().first();
            let address = default.map_or("none".to_owned(), |value| value.to_string_lossy().into_owned());
            Some((name.to_owned(), address))
        })
        .collect();
    let theirs: BTreeSet<(String, String)> = rows(files, "### Addresses of Waybill")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone()))
        .filter(|(name, _)| name != OWN_POSTGRES)
        .collect();
    for (name, address) in ours.symmetric_difference(&theirs) {
        faults.push(format!("SECURITY.md: {name} at {address} is in the table or in the program only"));
    }
}

/// Every port that Compose publishes, and those that containers have for each other.
pub fn of_compose(files: &Files, faults: &mut Vec<String>) {
    let document = files.yaml("docker-compose.yml");
    let mut ours = BTreeSet::new();
    for (name, service) in document["services"].as_object().unwrap() {
        for text in strings(&service["ports"]) {
            let is_opened = text.starts_with("${WAYBILL_PUBLISH:");
            let reach = if is_opened { "this machine, or WAYBILL_PUBLISH" } else { "this machine" };
            ours.insert((text.rsplit(':').nth(1).unwrap().to_owned(), name.clone(), reach.to_owned()));
        }
    }
    for (port, service) in [("8100", "api-gateway"), ("9464", "each role")] {
        ours.insert((port.to_owned(), service.to_owned(), "containers".to_owned()));
    }
    let theirs: BTreeSet<_> = rows(files, "### Ports of Compose")
        .into_iter()
        .map(|row| (row[0].clone(), row[1].clone(), row[3].clone()))
        .collect();
    for (port, service, reach) in ours.symmetric_difference(&theirs) {
        faults.push(format!(
            "SECURITY.md, docker-compose.yml: {port} of {service} for {reach} is in the table or in Compose only"
        ));
    }
}
