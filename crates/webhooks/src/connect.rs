//! Connections to receivers: only to addresses that may be posted to.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::Name;
use hyper_util::rt::TokioExecutor;
use waybill_public_address::is_public_address;

/// The time that a connection may take to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Idle connections that are kept for each receiver, and how long.
const IDLE_CONNECTIONS: usize = 4;
const IDLE_TIME: Duration = Duration::from_secs(30);

const NOT_PUBLIC: &str = "the address does not belong to the Internet, and others are not allowed here";

pub(crate) type Connections = Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>;

/// A client that connects to addresses of the Internet only, or to all where `allow_private` says so. An error says that the
/// system's certificates cannot be read.
pub(crate) fn connections(allow_private: bool) -> anyhow::Result<Connections> {
    let mut tcp = HttpConnector::new_with_resolver(Resolver { allow_private });
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT_LIMIT));
    let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1();
    Ok(Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .pool_idle_timeout(IDLE_TIME)
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resolver {
    allow_private: bool,
}

impl tower_service::Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
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

    #[tokio::test]
    async fn a_name_of_this_machine_is_refused() {
        let localhost = || Name::from_str("localhost").unwrap();
        let error = Resolver { allow_private: false }.call(localhost()).await.unwrap_err();
        assert_eq!(error.to_string(), NOT_PUBLIC);
        assert!(Resolver { allow_private: true }.call(localhost()).await.unwrap().len() > 0);
        // The resolver of the system knows old spellings of addresses too.
        let spelled = Name::from_str("127.1").unwrap();
        assert!(Resolver { allow_private: false }.call(spelled).await.is_err());
    }
}
