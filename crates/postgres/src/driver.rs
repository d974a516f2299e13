//! Driving a connection: requests on it are sent and answered only while it is driven.

use futures::future::BoxFuture;
use thiserror::Error;

/// What a client needs to be driven. Ends when the connection does, with the reason if there is one.
pub(crate) type Driver = BoxFuture<'static, Option<String>>;

/// The connection ended before the answer.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct ConnectionEnded(String);

/// Drives a connection while something is asked on it.
pub(crate) async fn while_driven<T>(
    driver: &mut Driver,
    asked: impl Future<Output = T>,
) -> Result<T, ConnectionEnded> {
    tokio::select! {
        answer = asked => Ok(answer),
        end = driver => Err(ConnectionEnded(end.unwrap_or_else(|| "the connection was closed".to_owned()))),
    }
}
