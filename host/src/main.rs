//! The binary `waybill`. See the library for what it is made of.

use std::process::ExitCode;

use clap::Parser as _;
use waybill::commands;
use waybill::settings::{Cli, Command};

fn main() -> ExitCode {
    // A missing .env file is the ordinary case; one that cannot be read is a bad setting.
    if let Err(error) = dotenvy::dotenv()
        && !error.not_found()
    {
        eprintln!("error: the file .env cannot be read: {error}");
        return ExitCode::from(2);
    }
    let cli = Cli::parse();
    // An audit that could not be made must not look like one that found something; nor a process that could not be asked.
    let failure = if matches!(cli.command, Command::Audit(_) | Command::Health(_)) {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    };
    match run(cli) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            failure
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(command(cli));
    // What is left is blocked threads, such as a database that does not answer: they must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    ended
}

async fn command(cli: Cli) -> anyhow::Result<ExitCode> {
    let logs = &cli.logs;
    match cli.command {
        Command::Up(settings) => Box::pin(commands::up::run(*settings, logs)).await?,
        Command::Serve(settings) => commands::serve::run(settings, logs).await?,
        Command::Relay(settings) => commands::relay::run(settings, logs).await?,
        Command::Push(settings) => commands::push::run(settings, logs).await?,
        Command::Webhooks(settings) => commands::webhooks::run(*settings, logs).await?,
        Command::Health(settings) => return commands::health::run(settings).await,
        Command::Compile(settings) => commands::compile::run(&settings)?,
        Command::Migrate(settings) => commands::migrate::run(settings, logs).await?,
        Command::Keys(settings) => commands::keys::run(settings, logs).await?,
        Command::DeadLetters(settings) => commands::dead_letters::run(settings, logs).await?,
        Command::Audit(settings) => return commands::audit::run(*settings, logs).await,
    }
    Ok(ExitCode::SUCCESS)
}
