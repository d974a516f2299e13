//! Making a connection, to a server or to the embedded database.

use std::time::Duration;

use futures::{FutureExt as _, future::BoxFuture};
use tokio::{io::DuplexStream, time::timeout};
use tokio_postgres::{Client, NoTls};

use crate::{ConnectError, ServerConfig, SessionSettings, embedded::Embedded, error::in_words, tls};

/// What a client needs to be driven. Ends when the connection does, with the reason if there is one.
pub(crate) type Driver = BoxFuture<'static, Option<String>>;

/// The bytes that may wait between the client and the embedded database, in each direction.
const DUPLEX_BYTES: usize = 256 << 10;

/// Where connections come from.
pub(crate) enum Connector {
    Server(Box<ServerConfig>),
    Embedded(Embedded),
}

impl Connector {
    /// Makes a connection; on a server, statements on it get the time limit.
    pub(crate) async fn connect(&self, limit: Option<Duration>) -> Result<(Client, Driver), ConnectError> {
        match self {
            Self::Server(config) => to_server(config, limit).await,
            Self::Embedded(embedded) => to_embedded(embedded).await,
        }
    }
}

async fn to_server(config: &ServerConfig, limit: Option<Duration>) -> Result<(Client, Driver), ConnectError> {
    let unreachable = |reason: String| ConnectError::Unreachable { address: config.address.clone(), reason };
    let tls = tls::connector(config.verification).map_err(|error| unreachable(error.to_string()))?;
    let connect = async {
        let (client, connection) = config.postgres.connect(tls).await?;
        let driver: Driver = connection.map(|end| end.err().map(|error| in_words(&error))).boxed();
        Ok::<_, tokio_postgres::Error>((client, driver))
    };
    let (client, mut driver) = match timeout(config.connect_limit, connect).await {
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

async fn to_embedded(embedded: &Embedded) -> Result<(Client, Driver), ConnectError> {
    let (ours, theirs): (DuplexStream, DuplexStream) = tokio::io::duplex(DUPLEX_BYTES);
    embedded.attach(theirs).map_err(ConnectError::Embedded)?;
    let mut config = tokio_postgres::Config::new();
    config
        .user("postgres")
        .dbname("postgres")
        .application_name("waybill")
        .ssl_mode(tokio_postgres::config::SslMode::Disable);
    let (client, connection) =
        config.connect_raw(ours, NoTls).await.map_err(|error| ConnectError::Embedded(in_words(&error)))?;
    let mut driver: Driver = connection.map(|end| end.err().map(|error| in_words(&error))).boxed();
    set_up(&client, &mut driver, &embedded.session_settings).await.map_err(ConnectError::Embedded)?;
    Ok((client, driver))
}

/// Sets what a new session is to have set, while nobody else drives its connection.
async fn set_up(client: &Client, driver: &mut Driver, settings: &SessionSettings) -> Result<(), String> {
    tokio::select! {
        applied = settings.apply(client) => applied,
        end = driver => Err(end.unwrap_or_else(|| "the connection was closed".to_owned())),
    }
}
