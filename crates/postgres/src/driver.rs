//! Driving a connection: requests on it are sent and answered only while it is driven.

use std::future::poll_fn;
use std::task::{Poll, ready};

use futures::future::BoxFuture;
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::AsyncMessage;
use tokio_postgres::error::{DbError, SqlState};

use crate::error::Chain;

/// The routine that waits for a synchronous standby. Unlike the message, its name is not translated.
const STANDBY_ROUTINE: &str = "SyncRepWaitForLSN";

/// What a client needs to be driven. Ends when the connection does, with the reason if there is one.
pub(crate) type Driver = BoxFuture<'static, Option<String>>;

/// The connection ended before the answer.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct ConnectionEnded(String);

/// Drives a connection to its end.
pub(crate) async fn drive<S, T>(mut connection: tokio_postgres::Connection<S, T>) -> Option<String>
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    poll_fn(|context| {
        loop {
            match ready!(connection.poll_message(context)) {
                Some(Ok(AsyncMessage::Notice(notice))) if is_unconfirmed_commit(&notice) => {
                    // The answer that follows says success. It is not read, so the statement's outcome is unknown.
                    return Poll::Ready(Some(format!("a commit is not confirmed: {}", notice.message())));
                }
                Some(Ok(AsyncMessage::Notice(notice))) => tracing::debug!("{notice}"),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Poll::Ready(Some(Chain(&error).to_string())),
                None => return Poll::Ready(None),
            }
        }
    })
    .await
}

/// Whether the server gave up waiting for a synchronous standby: somebody cancelled the session's statement.
fn is_unconfirmed_commit(notice: &DbError) -> bool {
    *notice.code() == SqlState::WARNING && notice.routine() == Some(STANDBY_ROUTINE)
}

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
