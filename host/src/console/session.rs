use std::collections::HashMap;
use std::time::{Duration, Instant};

use http::{HeaderMap, HeaderValue, header};
use parking_lot::Mutex;

/// The cookie of a session.
const COOKIE: &str = "waybill_console";

/// Open sessions. A new one beyond this ends the oldest.
const SESSIONS: usize = 256;

/// How long a session lasts.
const LIFE: Duration = Duration::from_hours(8);

/// API keys by the names of sessions, in memory only. A revoked key is refused where it is used, as everywhere else.
#[derive(Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Session>>);

struct Session {
    key: HeaderValue,
    begun: Instant,
}

impl Sessions {
    /// Begins a session with this key, and returns its cookie.
    pub(super) fn begin(&self, mut key: HeaderValue) -> Option<HeaderValue> {
        key.set_sensitive(true);
        let mut name = [0; 32];
        getrandom::fill(&mut name).ok()?;
        let name = hex::encode(name);
        let mut sessions = self.0.lock();
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

    /// The key of the session in these headers.
    pub(super) fn key(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let sessions = self.0.lock();
        let session = sessions.get(name(headers)?)?;
        (session.begun.elapsed() < LIFE).then(|| session.key.clone())
    }

    /// Ends the session in these headers, and returns the cookie that deletes its cookie.
    pub(super) fn end(&self, headers: &HeaderMap) -> HeaderValue {
        if let Some(name) = name(headers) {
            self.0.lock().remove(name);
        }
        HeaderValue::from_static("waybill_console=; Path=/console; HttpOnly; SameSite=Strict; Max-Age=0")
    }
}

fn name(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(sessions.0.lock().len(), SESSIONS);
    }
}
