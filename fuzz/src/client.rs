//! What a request says of where it comes from: a header on each line. The second reader is `url`, as browsers read addresses.
//!
//! The host brings a WebAssembly runtime, so this file of it is built here by itself.

#[path = "../../host/src/http/origin/client.rs"]
mod client;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use url::{Host, Url};

use self::client::{host, is_loopback, is_of_own_page, is_of_proxy};

const NAMES: [HeaderName; 5] = [
    header::HOST,
    header::ORIGIN,
    HeaderName::from_static("sec-fetch-site"),
    HeaderName::from_static("sec-fetch-mode"),
    HeaderName::from_static("sec-fetch-dest"),
];

pub fn check(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for (at, line) in data.split(|byte| *byte == b'\n').enumerate() {
        // An empty line leaves the header out.
        if let Some(value) = HeaderValue::from_bytes(line).ok().filter(|value| !value.is_empty()) {
            headers.append(&NAMES[at % NAMES.len()], value);
        }
        if let Ok(name) = HeaderName::from_bytes(line) {
            let forwarded = HeaderName::from_bytes(&[b"X-Forwarded-", line].concat());
            assert!(forwarded.is_ok_and(|name| is_of_proxy(&name)));
            assert!(!is_of_proxy(&name) || !NAMES.contains(&name));
        }
    }
    for method in [Method::GET, Method::POST] {
        let mut request = Request::new(());
        *request.method_mut() = method;
        *request.headers_mut() = headers.clone();
        check_request(&request);
    }
}

fn check_request(request: &Request<()>) {
    let headers = request.headers();
    let found = host(request);
    let hosts = headers.get_all(header::HOST).iter().count();
    assert!(hosts == 1 || found.is_err(), "a proxy might choose the other one");
    let Ok(Some(host)) = found else { return };
    if is_loopback(&host) {
        // What a browser would connect to.
        match Url::parse(&format!("http://{host}/")).ok().as_ref().and_then(Url::host) {
            None => {}
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                assert!(name == "localhost" || name.ends_with(".localhost"), "{host}");
            }
            Some(Host::Ipv4(address)) => assert!(address.is_loopback(), "{host}"),
            Some(Host::Ipv6(address)) => assert!(address.to_canonical().is_loopback(), "{host}"),
        }
    }
    let is_own = is_of_own_page(request, |_| false);
    assert!(!is_own || is_of_own_page(request, |_| true), "a named origin has no fewer rights");
    let mut origins = headers.get_all(header::ORIGIN).iter();
    if let (true, Some(origin), another) = (is_own, origins.next(), origins.next()) {
        assert_eq!(another, None);
        let (_, authority) = origin.to_str().unwrap().split_once("://").unwrap();
        let place = |authority: &str| {
            let url = Url::parse(&format!("http://{authority}")).ok();
            url.map(|url| (url.host_str().map(str::to_owned), url.port()))
        };
        assert_eq!(place(authority), place(host.as_str()), "{origin:?} is not {host}");
    }
    if is_own && request.method() == Method::POST {
        let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
        assert!(matches!(site, None | Some(b"same-origin" | b"none")), "{site:?}");
    }
}
