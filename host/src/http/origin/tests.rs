use http::{Method, Version};

use super::*;

const HOST: (&str, &str) = ("host", "localhost:8000");

fn request(method: Method, headers: &[(&str, &str)]) -> Request<()> {
    let mut builder = Request::builder().method(method).uri("/orders");
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    builder.body(()).unwrap()
}

/// The status of a refusal on a listener; 200 where there is none.
fn status(address: &str, check: &str, method: Method, headers: &[(&str, &str)]) -> u16 {
    let access = AccessSettings {
        key_check: check.parse().unwrap(),
        cors_origins: "https://shop.example.com".parse().unwrap(),
    };
    let check = OriginCheck::of_service(address.parse().unwrap(), &access);
    check.refusal(&request(method, headers)).map_or(200, |refusal| refusal.status().as_u16())
}

fn on_loopback(method: Method, headers: &[(&str, &str)]) -> u16 {
    status("127.0.0.1:8000", "auto", method, headers)
}

#[test]
fn a_client_that_is_no_browser_is_served() {
    assert_eq!(on_loopback(Method::POST, &[HOST]), 200);
    assert_eq!(on_loopback(Method::POST, &[("host", "127.0.0.1")]), 200);
    assert_eq!(on_loopback(Method::DELETE, &[HOST, ("user-agent", "curl/7.1")]), 200);
    let mut old = request(Method::GET, &[]);
    *old.version_mut() = Version::HTTP_10;
    let check = OriginCheck::of_operators("127.0.0.1:9464".parse().unwrap());
    assert!(check.refusal(&old).is_none());
}

#[test]
fn only_pages_of_own_and_named_origins_are_served() {
    for (headers, expected) in [
        (&[("origin", "http://localhost:8000"), ("sec-fetch-site", "same-origin")][..], 200),
        (&[("origin", "http://localhost:8000")], 200),
        (&[("origin", "https://shop.example.com"), ("sec-fetch-site", "cross-site")], 200),
        (&[("origin", "https://evil.example")], 403),
        (&[("origin", "https://evil.example"), ("sec-fetch-site", "none")], 403),
        (&[("origin", "http://localhost:3000"), ("sec-fetch-site", "same-site")], 403),
        (&[("origin", "null")], 403),
        (&[("origin", "http://localhost:8000"), ("origin", "https://evil.example")], 403),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (&[("sec-fetch-site", "something-new")], 403),
    ] {
        let headers: Vec<_> = [HOST].into_iter().chain(headers.iter().copied()).collect();
        for method in [Method::GET, Method::POST, Method::OPTIONS] {
            assert_eq!(on_loopback(method.clone(), &headers), expected, "{method} {headers:?}");
        }
    }
    // An address of operators serves its own pages only, and its refusal names no setting that would not help.
    let check = OriginCheck::of_operators("127.0.0.1:9464".parse().unwrap());
    let refusal = check.check(&request(Method::GET, &[HOST, ("origin", "https://shop.example.com")]));
    let (status, detail) = refusal.unwrap_err();
    assert!(status == StatusCode::FORBIDDEN && !detail.contains("--cors-origins"), "{detail}");
}

#[test]
fn a_link_leads_here_from_anywhere_and_nothing_else_does() {
    let foreign = |method: Method, rest: &[(&str, &str)]| {
        let headers: Vec<_> =
            [HOST, ("sec-fetch-site", "cross-site")].into_iter().chain(rest.iter().copied()).collect();
        on_loopback(method, &headers)
    };
    let navigate = ("sec-fetch-mode", "navigate");
    assert_eq!(foreign(Method::GET, &[navigate]), 200);
    assert_eq!(foreign(Method::GET, &[navigate, ("sec-fetch-dest", "document")]), 200);
    assert_eq!(foreign(Method::GET, &[navigate, ("sec-fetch-dest", "iframe")]), 403);
    assert_eq!(foreign(Method::GET, &[("sec-fetch-mode", "no-cors")]), 403);
    assert_eq!(foreign(Method::POST, &[navigate]), 403);
    assert_eq!(foreign(Method::GET, &[navigate, ("origin", "https://evil.example")]), 403);
}

#[test]
fn a_name_that_resolves_to_this_machine_is_not_its_own() {
    for (host, expected) in [
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("localhost.:8000", 200),
        ("waybill.localhost:8000", 200),
        ("127.8.9.10:8000", 200),
        ("[::1]:8000", 200),
        ("[::ffff:127.0.0.1]:8000", 200),
        ("rebind.example:8000", 421),
        ("localhost.rebind.example", 421),
        ("127.0.0.1.rebind.example", 421),
        ("0.0.0.0:8000", 421),
        ("10.0.0.7:8000", 421),
        ("localhost@rebind.example", 400),
        ("localhost:99999999", 400),
        ("localhost:x", 400),
        ("localhost:", 200),
        ("", 400),
        ("a b", 400),
    ] {
        assert_eq!(on_loopback(Method::GET, &[("host", host)]), expected, "{host}");
    }
    let mut absolute = request(Method::GET, &[HOST]);
    *absolute.uri_mut() = "http://rebind.example/orders".parse().unwrap();
    let check = OriginCheck::of_operators("[::1]:16686".parse().unwrap());
    assert_eq!(check.refusal(&absolute).unwrap().status(), StatusCode::MISDIRECTED_REQUEST);
}

