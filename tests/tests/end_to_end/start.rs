//! The host is started where it cannot serve: it says why in one sentence, and ends.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use tokio::net::TcpListener;
use waybill_tests::{Ended, Postgres, Waybill, WaybillConfig, ensure_contains};

use crate::TestEnv;

#[tokio::test]
async fn a_folder_that_is_in_use_is_refused() -> Result<()> {
    let env = TestEnv::local()?;
    let first = env.up().await?;
    let ended = Waybill::run(&env.config()).await?;
    let folder = env.folder.path().join("data");
    refused(&ended, &[&folder.display().to_string()])?;
    let order = first.gateway.post_json("/orders", r#"{"amount":1}"#).await?;
    ensure!(order.status == 201, "the first is not disturbed: {}", order.text());
    Ok(())
}

#[tokio::test]
async fn a_taken_port_is_refused() -> Result<()> {
    let env = TestEnv::local()?;
    let taken = TcpListener::bind("127.0.0.1:0").await?;
    let address = taken.local_addr()?.to_string();
    for flag in ["--orders-listen", "--invoices-listen", "--gateway-listen", "--traces-listen"] {
        let config = WaybillConfig::command(["up", flag, &address], env.folder.path());
        // The other ports are the system's choice; the flag under test comes with its value above.
        let others = ["--orders-listen", "--invoices-listen", "--gateway-listen", "--traces-listen"]
            .into_iter()
            .filter(|other| *other != flag);
        let config = others.fold(config, |config, other| config.argument(other).argument("127.0.0.1:0"));
        let ended = Waybill::run(&config).await?;
        refused(&ended, &[&address, flag]).with_context(|| flag.to_owned())?;
    }
    Ok(())
}

#[tokio::test]
async fn an_unreachable_database_is_refused_without_its_password() -> Result<()> {
    let env = TestEnv::local()?;
    // A port without a listener: it was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
    for setting in ["ORDERS_DATABASE_URL", "INVOICES_DATABASE_URL"] {
        let url = format!("postgresql://waybill:s3cret@127.0.0.1:{port}/orders");
        let ended = Waybill::run(&env.config().variable(setting, url)).await?;
        refused(&ended, &[setting, &format!("127.0.0.1:{port}")]).with_context(|| setting.to_owned())?;
        ensure!(!ended.stderr.contains("s3cret"), "the password is shown: {}", ended.stderr);
    }
    Ok(())
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_refused() -> Result<()> {
    let postgres = Postgres::start().await?;
    let env = TestEnv::local()?;
    let config = env.config().databases(&postgres).variable("ORDERS_DATABASE_URL", postgres.url("nothing"));
    refused(&Waybill::run(&config).await?, &["ORDERS_DATABASE_URL", "nothing"])
}

#[tokio::test]
async fn a_bad_setting_is_refused_with_its_name() -> Result<()> {
    let env = TestEnv::local()?;
    let folder = env.folder.path();
    for (flag, value) in [
        ("--orders-listen", "nonsense"),
        ("--orders-listen", "localhost0:3333"),
        ("--gateway-listen", "127.0.0.1:99999"),
        ("--cors-origins", "https://a.example:99999"),
        ("--traces-listen", "on"),
        ("--trace-url", "http://jaeger:16686/"),
        ("--requests-in-flight", "0"),
        ("--request-timeout-s", "soon"),
        ("--component", "orders"),
        ("--component", "payments=x.wasm"),
        ("--log-format", "xml"),
    ] {
        let ended = Waybill::run(&WaybillConfig::command(["up", flag, value], folder)).await?;
        refused(&ended, &[flag, value]).with_context(|| format!("{flag} {value}"))?;
    }
    for (variable, value) in [
        ("ORDERS_DATABASE_URL", "mysql://localhost/orders"),
        ("INVOICES_DATABASE_URL", "postgresql://localhost:port/invoices"),
        ("ORDERS_DATABASE_URL", ""),
        ("BROKER_URL", "amqp://localhost/?heartbeet=10"),
        ("BROKER_MANAGEMENT_URL", "http://localhost:15672?timeout=10"),
    ] {
        let ended = Waybill::run(&env.config().variable(variable, value)).await?;
        let flag = format!("--{}", variable.to_lowercase().replace('_', "-"));
        refused(&ended, &[variable, &flag]).with_context(|| format!("{variable}={value}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_bad_setting_of_the_environment_or_the_settings_file_is_refused_with_its_variable() -> Result<()> {
    let env = TestEnv::local()?;
    let words = ["WAYBILL_PREFETCH", "--prefetch", "'0'", "an example is 8"];
    refused(&Waybill::run(&env.config().variable("WAYBILL_PREFETCH", "0")).await?, &words)?;
    std::fs::write(env.folder.path().join(".env"), "WAYBILL_PREFETCH=0\n")?;
    refused(&Waybill::run(&env.config()).await?, &words)?;
    std::fs::write(env.folder.path().join(".env"), "BROKER_URL=amqp://waybill:s3cret@h\0\n")?;
    let ended = Waybill::run(&env.config()).await?;
    refused(&ended, &[".env", "line 1", "NUL"])?;
    ensure!(!ended.stderr.contains("s3cret"), "the password is shown: {}", ended.stderr);
    Ok(())
}

#[tokio::test]
async fn settings_that_cannot_work_together_are_refused_with_both_names() -> Result<()> {
    let env = TestEnv::local()?;
    for (arguments, words) in [
        (
            &["--prefetch", "4", "--concurrency", "16"][..],
            &["WAYBILL_CONCURRENCY (--concurrency)", "WAYBILL_PREFETCH (--prefetch)", "--concurrency 4"][..],
        ),
        (
            &["--connections", "100", "--connections-per-address", "200"],
            &["WAYBILL_CONNECTIONS_PER_ADDRESS", "WAYBILL_CONNECTIONS (--connections)", "-per-address 50"],
        ),
        (
            &["--database-connections", "64"],
            &[
                "WAYBILL_DATABASE_CONNECTIONS (--database-connections)",
                "ORDERS_DATABASE_URL",
                "connections 8",
            ],
        ),
    ] {
        let config = arguments.iter().fold(env.config(), |config, argument| config.argument(*argument));
        refused(&Waybill::run(&config).await?, words).with_context(|| format!("{arguments:?}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn one_database_for_both_services_is_refused_with_both_names() -> Result<()> {
    let postgres = Postgres::start().await?;
    let env = TestEnv::local()?;
    let (orders, invoices) = ("ORDERS_DATABASE_URL", "INVOICES_DATABASE_URL");
    let url = postgres.url("orders");
    let words = [orders, invoices, "name one database", "5432/invoices"];
    for command in [&["up"][..], &["migrate"], &["audit"], &["keys", "list"], &["serve", "orders"]] {
        let config = WaybillConfig::command(command.iter().copied(), env.folder.path());
        let config = config.variable(orders, &url).variable(invoices, &url);
        refused(&Waybill::run(&config).await?, &words).with_context(|| format!("{command:?}"))?;
    }
    // Exchanged, each is the database of the other.
    let migrate = WaybillConfig::command(["migrate"], env.folder.path()).databases(&postgres);
    Waybill::run(&migrate).await?.succeeded()?;
    for command in [&["up"][..], &["migrate"], &["migrate", "--status"], &["audit"]] {
        let config = WaybillConfig::command(command.iter().copied(), env.folder.path());
        let config = config.variable(orders, postgres.url("invoices")).variable(invoices, &url);
        let ended = Waybill::run(&config).await?;
        refused(&ended, &["names the database of", "DATABASE_URL (--", "V1__", "a database of its own"])
            .with_context(|| format!("{command:?}"))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_file_without_the_certificates_is_refused_with_its_setting() -> Result<()> {
    let postgres = Postgres::start().await?;
    let env = TestEnv::local()?;
    let empty = env.folder.path().join("empty.pem");
    std::fs::write(&empty, "")?;
    let (empty, missing) = (empty.display().to_string(), "/does/not/exist.pem".to_owned());
    for file in [&missing, &empty] {
        let config = env
            .config()
            .variable("BROKER_URL", "amqps://127.0.0.1:1")
            .variable("WAYBILL_BROKER_CA_FILE", file);
        refused(&Waybill::run(&config).await?, &["WAYBILL_BROKER_CA_FILE (--broker-ca-file)", file])?;
        for (parameters, name) in [
            (format!("sslmode=verify-full&sslrootcert={file}"), "sslrootcert"),
            (format!("sslmode=require&sslcert={file}&sslkey={missing}"), "sslcert"),
        ] {
            let base = postgres.url("orders");
            let base = base.split('?').next().unwrap_or_default();
            let config = env.config().variable("ORDERS_DATABASE_URL", format!("{base}?{parameters}"));
            refused(
                &Waybill::run(&config).await?,
                &["ORDERS_DATABASE_URL (--orders-database-url)", name, file],
            )?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_component_that_cannot_be_read_is_refused() -> Result<()> {
    let env = TestEnv::local()?;
    let missing = env.folder.path().join("missing.wasm");
    let broken = env.folder.path().join("broken.wasm");
    std::fs::write(&broken, "this is not a component")?;
    for path in [&missing, &broken] {
        let ended = Waybill::run(&env.config().argument("--component").argument(component(path))).await?;
        refused(&ended, &["orders"]).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

#[tokio::test]
async fn the_settings_file_of_a_parent_folder_is_not_read() -> Result<()> {
    let env = TestEnv::local()?;
    let parent = env.folder.path();
    std::fs::write(parent.join(".env"), "WAYBILL_CORS_ORIGINS=nonsense\n")?;
    refused(&Waybill::run(&env.config()).await?, &["--cors-origins"])?;
    let child = parent.join("child");
    std::fs::create_dir(&child)?;
    let waybill = Waybill::start(&WaybillConfig::up(&child)).await?;
    waybill.stop().await?.succeeded().map(drop)
}

#[tokio::test]
async fn help_explains_the_settings() -> Result<()> {
    let env = TestEnv::local()?;
    let ended = Waybill::run(&WaybillConfig::command(["up", "--help"], env.folder.path())).await?;
    ended.succeeded()?;
    let settings =
        ["ORDERS_DATABASE_URL", "INVOICES_DATABASE_URL", "--data", "3333", "3334", "8000", "--component"];
    ensure_contains(&ended.stdout, settings)
}

fn component(path: &Path) -> String {
    format!("orders={}", path.display())
}

/// It ended by itself with an error, which is one line for a person that has these words in it.
pub(crate) fn refused(ended: &Ended, words: &[&str]) -> Result<()> {
    ensure!(ended.status.code().is_some_and(|code| code != 0), "it ended with {}", ended.status);
    let errors: Vec<_> = ended.stderr.lines().filter(|line| line.starts_with("error: ")).collect();
    ensure!(errors.len() == 1, "one sentence, not {}:\n{}", errors.len(), ended.stderr);
    ensure_contains(errors[0], words)?;
    for trace in ["panicked", "Error {", "Some(", "Os {", "stack backtrace"] {
        ensure!(!ended.stderr.contains(trace), "it is not for a person: {}", ended.stderr);
    }
    ensure!(!ended.stdout.contains("ready"), "it was never ready:\n{}", ended.stdout);
    Ok(())
}
