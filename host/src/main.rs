//! The binary `waybill`. See the library for what it is made of.

use std::process::ExitCode;

use clap::Parser as _;
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
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(async {
        match cli.command {
            Command::Up(settings) => waybill::up::run(*settings, &cli.logs).await,
            Command::Serve(settings) => waybill::serve::run(settings, &cli.logs).await,
            Command::Relay(settings) => waybill::relay::run(settings, &cli.logs).await,
            Command::Push(settings) => waybill::push::run(settings, &cli.logs).await,
            Command::Migrate(settings) => waybill::migrate_command::run(settings, &cli.logs).await,
            Command::DeadLetters(settings) => waybill::dead_letters::run(settings, &cli.logs).await,
        }
    });
    // What is left is blocked threads, such as a database that does not answer: they must not hold up the end.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    ended
}
