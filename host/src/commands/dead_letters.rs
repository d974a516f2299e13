//! `waybill dead-letters`: lists, shows, replays and discards messages that could not be handled.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::process::Command;

use anyhow::{Context as _, bail, ensure};
use futures::TryStreamExt as _;
use serde_json::json;
use waybill_broker::{Broker, DeadLetter, Edit, Report};

use crate::output;
use crate::process::Process;
use crate::settings::{DeadLettersSettings, LogSettings, ReplaySettings, RequiredBroker};

/// The largest body of an edit, in bytes: the limit of the consumer.
const EDIT_BYTES: u64 = 1 << 20;

/// Runs `waybill dead-letters`.
pub async fn run(settings: DeadLettersSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut process = Process::start("waybill", logs)?;
    let done = run_in(&mut process, settings).await;
    process.end().await;
    done
}

async fn run_in(process: &mut Process, settings: DeadLettersSettings) -> anyhow::Result<()> {
    match settings {
        DeadLettersSettings::List { broker, json } => list(&connect(process, &broker).await?, json).await,
        DeadLettersSettings::Show { id, broker, json } => {
            show(&connect(process, &broker).await?, &id, json).await
        }
        DeadLettersSettings::Replay(settings) => {
            replay(&connect(process, &settings.broker).await?, &settings).await
        }
        DeadLettersSettings::Discard { selection, broker, reason, dry_run } => {
            let letters = connect(process, &broker).await?.dead_letters();
            let report = letters.discard(&selection.selector(), dry_run, &reason).await?;
            print_report(report, dry_run, "discarded")
        }
    }
}

/// Unlike a role, a command does not wait for an unavailable server.
async fn connect(process: &mut Process, settings: &RequiredBroker) -> anyhow::Result<Broker> {
    let broker = process.link_broker(settings.config("dead-letters")?)?;
    broker.ready().await?;
    Ok(broker)
}

async fn list(broker: &Broker, json: bool) -> anyhow::Result<()> {
    let queue = broker.dead_letters();
    let mut letters = std::pin::pin!(queue.list().await?);
    let mut causes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    while let Some(letter) = letters.try_next().await? {
        if json {
            output::line(document(&letter))?;
        } else {
            causes.entry(letter.cause.clone()).or_default().push(line(&letter));
        }
    }
    if json {
        return Ok(());
    }
    for (cause, lines) in &causes {
        output::line(format_args!("{cause}: {}", lines.len()))?;
        for line in lines {
            output::line(format_args!("  {line}"))?;
        }
    }
    match causes.values().map(Vec::len).sum::<usize>() {
        0 => output::line("There are no dead letters.")?,
        _ => output::line("\nNext: waybill dead-letters show ID, or replay --cause CAUSE --dry-run")?,
    }
    Ok(())
}

async fn show(broker: &Broker, id: &str, json: bool) -> anyhow::Result<()> {
    let letter = find(broker, id).await?;
    if json {
        output::line(document(&letter))?;
        return Ok(());
    }
    output::line(format_args!("{}\ncause     {}", line(&letter), letter.cause))?;
    output::line(format_args!("queue     {}\nsubject   {}", letter.queue, letter.subject))?;
    for (name, value) in
        [("failed", &letter.failed_at), ("first", &letter.first_failed_at), ("error", &letter.last_error)]
    {
        if let Some(value) = value {
            output::line(format_args!("{name:<9} {value}"))?;
        }
    }
    for (name, value) in &letter.headers {
        output::line(format_args!("header    {name}: {value}"))?;
    }
    if let Some(original) = &letter.original_body {
        output::line(format_args!("original  {}", String::from_utf8_lossy(original)))?;
    }
    output::line(format_args!("body      {}", String::from_utf8_lossy(&letter.body)))?;
    Ok(())
}

