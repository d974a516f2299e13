//! What a request says of its client.

use std::net::IpAddr;

use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Version, header};

use crate::authority::is_host_and_port;

/// The headers that reverse proxies, tunnels and content delivery networks add, beside those that begin with [`FORWARDED_PREFIX`].
static PROXIED: [HeaderName; 13] = [
    header::FORWARDED,
    header::VIA,
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-client-ip"),
    HeaderName::from_static("x-cluster-client-ip"),
    HeaderName::from_static("x-envoy-external-address"),
    HeaderName::from_static("x-original-forwarded-for"),
    HeaderName::from_static("x-original-host"),
    HeaderName::from_static("x-proxyuser-ip"),
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("fastly-client-ip"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("x-azure-clientip"),
];

/// `X-Forwarded-For`, `-Host`, `-Proto`, `-Port`, `-Server`, `-Prefix` and others.
const FORWARDED_PREFIX: &str = "x-forwarded-";

/// Whether a proxy has passed the request on, by the name of a header.
pub fn is_of_proxy(name: &HeaderName) -> bool {
    PROXIED.contains(name) || name.as_str().starts_with(FORWARDED_PREFIX)
}

/// The host that a request is for; `None` if a client of HTTP/1.0 sent none.
pub fn host<B>(request: &Request<B>) -> Result<Option<Authority>, &'static str> {
    let target = request.uri();
    // `http` takes the target of `GET orders` for a host, which only CONNECT has (RFC 9112, 3.2.3).
    let is_host = target.authority().is_some() && target.scheme().is_none();
    if is_host && request.method() != Method::CONNECT {
        return Err("The request's target is neither a path that begins with / nor a URL.");
    }
    if target.authority().is_some_and(|host| !is_host_and_port(host)) {
        return Err("The request's target is not for a host with an optional port.");
    }
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        // A proxy in front might choose the other one (RFC 9112, 3.2).
        (Some(_), Some(_)) => Err("The request has more than one Host header."),
        (Some(host), None) => match Authority::try_from(host.as_bytes()) {
            Ok(host) if is_host_and_port(&host) => Ok(Some(host)),
            _ => Err("The Host header is not a host with an optional port."),
        },
        (None, _) if request.uri().authority().is_some() => Ok(request.uri().authority().cloned()),
        // HTTP/1.0 knew no Host header; HTTP/1.1 demands it (RFC 9112, 3.2).
        (None, _) if request.version() < Version::HTTP_11 => Ok(None),
        (None, _) => Err("The request has no Host header."),
    }
}

/// Whether every resolver takes a name for this machine, as it does all names below `localhost` (RFC 6761, 6.3).
pub fn is_loopback(host: &Authority) -> bool {
    let name = host.host().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or(name);
    last.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Whether the request comes from a program, from a page of this origin or of one that is named, or from a link that a user followed.
///
/// `Origin` says more than `Sec-Fetch-Site`, which counts all ports of a host as the same site, but comes only with what may change
/// something or what a script reads. `Sec-Fetch-Site` comes with everything, but only to https and to this machine.
pub fn is_of_own_page<B>(request: &Request<B>, is_named: impl Fn(&HeaderValue) -> bool) -> bool {
    let headers = request.headers();
    let mut given = headers.get_all(header::ORIGIN).iter();
    match (given.next(), given.next()) {
        (Some(origin), None) if is_named(origin) => true,
        (Some(origin), None) if is_same(origin, headers) => {
            matches!(fetch(headers, "sec-fetch-site"), None | Some("same-origin" | "none"))
        }
        (Some(_), _) => false,
        (None, _) => match fetch(headers, "sec-fetch-site") {
            None | Some("same-origin" | "none") => true,
            // A link may lead here from anywhere. A frame may not: the page around it could steer the user's clicks.
            Some(_) => {
                matches!(*request.method(), Method::GET | Method::HEAD)
                    && fetch(headers, "sec-fetch-mode") == Some("navigate")
                    && matches!(fetch(headers, "sec-fetch-dest"), None | Some("document"))
            }
        },
    }
}

/// Whether an origin is the one that the request went to. Its scheme is not compared, since a proxy may terminate TLS.
fn is_same(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let authority =
        origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    authority.zip(host).is_some_and(|(authority, host)| authority.eq_ignore_ascii_case(host))
}

/// A header of Fetch Metadata, which browsers set and scripts cannot.
fn fetch<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("unknown"))
}
