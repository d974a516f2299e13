//! The binary `waybill`.

#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "they panic when their reader has ended: see `output`"
)]

use std::path::Path;
use std::process::ExitCode;

use waybill::output::OutputError;
use waybill::settings::{Cli, Command, env_file};
use waybill::{commands, help, output};
use waybill_contracts::documentation;

fn main() -> ExitCode {
    // Only the working directory's: a parent folder may be another account's, and a setting can name code to run. A missing file is
    // the ordinary case; one that cannot be read is a bad setting.
    if let Err(fault) = env_file::load(Path::new(".env")) {
        output::remark(format_args!("error: {fault}"));
        output::remark(format_args!("See: {}", documentation("settings.md#settings")));
        return ExitCode::from(2);
    }
    let cli = Cli::read();
    // A failed audit must not look like findings, nor an unreachable process like one that is not ready.
    let failure = if matches!(cli.command, Command::Audit(_) | Command::Health(_)) {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    };
    match run(cli) {
        Ok(code) => code,
        // As Unix programs do when their reader has seen enough.
        Err(error) if matches!(error.downcast_ref(), Some(OutputError::Closed)) => ExitCode::SUCCESS,
        Err(error) => {
            output::remark(format_args!("error: {error:#}"));
            if let Some(page) = help::page(&error) {
                output::remark(format_args!("See: {page}"));
            }
            failure
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(command(cli));
    // Blocked threads, such as one that waits for a database, must not delay the end.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    ended
}

async fn command(cli: Cli) -> anyhow::Result<ExitCode> {
    let logs = &cli.logs;
    match cli.command {
        Command::Up(settings) => Box::pin(commands::up::run(*settings, logs)).await?,
        Command::Dev(settings) => Box::pin(commands::dev::run(*settings, logs)).await?,
        Command::Serve(settings) => commands::serve::run(settings, logs).await?,
        Command::Relay(settings) => commands::relay::run(settings, logs).await?,
        Command::Push(settings) => commands::push::run(settings, logs).await?,
        Command::Webhooks(settings) => commands::webhooks::run(*settings, logs).await?,
        Command::Health(settings) => return commands::health::run(settings).await,
        Command::Doctor(settings) => return commands::doctor::run(&settings).await,
        Command::Compile(settings) => commands::compile::run(&settings)?,
        Command::Migrate(settings) => commands::migrate::run(settings, logs).await?,
        Command::Keys(settings) => commands::keys::run(settings, logs).await?,
        Command::Seller(settings) => commands::seller::run(settings, logs).await?,
        Command::Series(settings) => commands::series::run(settings, logs).await?,
        Command::Fonts(settings) => commands::fonts::run(&settings)?,
        Command::DeadLetters(settings) => commands::dead_letters::run(settings, logs).await?,
        Command::Orders(settings) => commands::orders::run(settings).await?,
        Command::Invoices(command) => commands::invoices::run(command).await?,
        Command::Completions { shell } => commands::completions::run(shell)?,
        Command::Manual { folder } => commands::manual::run(&folder)?,
        Command::Audit(settings) => return commands::audit::run(*settings, logs).await,
    }
    Ok(ExitCode::SUCCESS)
}
