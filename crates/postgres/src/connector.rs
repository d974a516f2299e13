//! Making a connection.

use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::time::timeout;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, NoTls, Socket};

use crate::error::in_words;
use crate::{ConnectError, ServerConfig, SessionSettings, tls};

/// What a client needs to be driven. Ends when the connection does, with the reason if there is one.
pub(crate) type Driver = BoxFuture<'static, Option<String>>;

/// Makes a connection. Statements on it get the time limit.
pub(crate) async fn connect(
    config: &ServerConfig,
    limit: Option<Duration>,
) -> Result<(Client, Driver), ConnectError> {
    let unreachable = |reason: String| ConnectError::Unreachable { address: config.address.clone(), reason };
    let connected = if config.postgres.get_ssl_mode() == SslMode::Disable {
        timeout(config.connect_limit, start(config, NoTls)).await
    } else {
        let tls = tls::connector(config.verification).map_err(|error| unreachable(error.to_string()))?;
        timeout(config.connect_limit, start(config, tls)).await
    };
    let (client, mut driver) = match connected {
        Ok(Ok(connected)) => connected,
        Ok(Err(error)) => return Err(unreachable(in_words(&error))),
        Err(_) => return Err(unreachable(format!("no answer within {:?}", config.connect_limit))),
    };
    // A little below our own limit, so that the server tells the end of the statement rather than we guess it.
    let settings = config.session_settings.with_statement_timeout(limit.map(|limit| limit * 9 / 10));
    match timeout(config.connect_limit, set_up(&client, &mut driver, &settings)).await {
        Ok(Ok(())) => Ok((client, driver)),
        Ok(Err(reason)) => Err(unreachable(reason)),
        Err(_) => Err(unreachable(format!("no answer within {:?}", config.connect_limit))),
    }
}

async fn start<T>(config: &ServerConfig, tls: T) -> Result<(Client, Driver), tokio_postgres::Error>
where
    T: MakeTlsConnect<Socket> + 'static,
    T::Stream: Send,
{
    let (client, connection) = config.postgres.connect(tls).await?;
    Ok((client, connection.map(|end| end.err().map(|error| in_words(&error))).boxed()))
}

/// Sets what a new session is to have set, while nobody else drives its connection.
async fn set_up(client: &Client, driver: &mut Driver, settings: &SessionSettings) -> Result<(), String> {
    tokio::select! {
        applied = settings.apply(client) => applied,
        end = driver => Err(end.unwrap_or_else(|| "the connection was closed".to_owned())),
    }
}
