//! The PostgreSQL that `waybill up` runs by itself: killed, shared with commands, and folders that it cannot use.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use waybill_tests::{Ledger, Load, Signal, Waybill, eventually};

use crate::TestEnv;

/// How long it may take until the server runs again.
const RESTART_LIMIT: Duration = Duration::from_mins(1);

/// How many orders are acknowledged before each kill.
const ORDERS_BEFORE_KILL: usize = 300;

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_its_postgresql_is_killed_by_itself_or_with_it() -> Result<()> {
    let env = TestEnv::local()?;
    let mut acknowledged = Vec::new();
    let mut waybill = env.up().await?;
    for with_waybill in [false, true, false, true] {
        let server = server_of(&env)?;
        let load = Load::start(&waybill.gateway, usize::MAX, 16);
        load.acknowledged(ORDERS_BEFORE_KILL).await?;
        Signal::Kill.send(server)?;
        if with_waybill {
            waybill.kill().await?;
            acknowledged.extend(load.finish().await?.acknowledged);
            waybill = env.up().await?;
        } else {
            // It is started again, and the same process goes on.
            eventually("another server", RESTART_LIMIT, async || {
                Ok((server_of(&env)? != server).then_some(()))
            })
            .await?;
            load.acknowledged_more(ORDERS_BEFORE_KILL).await?;
            load.stop();
            acknowledged.extend(load.finish().await?.acknowledged);
        }
    }
    ensure!(acknowledged.len() >= 4 * ORDERS_BEFORE_KILL, "{} orders", acknowledged.len());
    Ledger::settled(&waybill).await?.ensure_invoiced_once(&acknowledged)?;
    ensure!(waybill.stop().await?.status.success(), "it ends in order");
    ensure!(!data(&env).join("postmaster.pid").exists(), "its PostgreSQL has ended with it");
    Ok(())
}

#[tokio::test]
async fn no_other_account_can_connect_to_it() -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let mode = fs::metadata(data(&env))?.permissions().mode() & 0o777;
    ensure!(mode == 0o700, "the folder of its socket has mode {mode:o}");
    let server = server_of(&env)?;
    let status = fs::read_to_string(format!("/proc/{server}/status"))?;
    let user = status.lines().find_map(|line| line.strip_prefix("Uid:")).context("no user")?;
    ensure!(user.split_whitespace().all(|number| number != "0"), "it runs as root: {user}");
    let commands = fs::read_to_string(format!("/proc/{server}/cmdline"))?;
    ensure!(commands.contains("listen_addresses=\0"), "{commands}");
    ensure!(waybill.stop().await?.status.success(), "it ends in order");
    Ok(())
}

#[tokio::test]
async fn the_data_of_an_earlier_version_is_refused_and_left_as_it_is() -> Result<()> {
    let env = TestEnv::local()?;
    let former = env.folder.path().join("data/invoices");
    fs::create_dir_all(former.join("pgdata"))?;
    fs::write(former.join(".oliphaunt.json"), "{}")?;
    fs::write(former.join("pgdata/PG_VERSION"), "18\n")?;
    for config in [env.config(), env.command(&["migrate"])] {
        let ended = Waybill::run(&config).await?;
        ensure!(!ended.status.success(), "it ended with {}", ended.status);
        let errors: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
        let [error] = errors[..] else { anyhow::bail!("one sentence: {}", ended.stderr) };
        ensure!(error.contains("data/invoices") && error.contains("--data"), "{error}");
    }
    ensure!(fs::read_to_string(former.join(".oliphaunt.json"))? == "{}", "it is untouched");
    ensure!(!data(&env).exists(), "and no other is made");
    Ok(())
}

#[tokio::test]
async fn a_folder_without_programs_is_refused_with_its_name() -> Result<()> {
    let env = TestEnv::local()?;
    let folder = env.folder.path().display().to_string();
    let ended = Waybill::run(&env.config().argument("--postgres").argument(&folder)).await?;
    ensure!(!ended.status.success(), "it ended with {}", ended.status);
    ensure!(ended.stderr.contains(&folder) && ended.stderr.contains("initdb"), "{}", ended.stderr);
    Ok(())
}

/// Where its data is.
fn data(env: &TestEnv) -> std::path::PathBuf {
    env.folder.path().join("data/postgres")
}

/// The process that is its server.
fn server_of(env: &TestEnv) -> Result<u32> {
    let file = data(env).join("postmaster.pid");
    first_number(&file).with_context(|| file.display().to_string())
}

fn first_number(file: &Path) -> Result<u32> {
    let text = fs::read_to_string(file)?;
    Ok(text.lines().next().context("it is empty")?.trim().parse()?)
}
