//! One attempt to connect, with a time limit that really ends it.

use std::io;
use std::net::Shutdown;
use std::sync::Arc;
use std::time::Duration;

use async_rs::Runtime;
use lapin::tcp::{AsyncTcpStream, RustlsConnector, RustlsConnectorConfig};
use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties};
use parking_lot::Mutex;
use socket2::{SockRef, Socket};
use thiserror::Error;
use waybill_broker_rules::{FRAME_MAX, FRAME_MIN};

use crate::config::BrokerConfig;
use crate::error::{BrokerError, words};
use crate::readable_stream::{self, ReadableStream};
use crate::trust::{TrustError, certificates};

/// How often both sides say that they are alive, in seconds, unless the address says otherwise. RabbitMQ's
/// recommendation is between 5 and 20.
const HEARTBEAT_S: u16 = 10;

/// A second handle to the socket under a connection, by which the connection can be cut from outside.
///
/// The library runs each connection on a thread of its own, which waits for the server. Dropping the connection
/// asks that thread to close it in order. A server that accepted the connection and is silent, or that blocks
/// us, never lets it, and every reconnect would leave a thread and a socket behind.
#[derive(Clone, Default)]
pub(crate) struct Cutter(Arc<Mutex<Option<Socket>>>);

impl Cutter {
    fn hold(&self, socket: Socket) {
        *self.0.lock() = Some(socket);
    }

    /// Ends the connection at once, whatever it is doing.
    pub(crate) fn cut(&self) {
        let socket = self.0.lock().take();
        if let Some(socket) = socket {
            // It fails only if the connection is gone already.
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub(crate) enum ConnectError {
    #[error("no answer from {server} within {limit:?}")]
    TimedOut { server: String, limit: Duration },
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error("TLS cannot be set up")]
    Tls(#[source] io::Error),
    /// Its text is RabbitMQ's own, without the library's words around it that a source would repeat.
    #[error("{}", words(.0))]
    Refused(lapin::Error),
    #[error("RabbitMQ takes frames of up to {bytes} bytes, less than {FRAME_MIN}; raise its `frame_max`")]
    SmallFrames { bytes: u32 },
    #[error(transparent)]
    Topology(#[from] BrokerError),
}

/// Connects.
pub(crate) async fn connect(config: &BrokerConfig, role: &str) -> Result<(Connection, Cutter), ConnectError> {
    let limit = limit(config);
    let cutter = Cutter::default();
    let attempt = tokio::time::timeout(limit, attempt(config, role, cutter.clone())).await;
    let result = match attempt {
        Ok(Ok(connection)) => return Ok((connection, cutter)),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(ConnectError::TimedOut { server: config.url.to_string(), limit }),
    };
    cutter.cut();
    result
}

/// The time that an attempt may take. The library takes no notice of the address's `connection_timeout`.
pub(crate) fn limit(config: &BrokerConfig) -> Duration {
    config.url.uri().query.connection_timeout.map_or(config.request_timeout, Duration::from_millis)
}

async fn attempt(config: &BrokerConfig, role: &str, cutter: Cutter) -> Result<Connection, ConnectError> {
    let mut uri = config.url.uri().clone();
    uri.query.heartbeat.get_or_insert(HEARTBEAT_S);
    // A server without a limit would have the library allocate buffers for frames of 4 GiB.
    let frame_max = *uri.query.frame_max.get_or_insert(FRAME_MAX);
    let tls = if config.url.is_encrypted() { Some(Arc::new(connector(config)?)) } else { None };
    let limit = limit(config);

    // The library could recover connections. It is not used: it gives up after some attempts, declares everything
    // again without looking, and goes on with channels of which a part of the messages is lost. With a new connection each
    // time, everything that belonged to the old one has failed, and its users see that.
    let name = format!("{} ({role})", config.connection_name);
    let options = ConnectionProperties::default().with_connection_name(name.into());
    let reactor = Runtime::tokio_current();
    let dial = async move |uri: AMQPUri, _| {
        let (host, port) = (uri.authority.host.as_str(), uri.authority.port);
        let addresses: Vec<_> = within(limit, tokio::net::lookup_host((host, port))).await?.collect();
        let stream = within(limit, AsyncTcpStream::connect(&reactor, addresses)).await?;
        if let AsyncTcpStream::Plain(tcp) = &stream {
            cutter.hold(SockRef::from(tcp.get_ref()).try_clone()?);
        }
        let stream = match &tls {
            None => stream,
            Some(tls) => within(limit, stream.into_rustls(tls, host)).await?,
        };
        Ok(AsyncTcpStream::Plain(ReadableStream::new(stream, frame_max)))
    };
    let connecting = Connection::connector(uri, readable_stream::runtime(), dial, options);
    let connection = connecting.await.map_err(ConnectError::Refused)?;
    let bytes = connection.configuration().frame_max();
    if bytes < FRAME_MIN { Err(ConnectError::SmallFrames { bytes }) } else { Ok(connection) }
}

async fn within<T>(limit: Duration, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

/// TLS that trusts the certificates of the given file only, or else the system's.
fn connector(config: &BrokerConfig) -> Result<RustlsConnector, ConnectError> {
    let trusted = match &config.ca_file {
        None => RustlsConnectorConfig::new_with_native_certs().map_err(ConnectError::Tls)?,
        Some(path) => RustlsConnectorConfig::default().with_parsable_certificates(certificates(path)?),
    };
    trusted.connector_with_no_client_auth().map_err(ConnectError::Tls)
}
