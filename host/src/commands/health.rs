//! `waybill health`: checks the health of another process on this machine, for containers that have no `curl`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http::Uri;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::time::timeout;

use crate::http::{LIVE, READY};
use crate::output;
use crate::settings::HealthSettings;

const LIMIT: Duration = Duration::from_secs(3);

/// The most bytes of an answer that are read: the description of a service has some hundred thousand.
const ANSWER_BYTES: usize = 1 << 20;

/// Runs `waybill health`: exits with 0 if the process is ready (or alive, with `--live`), with 1 if not; an error means that it did not
/// answer.
pub async fn run(settings: HealthSettings) -> anyhow::Result<ExitCode> {
    let address = reachable(settings.admin_listen);
    let path = if settings.live { LIVE } else { READY };
    let (ready, text) = timeout(LIMIT, ask(address, path))
        .await
        .with_context(|| format!("{address} did not answer within {LIMIT:?}"))?
        .with_context(|| format!("nothing answers at {address} (WAYBILL_ADMIN_LISTEN)"))?;
    // The exit code is the answer.
    output::notice(text.trim_end());
    Ok(if ready { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The address for a client on this machine: loopback, if the process listens on every address.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

pub(super) async fn ask(address: SocketAddr, path: &str) -> anyhow::Result<(bool, String)> {
    let uri: Uri = format!("http://{address}{path}").parse()?;
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let response = client.get(uri).await?;
    let ready = response.status().is_success();
    let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!("the answer cannot be read: {error}"))?.to_bytes();
    Ok((ready, String::from_utf8_lossy(&body).into_owned()))
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn a_process_on_every_address_is_asked_by_loopback() {
        for (address, expected) in [
            ("0.0.0.0:9464", "127.0.0.1:9464"),
            ("[::]:9464", "[::1]:9464"),
            ("10.0.0.7:9464", "10.0.0.7:9464"),
        ] {
            assert_eq!(reachable(address.parse().unwrap()).to_string(), expected);
        }
    }
}
