//! The bytes of a connection, encrypted or not.

use std::sync::Arc;
use std::time::Instant;

use rustls::ClientConfig;
use wasip2::io::poll::Pollable;

use super::encrypted::Encrypted;
use super::error::AmqpError;
use super::socket::Socket;

pub enum Stream {
    Plain(Socket),
    Encrypted(Box<Encrypted>),
}

impl Stream {
    /// Connects, by TLS if there is a configuration of it.
    pub fn connect(
        host: &str,
        port: u16,
        tls: Option<&Arc<ClientConfig>>,
        until: Instant,
    ) -> Result<Self, AmqpError> {
        let socket = Socket::connect(host, port, until)?;
        match tls {
            None => Ok(Self::Plain(socket)),
            Some(tls) => Ok(Self::Encrypted(Box::new(Encrypted::begin(socket, tls.clone(), host, until)?))),
        }
    }

    /// What has arrived, which may be nothing.
    pub fn read(&mut self) -> Result<Vec<u8>, AmqpError> {
        match self {
            Self::Plain(socket) => socket.read(),
            Self::Encrypted(encrypted) => encrypted.read(),
        }
    }

    /// Becomes ready when something has arrived.
    pub fn readable(&self) -> Pollable {
        match self {
            Self::Plain(socket) => socket.readable(),
            Self::Encrypted(encrypted) => encrypted.readable(),
        }
    }

    pub fn write(&mut self, bytes: &[u8], until: Instant) -> Result<(), AmqpError> {
        match self {
            Self::Plain(socket) => socket.write(bytes, until),
            Self::Encrypted(encrypted) => encrypted.write(bytes, until),
        }
    }
}
