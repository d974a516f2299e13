//! Exclusive use of a connection: migrations, and locks that live and die with it.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use tokio::sync::OwnedSemaphorePermit;
use tokio_postgres::Client;

use crate::{connection::Connection, database::Inner};

/// A client that nobody else uses. On a server it has a connection of its own, which is closed with it; on the embedded
/// database it is the one session, which all other statements wait for.
pub struct Session {
    client: Option<Connection>,
    /// Where the embedded session goes back to.
    home: Option<Home>,
}

struct Home {
    inner: Arc<Inner>,
    _everyone: OwnedSemaphorePermit,
}

impl Session {
    pub(crate) fn own(client: Client) -> Self {
        Self { client: Some(Connection::new(client)), home: None }
    }

    pub(crate) fn lent(connection: Connection, inner: Arc<Inner>, everyone: OwnedSemaphorePermit) -> Self {
        Self { client: Some(connection), home: Some(Home { inner, _everyone: everyone }) }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let (Some(connection), Some(home)) = (self.client.take(), &self.home)
            && !home.inner.stop.is_cancelled()
        {
            home.inner.slots[0].put(connection);
        }
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
