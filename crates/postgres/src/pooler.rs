//! Whether a pooler gives a session to others between two transactions, as `pool_mode = transaction` has `PgBouncer` do.
//!
//! Then settings of a session, its prepared statements and its advisory locks are those of the next client. It works for a while,
//! and so it has to be found out before anything is sent.

use std::error::Error;
use std::time::Duration;

use thiserror::Error;
use tokio::time::timeout;
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::driver::{ConnectionEnded, Driver, while_driven};

const SESSION: &str = "SELECT pg_backend_pid()";
const HELD_SESSION: &str = "BEGIN; SELECT pg_backend_pid()";

#[derive(Debug, Error)]
#[error(
    "a connection pooler in front of the server gives a session to others after each transaction or statement; Waybill needs sessions \
     of its own, for their settings, prepared statements, and the advisory locks by which one relay delivers and one process migrates: \
     set pool_mode = session in PgBouncer (or its like) for this database, or name the server's own address"
)]
struct SharedSessions;

/// Fails if two connections share a session of the server. The second one holds a transaction open, so that the first one, whose
/// session was free until then, has to have another.
///
/// If no second session is available in time, the server has no more, or a pooler gives each session to one client only.
pub(crate) async fn refuse_shared_sessions<E>(
    first: &Client,
    driver: &mut Driver,
    second: impl Future<Output = Result<(Client, Driver), E>>,
    limit: Duration,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let before = while_driven(driver, session(first, SESSION)).await??;
    let held = async {
        let (second, mut second_driver) = second.await.ok()?;
        let held = while_driven(&mut second_driver, session(&second, HELD_SESSION)).await;
        Some((held, second, second_driver))
    };
    let Ok(Some((held, second, mut second_driver))) = while_driven(driver, timeout(limit, held)).await?
    else {
        return Ok(());
    };
    let shared = match held {
        Ok(Ok(held)) if held == before => true,
        Ok(Ok(_)) => while_driven(driver, session(first, SESSION)).await?? != before,
        // Where a session changes hands after each statement, `BEGIN` ends the connection. Nothing else does while the first one stays open:
        // a time limit of the database, for example, ends only the statement.
        Ok(Err(_)) => {
            is_ended(&while_driven(&mut second_driver, session(&second, SESSION)).await)
                && !is_ended(&while_driven(driver, session(first, SESSION)).await)
        }
        Err(_) => !is_ended(&while_driven(driver, session(first, SESSION)).await),
    };
    if shared { Err(SharedSessions.into()) } else { Ok(()) }
}

/// Whether the connection ended before the answer. What only the server refused is not an end.
fn is_ended<T>(answer: &Result<Result<T, tokio_postgres::Error>, ConnectionEnded>) -> bool {
    match answer {
        Ok(Ok(_)) => false,
        Ok(Err(error)) => error.as_db_error().is_none(),
        Err(_) => true,
    }
}

/// The number of the server's process. As a simple query, so that nothing is prepared.
async fn session(client: &Client, sql: &str) -> Result<Option<String>, tokio_postgres::Error> {
    let answer = client.simple_query(sql).await?;
    Ok(answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    }))
}
