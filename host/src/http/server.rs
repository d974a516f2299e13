use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;
use wasmtime_wasi_http::WasiBody;

use super::connections::{Connections, Place};
use super::http_connection::HttpConnection;
use super::{OriginCheck, RequestBody};

/// Connections that the kernel accepts ahead of us, as far as it is willing (`net.core.somaxconn`).
const BACKLOG: u32 = 4_096;

/// How long to wait after the system ran out of file descriptors before accepting again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why a listener could not be opened.
#[derive(Debug, Error)]
#[error("{sentence}")]
pub struct ListenError {
    sentence: String,
    #[source]
    source: std::io::Error,
}

/// A bound address.
pub struct Listener {
    listener: TcpListener,
    local: SocketAddr,
}

impl Listener {
    /// Binds `address`. The error names `setting`, the flag that chooses another.
    pub async fn bind(address: SocketAddr, setting: &str) -> Result<Self, ListenError> {
        let opened = async {
            let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            // As the standard library does: a restart needs no wait for the connections of the process before.
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            let listener = socket.listen(BACKLOG)?;
            let local = listener.local_addr()?;
            Ok(Self { listener, local })
        };
        opened.await.map_err(|source: std::io::Error| {
            let fault = match source.kind() {
                std::io::ErrorKind::AddrInUse => "is in use by another program; stop that program".to_owned(),
                std::io::ErrorKind::AddrNotAvailable => "is not an address of this machine".to_owned(),
                std::io::ErrorKind::PermissionDenied => {
                    "needs privileges that this program does not have".to_owned()
                }
                _ => format!("cannot be opened ({source})"),
            };
            let port = address.port().checked_add(10_000).unwrap_or(13_333);
            let example = SocketAddr::new(address.ip(), port);
            let variable = setting.trim_start_matches('-').to_uppercase().replace('-', "_");
            ListenError {
                sentence: format!(
                    "The address {address} {fault}, or choose another by WAYBILL_{variable} ({setting}), for example {setting} {example}"
                ),
                source,
            }
        })
    }

    /// The bound address; the system chose its port if 0 was set.
    pub fn address(&self) -> SocketAddr {
        self.local
    }
}

/// Serves listeners until it is stopped, then drains their connections.
#[derive(Clone)]
pub struct Server {
    connections: Connections,
    stop: CancellationToken,
}

impl Server {
    /// A server that takes no more connections once `stop` is cancelled. Its listeners share the limits of `connections`.
    pub fn new(connections: Connections, stop: CancellationToken) -> Self {
        Self { connections, stop }
    }

    /// Serves one listener to requests that `origins` admits. Ends after the stop, when its last connection has ended or `drain_time`
    /// has passed.
    pub async fn serve<S>(self, listener: Listener, origins: OriginCheck, service: S, drain_time: Duration)
    where
        S: Service<Request<RequestBody>, Response = Response<WasiBody>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send,
    {
        let tasks = TaskTracker::new();
        let origins = Arc::new(origins);
        while let Some((stream, place)) = self.next_connection(&listener.listener).await {
            let http = HttpConnection::new(place, origins.clone(), service.clone());
            tasks.spawn(http.serve(stream, self.stop.clone()));
        }
        drop(listener);
        tasks.close();
        if timeout(drain_time, tasks.wait()).await.is_err() {
            tracing::warn!("some connections did not end within {drain_time:?} and are closed");
        }
    }

    /// The next connection; `None` once the server is stopped.
    async fn next_connection(&self, listener: &TcpListener) -> Option<(TcpStream, Place)> {
        let accepted = async {
            loop {
                match listener.accept().await {
                    Ok((stream, peer)) => {
                        // Answers are small: waiting to fill a segment would only delay them.
                        let _ = stream.set_nodelay(true);
                        // Where its address has its share, the connection is closed.
                        if let Some(place) = self.connections.admit(peer.ip()).await {
                            return (stream, place);
                        }
                    }
                    Err(error) => {
                        tracing::warn!("a connection could not be accepted: {error}");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        };
        self.stop.run_until_cancelled(accepted).await
    }
}
