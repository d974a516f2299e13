use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, ready};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use thiserror::Error;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt as _};
use wasmtime_wasi_http::WasiBody;

use super::OriginCheck;
use super::linger::linger;

/// Open connections of a listener; further ones wait in the kernel's queue.
const CONNECTIONS: u32 = 4_096;

/// The time that a request's head may take to arrive, also the time that an idle connection is kept. Clients that reuse
/// connections must close an idle one earlier, since a request that meets the close is lost. Kong does (`gateway/Dockerfile`), and
/// so does `Poster` of `crates/transports`.
pub const IDLE_TIME: Duration = Duration::from_secs(30);

/// A connection's read buffer and the longest head, in bytes; a longer head is answered 431. The write buffer is at most a few times
/// as large.
const BUFFER_BYTES: usize = 32 << 10;

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

/// The other end of a request's connection, an extension of the request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// A bound address.
pub struct Listener {
    listener: TcpListener,
    local: SocketAddr,
}

impl Listener {
    /// Binds `address`. The error names `setting`, the flag that chooses another.
    pub async fn bind(address: SocketAddr, setting: &str) -> Result<Self, ListenError> {
        let opened = async {
            let listener = TcpListener::bind(address).await?;
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
            ListenError {
                sentence: format!(
                    "The address {address} {fault}, or choose another, for example {setting} {example}"
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
    stop: CancellationToken,
}

impl Server {
    /// A server that takes no more connections once `stop` is cancelled.
    pub fn new(stop: CancellationToken) -> Self {
        Self { stop }
    }

    /// Serves one listener to requests that `origins` admits. Ends after the stop, when its last connection has ended or `drain_time`
    /// has passed.
    pub async fn serve<S>(self, listener: Listener, origins: OriginCheck, service: S, drain_time: Duration)
    where
        S: Service<Request<Incoming>, Response = Response<WasiBody>, Error = Infallible>
            + Clone
            + Send
            + 'static,
        S::Future: Send,
    {
        let permits = Arc::new(Semaphore::new(CONNECTIONS as usize));
        let origins = Arc::new(origins);
        while let Some((stream, permit)) = self.next_connection(&listener.listener, &permits).await {
            let connection = serve_connection(stream, origins.clone(), service.clone(), self.stop.clone());
            tokio::spawn(async move {
                connection.await;
                drop(permit);
            });
        }
        drop(listener);
        // Every connection holds a permit until it has ended.
        let all_ended = permits.acquire_many(CONNECTIONS);
        if timeout(drain_time, all_ended).await.is_err() {
            tracing::warn!("some connections did not end within {drain_time:?} and are closed");
        }
    }

    /// The next connection; `None` once the server is stopped.
    async fn next_connection(
        &self,
        listener: &TcpListener,
        permits: &Arc<Semaphore>,
    ) -> Option<(TcpStream, OwnedSemaphorePermit)> {
        let accepted = async {
            let permit = permits.clone().acquire_owned().await.ok()?;
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

/// Serves one connection until its client, the stop or a fault ends it.
///
/// hyper's `pipeline_flush` stays off: it holds back answers while bytes of a next request are there, without an end if that one never
/// becomes complete, and without bound. As it is, hyper reads no request before it has sent the answer to the one before.
async fn serve_connection<S>(
    stream: TcpStream,
    origins: Arc<OriginCheck>,
    service: S,
    stop: CancellationToken,
) where
    S: Service<Request<Incoming>, Response = Response<WasiBody>, Error = Infallible> + Clone,
{
    let peer = stream.peer_addr().ok().map(|address| Peer(address.ip().to_canonical()));
    let service = service_fn(move |mut request: Request<Incoming>| {
        if let Some(refusal) = origins.refusal(&request) {
            return Either::Left(ready(Ok(refusal)));
        }
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        Either::Right(service.clone().oneshot(request))
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(IDLE_TIME).max_buf_size(BUFFER_BYTES);
    // A client may close its sending half and still wait for the answer.
    http.half_close(true);
    let mut connection = http.serve_connection(TokioIo::new(stream), service);
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        () = stop.cancelled() => None,
    };
    let ended = if let Some(ended) = ended {
        ended
    } else {
        Pin::new(&mut connection).graceful_shutdown();
        (&mut connection).await
    };
    // A client that disconnects in the middle of its request is no error. One whose head was refused may still be sending it.
    let is_still_sent = ended.is_err_and(|error| error.is_parse());
    linger(connection.into_parts().io.into_inner(), is_still_sent).await;
}
