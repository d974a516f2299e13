//! No command of our documents has a secret in its words, since every user of a machine can see them (`ps`).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use clap::{Command, CommandFactory as _};
use regex::Regex;
use waybill::settings::Cli;

use crate::assert_found;
use crate::files::Files;

/// Flags of other programs that take a secret as a word: Spin's and kubectl's.
const OF_OTHERS: [&str; 3] = ["variable", "env", "from-literal"];

pub fn without_secrets(files: &Files, faults: &mut Vec<String>) {
    for (name, text) in &files.documents {
        for (number, line) in text.lines().enumerate() {
            if let Some(found) = PATTERN.find(line) {
                faults.push(format!(
                    "{name}:{}: everybody on the machine sees the secret after {}",
                    number + 1,
                    found.as_str()
                ));
            }
        }
    }
}

/// Such a flag with a value; a flag alone stands between backticks or ends its sentence.
static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
    let mut flags: BTreeSet<String> = OF_OTHERS.map(str::to_owned).into();
    add_secret_flags(&Cli::command(), &mut flags);
    let flags: Vec<String> = flags.into_iter().collect();
    let flags = flags.join("|");
    // curl reads a header from a file, too: `-H @FILE`.
    let header = r#"-H\s+["']?(?:(?i)x-api-key|apikey|authorization):"#;
    Regex::new(&format!(r"(?:^|[\s`\[])(?:--(?:{flags})(?:=|\s+)[^\s`|,-]|{header})")).unwrap()
});

/// The flags whose values the program does not show.
fn add_secret_flags(command: &Command, flags: &mut BTreeSet<String>) {
    let secret = command.get_arguments().filter(|argument| argument.is_hide_env_values_set());
    flags.extend(secret.filter_map(|argument| argument.get_long().map(str::to_owned)));
    command.get_subcommands().for_each(|command| add_secret_flags(command, flags));
}

#[tokio::test]
async fn a_secret_in_the_words_of_a_command_is_found() {
    let mistakes = r#"
docs/rabbitmq.md: `waybill up` with `BROKER_URL` → `waybill up --broker-url amqp://u:p@h` ⇒ --broker-url
docs/adding-a-host.md: --invoices http → --events-token TOKEN --invoices http ⇒ --events-token
docs/adding-a-host.md: --invoices http → --invoices-database-url=postgres://… http ⇒ --invoices-database-url
deploy/spinkube/README.md: --from-env-file=waybill.env → --from-literal=events-token=x ⇒ --from-literal
components/postgres-on-spin/README.md: spin up → spin up --variable events_token=x ⇒ --variable
docs/keys.md: -H @shop.header → -H "X-API-Key: $KEY" ⇒ -H "X-API-Key:
docs/kong.md: -H @shop.header → -H 'authorization: Bearer $KEY' ⇒ -H 'authorization:
"#;
    assert_found(&Files::read().await, mistakes);
}
