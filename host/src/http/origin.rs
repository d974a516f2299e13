//! Refuses requests by what they say of where they come from.
//!
//! A listener without API keys serves every client that reaches it, and more than the programs of its own machine do:
//!
//! | Client | Recognized by | Answer |
//! | --- | --- | --- |
//! | a page of another origin, by a form, an image or a script | `Origin`, `Sec-Fetch-Site` | 403 |
//! | a page whose own name resolves to this machine (DNS rebinding) | `Host` | 421 |
//! | a reverse proxy of this machine, on behalf of others | `Forwarded`, `X-Forwarded-…`, `Via`, or `Host` | 403, 421 |
//!
//! What applies depends on the listener:
//!
//! | Listener | `Host` and proxies | Pages |
//! | --- | --- | --- |
//! | requires API keys | any: a page has no key | any |
//! | on loopback, without `--key-check off` | this machine only | its own and those of `--cors-origins` |
//! | of a service, with `--key-check off` | any: the gateway in front is responsible | the same |
//! | of operators (admin, traces) on loopback | this machine only | its own |
//! | of operators beyond loopback | any: its names are unknown | its own |
//!
//! A client that is not a browser sends neither `Origin` nor `Sec-Fetch-Site`, and is served. 421 (RFC 9110, 15.5.20) is the status
//! for a target that this server is not responsible for; 403 refuses what it is responsible for.

use std::net::{IpAddr, SocketAddr};

use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Version, header};
use wasmtime_wasi_http::WasiBody;

use crate::answers::problem;
use crate::settings::{AccessSettings, KeyCheck, Origins};

/// The headers that reverse proxies add.
static PROXIED: [HeaderName; 5] = [
    header::FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
    header::VIA,
];

const FOREIGN_PAGE: &str = "A page of another origin sent this request";

/// Which requests a listener refuses before anything else.
#[derive(Clone, Debug)]
pub struct OriginCheck {
    /// Set if it serves this machine only: how to serve others too.
    loopback_only: Option<&'static str>,
    /// The origins whose pages it serves beside its own; `None` if it serves all pages.
    pages: Option<Origins>,
    /// How the operator of the listener can have a refused page served.
    page_remedy: &'static str,
}

impl OriginCheck {
    /// For the listener of a service on `address`.
    pub fn of_service(address: SocketAddr, access: &AccessSettings) -> Self {
        const REMEDY: &str = "Behind a reverse proxy, start waybill with --key-check required, or with --key-check off if the proxy \
                              checks the callers.";
        const PAGE_REMEDY: &str = "Add its origin to --cors-origins if its pages may call this service.";
        if access.key_check.asks_at(address) {
            return Self { loopback_only: None, pages: None, page_remedy: PAGE_REMEDY };
        }
        let loopback_only = (access.key_check != KeyCheck::Off).then_some(REMEDY);
        Self { loopback_only, pages: Some(access.cors_origins.clone()), page_remedy: PAGE_REMEDY }
    }

    /// For a listener of operators on `address`, which has no keys.
    pub fn of_operators(address: SocketAddr) -> Self {
        const REMEDY: &str = "To serve others, listen on an address beyond loopback that only a proxy with access control can reach.";
        const PAGE_REMEDY: &str = "This address is for operators, and no setting allows other pages.";
        let loopback_only = address.ip().to_canonical().is_loopback().then_some(REMEDY);
        Self { loopback_only, pages: Some(Origins::default()), page_remedy: PAGE_REMEDY }
    }

    /// The answer to a request that is refused.
    pub fn refusal<B>(&self, request: &Request<B>) -> Option<Response<WasiBody>> {
        self.check(request).err().map(|(status, detail)| problem(status, &detail))
    }

    fn check<B>(&self, request: &Request<B>) -> Result<(), (StatusCode, String)> {
        let host = host(request).map_err(|fault| (StatusCode::BAD_REQUEST, fault.to_owned()))?;
        if let Some(remedy) = self.loopback_only {
            // A target in absolute form overrides Host (RFC 9112, 3.2.2), so both are checked.
            let foreign = [host.as_ref(), request.uri().authority()]
                .into_iter()
                .flatten()
                .find(|host| !is_loopback(host));
            if let Some(host) = foreign {
                let detail = format!(
                    "The request is for {host:?}, but this address requires no API key and so serves this machine only, as localhost. {remedy}"
                );
                return Err((StatusCode::MISDIRECTED_REQUEST, detail));
            }
            if let Some(name) = PROXIED.iter().find(|name| request.headers().contains_key(*name)) {
                let detail = format!(
                    "A proxy forwarded this request (header {name}), but this address requires no API key and so serves this machine \
                     only. {remedy}"
                );
                return Err((StatusCode::FORBIDDEN, detail));
            }
        }
        match &self.pages {
            Some(origins) if !is_of_own_page(request, origins) => {
                Err((StatusCode::FORBIDDEN, format!("{FOREIGN_PAGE}. {}", self.page_remedy)))
            }
            _ => Ok(()),
        }
    }
}

/// Refuses what a page of another origin sends, even one of `--cors-origins`: for pages that act on their own cookies.
pub fn refuse_foreign_pages<B>(request: &Request<B>) -> Option<Response<WasiBody>> {
    let is_own = is_of_own_page(request, &Origins::default());
    (!is_own).then(|| problem(StatusCode::FORBIDDEN, &format!("{FOREIGN_PAGE}; it may not.")))
}

/// The host that a request is for; `None` if a client of HTTP/1.0 sent none.
fn host<B>(request: &Request<B>) -> Result<Option<Authority>, &'static str> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        // A proxy in front might choose the other one (RFC 9112, 3.2).
        (Some(_), Some(_)) => Err("The request has more than one Host header."),
        (Some(host), None) => match Authority::try_from(host.as_bytes()) {
            Ok(host) if !host.as_str().contains('@') => Ok(Some(host)),
            _ => Err("The Host header is not a host with an optional port."),
        },
        (None, _) if request.uri().authority().is_some() => Ok(request.uri().authority().cloned()),
        // HTTP/1.0 knew no Host header; HTTP/1.1 demands it (RFC 9112, 3.2).
        (None, _) if request.version() < Version::HTTP_11 => Ok(None),
        (None, _) => Err("The request has no Host header."),
    }
}

/// Whether every resolver takes a name for this machine, as it does all names below `localhost` (RFC 6761, 6.3).
fn is_loopback(host: &Authority) -> bool {
    let name = host.host().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or(name);
    last.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

/// Whether the request comes from a program, from a page of this origin or of one in `origins`, or from a link that a user followed.
///
/// `Origin` says more than `Sec-Fetch-Site`, which counts all ports of a host as the same site, but comes only with what may change
/// something or what a script reads. `Sec-Fetch-Site` comes with everything, but only to https and to this machine.
fn is_of_own_page<B>(request: &Request<B>, origins: &Origins) -> bool {
    let headers = request.headers();
    let mut given = headers.get_all(header::ORIGIN).iter();
    match (given.next(), given.next()) {
        (Some(origin), None) if origins.contains(origin) => true,
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

#[cfg(test)]
mod tests;
