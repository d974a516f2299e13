//! Exclusive use of a connection: migrations, and locks that live and die with it.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use futures::FutureExt as _;
use tokio::sync::OwnedRwLockWriteGuard;
use tokio_postgres::Client;

use crate::{connection::Connection, connector::Connector, database::Inner};

/// A client that nobody else uses. On a server it has a connection of its own, which is closed with it; on the embedded
/// database it is the one session, which all other statements wait for.
pub struct Session {
    client: Option<Connection>,
    /// Where the embedded session goes back to.
    home: Option<Home>,
}

struct Home {
    inner: Arc<Inner>,
    _gate: OwnedRwLockWriteGuard<()>,
}

/// What a session may leave behind, undone: an open transaction, cursors, settings, locks, temporary tables. Not
/// `DISCARD ALL`, which would forget the prepared statements too.
pub(crate) const UNDO: &str =
    "ROLLBACK; CLOSE ALL; RESET ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); DISCARD TEMP";

impl Session {
    pub(crate) fn own(client: Client) -> Self {
        Self { client: Some(Connection::new(client)), home: None }
    }

    pub(crate) fn lent(connection: Connection, inner: Arc<Inner>, gate: OwnedRwLockWriteGuard<()>) -> Self {
        Self { client: Some(connection), home: Some(Home { inner, _gate: gate }) }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let (Some(connection), Some(home)) = (self.client.take(), &self.home) else { return };
        // Asked once, the statement is on its way, ahead of everything that comes after; its answer tells nothing.
        let _ = connection.client.batch_execute(UNDO).now_or_never();
        if let Connector::Embedded(embedded) = &home.inner.connector {
            let _ = embedded.session_settings.apply(&connection.client).now_or_never();
        }
        home.inner.slots[0].give_back(connection);
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client.as_ref().expect("the client is there until the session is dropped").client
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.client.as_mut().expect("the client is there until the session is dropped").client
    }
}
