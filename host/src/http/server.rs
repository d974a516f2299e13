use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use thiserror::Error;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use tower::Service;
use wasmtime_wasi_http::WasiBody;

/// Connections that a listener keeps at the same time; further ones wait in the kernel's queue.
const CONNECTIONS: usize = 4_096;

/// The time that a request's head may take to arrive, also the time that an idle connection is kept.
const HEAD_TIME: Duration = Duration::from_secs(30);

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

/// An address that is taken, and not yet served.
pub struct Listener {
    listener: TcpListener,
    local: SocketAddr,
}

impl Listener {
    /// Takes `address`; `setting` is the flag that chooses another.
    pub async fn bind(address: SocketAddr, setting: &str) -> Result<Self, ListenError> {
        let opened = async {
            let listener = TcpListener::bind(address).await?;
            let local = listener.local_addr()?;
            Ok(Self { listener, local })
        };
        opened.await.map_err(|source: std::io::Error| {
            let fault = match source.kind() {
                std::io::ErrorKind::AddrInUse => "is taken by another program; end that program".to_owned(),
                std::io::ErrorKind::AddrNotAvailable => "is no address of this machine".to_owned(),
                std::io::ErrorKind::PermissionDenied => "needs privileges that this program lacks".to_owned(),
                _ => format!("cannot be opened ({source})"),
            };
            let port = address.port().checked_add(10_000).unwrap_or(13_333);
            let example = SocketAddr::new(address.ip(), port);
            ListenError {
                sentence: format!(
                    "The address {address} {fault}, or choose another, for example {setting} {example}."
                ),
                source,
            }
        })
    }

    /// The address in fact: the port is the system's choice where 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.local
    }
}

/// Serves listeners until it is told to stop, then lets what is in hand end.
#[derive(Clone)]
pub struct Server {
    stop: CancellationToken,
}

impl Server {
    /// A server that takes no more connections once `stop` is cancelled.
    pub fn new(stop: CancellationToken) -> Self {
        Self { stop }
    }

    /// Serves one listener. Ends after the stop, when its last connection has ended or `drain_time` has passed.
    pub async fn serve<S>(self, listener: Listener, service: S, drain_time: Duration)
    where
        S: Service<Request<Incoming>, Response = Response<WasiBody>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send,
    {
        let connections = Arc::new(Semaphore::new(CONNECTIONS));
        let graceful = GracefulShutdown::new();
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).pipeline_flush(true);
        while let Some((stream, permit)) = self.next_connection(&listener.listener, &connections).await {
            let service = TowerToHyperService::new(service.clone());
            let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
            tokio::spawn(async move {
                // A client that goes away in the middle of its request is its own affair.
                let _ = connection.await;
                drop(permit);
            });
        }
        drop(listener);
        if timeout(drain_time, graceful.shutdown()).await.is_err() {
            tracing::warn!("some connections did not end within {drain_time:?} and are cut");
        }
    }

    /// The next connection, or none once the server is stopped.
    async fn next_connection(
        &self,
        listener: &TcpListener,
        connections: &Arc<Semaphore>,
    ) -> Option<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
        let accepted = async {
            let permit = connections.clone().acquire_owned().await.ok()?;
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        // Answers are small: waiting to fill a segment would only delay them.
                        let _ = stream.set_nodelay(true);
                        return Some((stream, permit));
                    }
                    Err(error) => {
                        tracing::warn!("a connection could not be accepted: {error}");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => None,
            accepted = accepted => accepted,
        }
    }
}