async fn replay(broker: &Broker, settings: &ReplaySettings) -> anyhow::Result<()> {
    let edit = match (&settings.edit, &settings.selection.id) {
        (None, _) => None,
        (Some(_), None) => bail!("--edit changes one dead letter; give its id in place of --cause or --all"),
        (Some(source), Some(id)) => {
            let letter = find(broker, id).await?;
            let body = edited_body(source.as_deref(), &letter)?;
            Some(Edit { body: body.into(), by: settings.by.clone() })
        }
    };
    let selector = settings.selection.selector();
    let report = broker.dead_letters().replay(&selector, settings.dry_run, edit.as_ref()).await?;
    print_report(report, settings.dry_run, "replayed")
}

async fn find(broker: &Broker, id: &str) -> anyhow::Result<DeadLetter> {
    let found = broker.dead_letters().get(id).await?;
    found.with_context(|| format!("there is no dead letter {id}; waybill dead-letters list shows all"))
}

/// The new body of a message: from a file, from standard input, or from the user's editor.
fn edited_body(source: Option<&str>, letter: &DeadLetter) -> anyhow::Result<Vec<u8>> {
    let mut body = Vec::new();
    match source {
        Some("-") => {
            std::io::stdin().take(EDIT_BYTES + 1).read_to_end(&mut body).context("standard input")?;
        }
        Some(path) => {
            let file = std::fs::File::open(path).with_context(|| format!("--edit {path}"))?;
            file.take(EDIT_BYTES + 1).read_to_end(&mut body).with_context(|| format!("--edit {path}"))?;
        }
        None => body = from_editor(letter)?,
    }
    ensure!(body.len() as u64 <= EDIT_BYTES, "the new body has more than {EDIT_BYTES} bytes");
    if let Err(error) = serde_json::from_slice::<serde_json::Value>(&body) {
        bail!("the new body is not JSON ({error}); nothing was changed");
    }
    Ok(body)
}

fn from_editor(letter: &DeadLetter) -> anyhow::Result<Vec<u8>> {
    let editor = std::env::var("VISUAL").or_else(|_| std::env::var("EDITOR"));
    let editor = editor.context("EDITOR is not set; use a file instead, for example --edit body.json")?;
    let file = tempfile::Builder::new().prefix("waybill-").suffix(".json").tempfile()?;
    std::fs::write(file.path(), &letter.body)?;
    // By a shell, because the setting may have arguments.
    let status =
        Command::new("sh").arg("-c").arg(format!("{editor} \"$1\"")).arg("sh").arg(file.path()).status()?;
    ensure!(status.success(), "the editor ended with {status}; nothing was changed");
    Ok(std::fs::read(file.path())?)
}

fn print_report(report: Report, dry_run: bool, done: &str) -> anyhow::Result<()> {
    let Report { matched, done: count } = report;
    if dry_run {
        output::notice(format_args!("{matched} would be {done}; nothing was changed"));
    } else {
        output::notice(format_args!("{count} of {matched} {done}"));
    }
    ensure!(matched > 0, "no dead letter matches; waybill dead-letters list shows all");
    Ok(())
}

fn line(letter: &DeadLetter) -> String {
    let DeadLetter { id, subject, attempts, .. } = letter;
    let when = letter.failed_at.as_deref().unwrap_or("-");
    let error = letter.last_error.as_deref().unwrap_or("-");
    let plural = if *attempts == 1 { "" } else { "s" };
    format!("{id}  {subject}  {attempts} attempt{plural}  {when}  {error}")
}

fn document(letter: &DeadLetter) -> serde_json::Value {
    json!({
        "id": letter.id,
        "cause": letter.cause,
        "subject": letter.subject,
        "queue": letter.queue,
        "attempts": letter.attempts,
        "firstFailedAt": letter.first_failed_at,
        "failedAt": letter.failed_at,
        "lastError": letter.last_error,
        "headers": letter.headers,
        "body": String::from_utf8_lossy(&letter.body),
        "originalBody": letter.original_body.as_deref().map(String::from_utf8_lossy),
    })
}
