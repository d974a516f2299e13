use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderValue, Request, header, uri::Authority};

/// The cookie of a session.
const COOKIE: &str = "waybill_console";

/// Sessions that are kept; the oldest ends when there are more.
const SESSIONS: usize = 256;

/// How long a session lasts.
const LIFE: Duration = Duration::from_hours(8);

/// Who has signed in: API keys by the names of sessions. They are kept in memory only; a key that is revoked is refused where it is
/// used, as everywhere else.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Session>>);

struct Session {
    key: HeaderValue,
    begun: Instant,
}

impl Sessions {
    /// Begins a session for whoever has this key, and returns the cookie that stands for it.
    pub(super) fn begin(&self, mut key: HeaderValue) -> Option<HeaderValue> {
        key.set_sensitive(true);
        let mut name = [0; 32];
        getrandom::fill(&mut name).ok()?;
        let name = hex::encode(name);
        let mut sessions = self.lock();
        sessions.retain(|_, session| session.begun.elapsed() < LIFE);
        if sessions.len() >= SESSIONS {
            let oldest =
                sessions.iter().min_by_key(|(_, session)| session.begun).map(|(name, _)| name.clone());
            oldest.map(|name| sessions.remove(&name));
        }
        let cookie =
            format!("{COOKIE}={name}; Path=/console; HttpOnly; SameSite=Strict; Max-Age={}", LIFE.as_secs());
        sessions.insert(name, Session { key, begun: Instant::now() });
        HeaderValue::try_from(cookie).ok()
    }

    /// The key of whoever sends these headers.
    pub(super) fn key(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let sessions = self.lock();
        let session = sessions.get(name(headers)?)?;
        (session.begun.elapsed() < LIFE).then(|| session.key.clone())
    }

    /// Ends the session of whoever sends these headers, and returns the cookie that takes its cookie away.
    pub(super) fn end(&self, headers: &HeaderMap) -> HeaderValue {
        if let Some(name) = name(headers) {
            self.lock().remove(name);
        }
        HeaderValue::from_static("waybill_console=; Path=/console; HttpOnly; SameSite=Strict; Max-Age=0")
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn name(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

/// Refuses what a page of somebody else's makes a browser send. On loopback everything is allowed to whoever reaches it, which any
/// page in a browser of this machine does: by a form that it posts here, or under a name of its own that it lets point to this
/// machine.
pub(super) fn check_origin<B>(request: &Request<B>, loopback_only: bool) -> Result<(), &'static str> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = header("host").unwrap_or_default();
    if loopback_only && !is_loopback(host) {
        return Err("The console of this machine is asked for by the name localhost.");
    }
    let same_site = header("sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let same_origin = header("origin").is_none_or(|origin| {
        origin.split_once("://").is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
    });
    // A link may lead here from anywhere; what is read by a script of somebody else's is not shown to it, though the gateway lets
    // it read what the services answer.
    let is_link = request.method().is_safe()
        && header("origin").is_none()
        && header("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
    if (same_site && same_origin) || is_link {
        Ok(())
    } else {
        Err("This was asked for by a page of somebody else's.")
    }
}

fn is_loopback(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;

    fn request(method: Method, headers: &[(&str, &str)]) -> Request<()> {
        let mut builder = Request::builder().method(method);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(()).unwrap()
    }

    #[test]
    fn only_pages_of_our_own_change_something() {
        let post = |headers: &[(&str, &str)]| check_origin(&request(Method::POST, headers), true).is_ok();
        let host = ("host", "localhost:8000");
        assert!(post(&[host]), "no browser");
        assert!(post(&[host, ("origin", "http://localhost:8000"), ("sec-fetch-site", "same-origin")]));
        assert!(!post(&[host, ("origin", "https://evil.example")]));
        assert!(!post(&[host, ("origin", "null")]));
        assert!(!post(&[host, ("sec-fetch-site", "cross-site")]));
        assert!(!post(&[host, ("sec-fetch-site", "same-site"), ("origin", "http://localhost:8000")]));
    }

    #[test]
    fn links_lead_here_and_scripts_of_others_read_nothing() {
        let get = |headers: &[(&str, &str)]| check_origin(&request(Method::GET, headers), true).is_ok();
        let (host, foreign) = (("host", "localhost:8000"), ("sec-fetch-site", "cross-site"));
        assert!(get(&[host]));
        assert!(get(&[host, foreign, ("sec-fetch-mode", "navigate")]));
        assert!(get(&[host, ("sec-fetch-site", "same-origin"), ("sec-fetch-mode", "cors")]));
        assert!(!get(&[host, foreign, ("sec-fetch-mode", "cors")]));
        assert!(!get(&[host, foreign, ("sec-fetch-mode", "no-cors")]));
        assert!(!get(&[host, ("origin", "https://evil.example")]));
    }

    #[test]
    fn a_name_that_points_to_this_machine_is_not_its_own() {
        for (host, good) in [
            ("localhost:8000", true),
            ("127.0.0.1:8000", true),
            ("[::1]:8000", true),
            ("evil.example:8000", false),
            ("", false),
        ] {
            let request = request(Method::GET, &[("host", host)]);
            assert_eq!(check_origin(&request, true).is_ok(), good, "{host}");
            assert!(check_origin(&request, false).is_ok());
        }
    }

    #[test]
    fn a_session_is_known_by_its_cookie_until_it_ends() {
        let sessions = Sessions::default();
        let cookie = sessions.begin(HeaderValue::from_static("wb_1")).unwrap();
        let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        let mut headers = HeaderMap::new();
        assert!(sessions.key(&headers).is_none());
        headers.insert(header::COOKIE, HeaderValue::try_from(format!("a=b; {pair}")).unwrap());
        assert_eq!(sessions.key(&headers).unwrap(), "wb_1");
        sessions.end(&headers);
        assert!(sessions.key(&headers).is_none());
    }

    #[test]
    fn sessions_are_bounded() {
        let sessions = Sessions::default();
        for _ in 0..SESSIONS + 10 {
            sessions.begin(HeaderValue::from_static("wb_1"));
        }
        assert_eq!(sessions.lock().len(), SESSIONS);
    }
}
