//! Making a connection.

use std::error::Error;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use thiserror::Error;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, NoTls, Socket};

use crate::error::Chain;
use crate::{ConnectError, ServerConfig, SessionSettings, tls};

/// What a client needs to be driven. Ends when the connection does, with the reason if there is one.
pub(crate) type Driver = BoxFuture<'static, Option<String>>;

type Failure = Box<dyn Error + Send + Sync>;

/// Makes a connection, whose statements get the time limit.
pub(crate) async fn connect(
    config: &ServerConfig,
    limit: Option<Duration>,
) -> Result<(Client, Driver), ConnectError> {
    let unreachable = |source| ConnectError::Unreachable { address: config.address.clone(), source };
    open(config, limit).await.map_err(unreachable)
}

async fn open(config: &ServerConfig, limit: Option<Duration>) -> Result<(Client, Driver), Failure> {
    let late = |_| NoAnswer(config.connect_limit);
    let (client, mut driver) = if config.postgres.get_ssl_mode() == SslMode::Disable {
        timeout(config.connect_limit, start(config, NoTls)).await.map_err(late)??
    } else {
        let tls = tls::connector(config.verification)?;
        timeout(config.connect_limit, start(config, tls)).await.map_err(late)??
    };
    // A little below our own limit, so that the server reports the end of the statement and we need not guess it.
    let settings = config.session_settings.with_statement_timeout(limit.map(|limit| limit * 9 / 10));
    timeout(config.connect_limit, set_up(&client, &mut driver, &settings)).await.map_err(late)??;
    Ok((client, driver))
}

#[derive(Debug, Error)]
#[error("no answer within {0:?}")]
struct NoAnswer(Duration);

async fn start<T>(config: &ServerConfig, tls: T) -> Result<(Client, Driver), tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket> + 'static,
    T::Stream: Send,
{
    let (client, connection) = config.postgres.connect(tls).await?;
    Ok((client, connection.map(|end| end.err().map(|error| Chain(&error).to_string())).boxed()))
}

/// Applies the settings of a new session, and drives its connection meanwhile.
async fn set_up(client: &Client, driver: &mut Driver, settings: &SessionSettings) -> Result<(), Failure> {
    tokio::select! {
        applied = settings.apply(client) => Ok(applied?),
        end = driver => Err(end.unwrap_or_else(|| "the connection was closed".to_owned()).into()),
    }
}
