//! The reader of a command's output ends before the command, as `head` does.

use anyhow::{Context, Result, bail, ensure};
use waybill_tests::{Http, Rabbit, Waybill, WaybillConfig};

use crate::TestEnv;

/// Ends by itself, with this code and without a panic, though nobody reads what it writes.
async fn ends_quietly(config: WaybillConfig, code: i32) -> Result<()> {
    let log = tempfile::NamedTempFile::new()?;
    for config in [config.clone().unread(), config.unread_output().log_file(log.path().to_owned())] {
        let ended = Waybill::run(&config).await?;
        let said = std::fs::read_to_string(log.path())?;
        ensure!(ended.status.code() == Some(code), "{config:?}: {}: {said}", ended.status);
        ensure!(!said.contains("panicked") && !said.contains("error:"), "{config:?}: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn commands_whose_reader_has_ended_end_quietly() -> Result<()> {
    let env = TestEnv::local()?;
    let url = Rabbit::virtual_host().await;
    let config = env.config().argument("--admin-listen").argument("127.0.0.1:0");
    let config = url.iter().fold(config, |config, url| config.variable("BROKER_URL", url));
    let waybill = Waybill::start(&config).await?;
    waybill.orders.post_json("/orders", r#"{"amount":5000}"#).await?.expect(201)?;
    let admin = waybill.address("admin")?;
    for words in [
        &["--help"][..],
        &["--version"],
        &["up", "--help"],
        &["seller", "show"],
        &["keys", "list"],
        &["keys", "list", "--json"],
        &["migrate"],
        &["migrate", "--status"],
        &["compile"],
        &["audit"],
        &["audit", "--json"],
        &["health", "--admin-listen", admin.authority()],
    ] {
        ends_quietly(env.command(words), 0).await.with_context(|| format!("{words:?}"))?;
    }
    if let Some(url) = url {
        for words in [&["dead-letters", "list"][..], &["dead-letters", "list", "--json"]] {
            let config = env.command(words).variable("BROKER_URL", &url);
            ends_quietly(config, 0).await.with_context(|| format!("{words:?}"))?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn unread_errors_keep_the_exit_code() -> Result<()> {
    let env = TestEnv::local()?;
    for (words, code) in [
        (&["up", "--prefetch", "0"][..], 2),
        (&["keys", "list"], 1),
        (&["audit"], 2),
        (&["health", "--admin-listen", "127.0.0.1:1"], 2),
    ] {
        let ended = Waybill::run(&env.command(words).unread()).await?;
        ensure!(ended.status.code() == Some(code), "{words:?}: {}", ended.status);
    }
    Ok(())
}

#[tokio::test]
async fn an_unread_key_is_an_error_that_says_how_to_revoke_it() -> Result<()> {
    let env = TestEnv::local()?;
    let log = env.folder.path().join("log");
    let words = ["keys", "create", "--name", "shop", "--scope", "orders:read"];
    let ended = Waybill::run(&env.command(&words).unread_output().log_file(log.clone())).await?;
    let said = std::fs::read_to_string(log)?;
    ensure!(
        ended.status.code() == Some(1) && said.contains("waybill keys revoke"),
        "{}: {said}",
        ended.status
    );
    Ok(())
}

#[tokio::test]
async fn a_role_serves_while_its_output_is_unread() -> Result<()> {
    let env = TestEnv::local()?;
    // It was free a moment ago. Nobody could read which one the system chose.
    let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
    // RabbitMQ is unavailable, which a role waits for.
    let words = ["push", "--to", "http://127.0.0.1:1/events", "--admin-listen", &free];
    let config = env.command(&words).variable("BROKER_URL", "amqp://127.0.0.1:1").unread();
    let admin = Http::new(format!("http://{free}"));
    tokio::select! {
        ended = Waybill::run(&config) => bail!("it ended with {}", ended?.status),
        alive = admin.answers("/livez", 200) => alive,
    }
}
