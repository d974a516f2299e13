//! Exclusive use of a connection: migrations, and locks that live and die with it.

use std::ops::{Deref, DerefMut};

use tokio_postgres::Client;

/// A client for exclusive use, on a connection of its own, which is closed with it.
pub struct Session(Client);

impl Session {
    pub(crate) fn new(client: Client) -> Self {
        Self(client)
    }
}

impl Deref for Session {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl DerefMut for Session {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.0
    }
}
