use askama::Template;
use bytes::Bytes;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri, header};
use wasmtime_wasi_http::WasiBody;
use waybill_contracts::ProblemKind;

use super::build_banner::Banner;
use super::rights::Rights;
use super::shared::{PATH, Shared};
use crate::answers::whole;
use crate::pages::{html, parameter};

/// Nothing but our own style and script, and forms that post back here.
const SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The visitor of a page, and what every page shows.
pub(super) struct Visit {
    /// The API key of the session.
    pub key: Option<HeaderValue>,
    pub requires_keys: bool,
    pub rights: Rights,
    /// The host of the request, without a port.
    pub host: String,
    /// The page of all traces; `None` if they are not kept here.
    pub traces: Option<String>,
    /// The first segment of the path below the console, for the navigation.
    pub section: String,
    /// The state of the builds, if this process rebuilds components and the visitor may see it.
    pub build: Option<Banner>,
    /// The message of a redirect: `done=` of the query.
    pub done: Option<String>,
}

impl Visit {
    pub(super) async fn new(uri: &Uri, headers: &HeaderMap, console: &Shared) -> Self {
        let query = uri.query().unwrap_or_default();
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
        let host = host.and_then(|host| host.parse::<Authority>().ok());
        let host = host.map_or_else(|| "localhost".to_owned(), |authority| authority.host().to_owned());
        let key = console.sessions.key(headers);
        let requires_keys = console.requires_keys().await;
        let rights = match &key {
            _ if !requires_keys => Rights::Orders,
            Some(key) => Rights::of(console.access(), key).await,
            None => Rights::Nothing,
        };
        Self {
            key,
            requires_keys,
            rights,
            traces: console.system.traces.home(&host),
            host,
            section: uri.path().split('/').nth(2).unwrap_or_default().to_owned(),
            build: Banner::of(console).filter(|_| matches!(rights, Rights::State | Rights::Orders)),
            done: parameter(query, "done"),
        }
    }

    /// Whether orders are shown: their identifiers, times and errors.
    pub(super) fn may_see_orders(&self) -> bool {
        self.rights == Rights::Orders
    }

    /// Whether the page is in this section of the navigation.
    pub(super) fn is_in(&self, section: &str) -> bool {
        self.section == section
    }
}

pub(super) fn render(template: &impl Template) -> Response<WasiBody> {
    render_as(StatusCode::OK, template)
}

/// A page with another status.
pub(super) fn render_as(status: StatusCode, template: &impl Template) -> Response<WasiBody> {
    html(status, template, SECURITY)
}

/// Redirects the browser after an action.
pub(super) fn go_to(path: &str) -> Response<WasiBody> {
    let mut response = Response::new(whole(Bytes::new()));
    *response.status_mut() = StatusCode::SEE_OTHER;
    let location = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static(PATH));
    response.headers_mut().insert(header::LOCATION, location);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Redirects with a sentence about what was done.
pub(super) fn go_to_with(path: &str, done: &str) -> Response<WasiBody> {
    let done: String = form_urlencoded::byte_serialize(done.as_bytes()).collect();
    let separator = if path.contains('?') { '&' } else { '?' };
    go_to(&format!("{path}{separator}done={done}"))
}

/// A page with one message.
pub(super) fn notice(visit: &Visit, status: StatusCode, text: &str) -> Response<WasiBody> {
    #[derive(Template)]
    #[template(path = "notice.html")]
    struct Notice<'a> {
        visit: &'a Visit,
        title: &'a str,
        text: &'a str,
        sign_in: bool,
        help: Option<String>,
    }
    let title = status.canonical_reason().unwrap_or("Notice");
    let sign_in = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
    let sign_in = sign_in && visit.requires_keys;
    let help = ProblemKind::of(status.as_u16()).map(ProblemKind::help);
    render_as(status, &Notice { visit, title, text, sign_in, help })
}

/// Sets a header of a response.
pub(super) fn with_header(
    mut response: Response<WasiBody>,
    name: HeaderName,
    value: HeaderValue,
) -> Response<WasiBody> {
    response.headers_mut().insert(name, value);
    response
}