#[test]
fn a_target_is_a_path_or_a_url() {
    for (address, check) in [("127.0.0.1:8000", "auto"), ("10.0.0.7:8000", "auto"), ("10.0.0.7:8000", "off")]
    {
        let access = AccessSettings { key_check: check.parse().unwrap(), cors_origins: Origins::default() };
        let check = OriginCheck::of_service(address.parse().unwrap(), &access);
        let status = |method: Method, target: &str| {
            let mut request = request(method, &[HOST]);
            *request.uri_mut() = target.parse().unwrap();
            check.refusal(&request).map_or(200, |refusal| refusal.status().as_u16())
        };
        for (target, expected) in [
            ("/orders", 200),
            ("*", 200),
            ("http://localhost/orders", 200),
            ("orders", 400),
            ("localhost:8000", 400),
            ("http://localhost:99999/orders", 400),
            ("http://me@localhost/orders", 400),
        ] {
            assert_eq!(status(Method::GET, target), expected, "{address} {target}");
        }
        assert_eq!(status(Method::CONNECT, "localhost:8000"), 200, "{address}");
    }
}

#[test]
fn a_host_is_named_once() {
    for (address, check) in [("127.0.0.1:8000", "auto"), ("10.0.0.7:8000", "auto"), ("10.0.0.7:8000", "off")]
    {
        assert_eq!(status(address, check, Method::GET, &[HOST, HOST]), 400);
        assert_eq!(status(address, check, Method::GET, &[]), 400);
    }
}

#[test]
fn what_a_proxy_passes_on_is_served_where_somebody_answers_for_it() {
    let name = ("host", "shop.example.com");
    for header in [
        ("forwarded", "for=10.0.0.7"),
        ("x-forwarded-for", "10.0.0.7"),
        ("x-forwarded-host", "shop.example.com"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-server", "proxy"),
        ("x-forwarded-port", "443"),
        ("x-forwarded-prefix", "/shop"),
        ("x-real-ip", "10.0.0.7"),
        ("x-client-ip", "10.0.0.7"),
        ("x-cluster-client-ip", "10.0.0.7"),
        ("x-envoy-external-address", "10.0.0.7"),
        ("x-original-forwarded-for", "10.0.0.7"),
        ("x-original-host", "shop.example.com"),
        ("x-proxyuser-ip", "10.0.0.7"),
        ("cf-connecting-ip", "10.0.0.7"),
        ("fastly-client-ip", "10.0.0.7"),
        ("true-client-ip", "10.0.0.7"),
        ("x-azure-clientip", "10.0.0.7"),
        ("via", "1.1 proxy"),
    ] {
        assert_eq!(on_loopback(Method::GET, &[HOST, header]), 403, "{header:?}");
        for (address, check) in [
            ("127.0.0.1:8000", "required"),
            ("127.0.0.1:8000", "off"),
            ("10.0.0.7:8000", "auto"),
            ("10.0.0.7:8000", "off"),
        ] {
            assert_eq!(status(address, check, Method::GET, &[name, header]), 200, "{address} {check}");
        }
    }
    assert_eq!(on_loopback(Method::GET, &[HOST, ("x-forward", "no proxy says that")]), 200);
    let access = AccessSettings { key_check: KeyCheck::Auto, cors_origins: Origins::default() };
    let check = OriginCheck::of_service("127.0.0.1:8000".parse().unwrap(), &access);
    let (_, detail) = check.check(&request(Method::GET, &[name])).unwrap_err();
    assert!(detail.contains("shop.example.com") && detail.contains("--key-check required"), "{detail}");
}

#[test]
fn pages_are_checked_wherever_no_key_is_asked_for() {
    let evil = [("host", "shop.example.com"), ("origin", "https://evil.example")];
    assert_eq!(status("10.0.0.7:8000", "off", Method::POST, &evil), 403);
    assert_eq!(status("127.0.0.1:8000", "off", Method::POST, &evil), 403);
    assert_eq!(status("10.0.0.7:8000", "auto", Method::POST, &evil), 200, "it has no key");
    assert_eq!(status("127.0.0.1:8000", "required", Method::POST, &evil), 200);
    let beyond = OriginCheck::of_operators("10.0.0.7:9464".parse().unwrap());
    assert_eq!(beyond.refusal(&request(Method::GET, &evil)).unwrap().status(), StatusCode::FORBIDDEN);
    assert!(beyond.refusal(&request(Method::GET, &evil[..1])).is_none());
}

#[test]
fn a_named_origin_may_call_and_may_not_act_on_the_console() {
    let named = request(Method::POST, &[HOST, ("origin", "https://shop.example.com")]);
    assert_eq!(refuse_foreign_pages(&named).unwrap().status(), StatusCode::FORBIDDEN);
    let own = request(Method::POST, &[HOST, ("origin", "http://localhost:8000")]);
    assert!(refuse_foreign_pages(&own).is_none());
}
