//! Refuses requests by what they say of where they come from.
//!
//! A listener without API keys serves every client that reaches it, and more than the programs of its own machine do:
//!
//! | Client | Recognized by | Answer |
//! | --- | --- | --- |
//! | a page of another origin, by a form, an image or a script | `Origin`, `Sec-Fetch-Site` | 403 |
//! | a page whose own name resolves to this machine (DNS rebinding) | `Host` | 421 |
//! | a reverse proxy of this machine, on behalf of others | `Forwarded`, `X-Forwarded-…`, `Via`, `X-Real-IP` and others, or `Host` | 403, 421 |
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

mod client;

use std::net::SocketAddr;

use http::{Request, Response, StatusCode};
use wasmtime_wasi_http::WasiBody;

use self::client::{host, is_loopback, is_of_own_page, is_of_proxy};
use crate::answers::problem;
use crate::settings::{AccessSettings, KeyCheck, Origins};

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
            if let Some(name) = request.headers().keys().find(|name| is_of_proxy(name)) {
                let detail = format!(
                    "A proxy forwarded this request (header {name}), but this address requires no API key and so serves this machine \
                     only. {remedy}"
                );
                return Err((StatusCode::FORBIDDEN, detail));
            }
        }
        match &self.pages {
            Some(origins) if !is_of_own_page(request, |origin| origins.contains(origin)) => {
                Err((StatusCode::FORBIDDEN, format!("{FOREIGN_PAGE}. {}", self.page_remedy)))
            }
            _ => Ok(()),
        }
    }
}

/// Refuses what a page of another origin sends, even one of `--cors-origins`: for pages that act on their own cookies.
pub fn refuse_foreign_pages<B>(request: &Request<B>) -> Option<Response<WasiBody>> {
    let is_own = is_of_own_page(request, |_| false);
    (!is_own).then(|| problem(StatusCode::FORBIDDEN, &format!("{FOREIGN_PAGE}; it may not.")))
}

#[cfg(test)]
mod tests;
