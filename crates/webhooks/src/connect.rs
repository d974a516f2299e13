//! Connections to receivers: only to addresses that may be posted to.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use waybill_public_address::is_public_address;

/// The time that a connection may take to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Idle connections that are kept for each receiver, and how long.
const IDLE_CONNECTIONS: usize = 4;
const IDLE_TIME: Duration = Duration::from_secs(30);

/// How many bytes the head of an answer may have.
const HEAD_BYTES: usize = 32 << 10;

/// Look-ups of names at the same time. The system's resolver has no time limit of its own that we could set, so one that waits for a
/// name server outlives its attempt.
const LOOK_UPS: usize = 256;

const NOT_PUBLIC: &str = "the address does not belong to the Internet, and others are not allowed here";

pub(crate) type Connections = Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// A client that connects to addresses of the Internet only, or to all where `allow_private` says so. An error says that the
/// system's certificates cannot be read.
pub(crate) fn connections(allow_private: bool) -> anyhow::Result<Connections> {
    let mut tcp = HttpConnector::new_with_resolver(Resolver::new(allow_private));
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_LIMIT));
    let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1();
    Ok(Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIME)
        .http1_max_buf_size(HEAD_BYTES)
        .build(https.wrap_connector(tcp)))
}

/// Whether `to` may be posted to, as far as that can be said without looking up a name. An address in the place of a name is
/// never looked up, so it is checked here.
pub(crate) fn check(to: &Uri, allow_private: bool) -> Result<(), &'static str> {
    if allow_private {
        return Ok(());
    }
    if to.scheme_str() != Some("https") {
        return Err("the address must begin with https://, and others are not allowed here");
    }
    let host = to.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    match host.parse::<IpAddr>() {
        Ok(address) if !is_public_address(address) => Err(NOT_PUBLIC),
        _ => Ok(()),
    }
}

/// Looks names up, and gives those of their addresses that may be connected to.
#[derive(Clone, Debug)]
pub(crate) struct Resolver {
    allow_private: bool,
    look_ups: Arc<Semaphore>,
}

impl Resolver {
    fn new(allow_private: bool) -> Self {
        Self { allow_private, look_ups: Arc::new(Semaphore::new(LOOK_UPS)) }
    }
}

impl tower_service::Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (allow_private, look_ups) = (self.allow_private, Arc::clone(&self.look_ups));
        Box::pin(async move {
            let permit = look_ups.acquire_owned().await.map_err(io::Error::other)?;
            let found = spawn_blocking(move || {
                let found = (name.as_str(), 0).to_socket_addrs();
                drop(permit);
                found
            });
            let found = found.await??;
            let allowed: Vec<SocketAddr> =
                found.filter(|address| allow_private || is_public_address(address.ip())).collect();
            if allowed.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, NOT_PUBLIC));
            }
            Ok(allowed.into_iter())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;

    use http::Request;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tower_service::Service as _;

    use super::*;

    #[test]
    fn an_address_in_the_place_of_a_name_is_checked() {
        for (url, allowed) in [
            ("https://1.1.1.1/", true),
            ("https://example.com/", true),
            ("https://127.0.0.1/", false),
            ("https://[::1]:8443/", false),
            ("https://[::ffff:169.254.169.254]/", false),
            ("http://1.1.1.1/", false),
        ] {
            let uri: Uri = url.parse().unwrap();
            assert_eq!(check(&uri, false).is_ok(), allowed, "{url}");
            assert_eq!(check(&uri, true), Ok(()));
        }
    }

    /// Each answer in flight would otherwise take as much memory as its sender likes.
    #[tokio::test]
    async fn a_head_without_end_is_not_read() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let to: Uri = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let endless = async {
            let (mut receiver, _) = listener.accept().await.unwrap();
            // An answer before its request would be another fault.
            let _ = receiver.read(&mut [0; 1_024]).await.unwrap();
            receiver.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
            let line = format!("x-filler: {}\r\n", "x".repeat(1_000));
            while receiver.write_all(line.as_bytes()).await.is_ok() {}
        };
        let request = Request::post(to).body(Full::default()).unwrap();
        let connections = connections(true).unwrap();
        let (answer, ()) = tokio::join!(connections.request(request), endless);
        let error = answer.unwrap_err();
        let text = waybill_telemetry::with_causes(&error);
        assert!(text.contains("too large"), "{text}");
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused() {
        let localhost = || Name::from_str("localhost").unwrap();
        let error = Resolver::new(false).call(localhost()).await.unwrap_err();
        assert_eq!(error.to_string(), NOT_PUBLIC);
        assert!(Resolver::new(true).call(localhost()).await.unwrap().len() > 0);
        // The resolver of the system knows old spellings of addresses too.
        let spelled = Name::from_str("127.1").unwrap();
        assert!(Resolver::new(false).call(spelled).await.is_err());
    }
}
