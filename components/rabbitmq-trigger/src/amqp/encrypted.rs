//! TLS over a socket, by rustls.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use wasip2::io::poll::Pollable;

use super::error::AmqpError;
use super::socket::{Socket, wait};

/// How long the peer may take no bytes that answer what it sent, such as an alert.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);

pub struct Encrypted {
    socket: Socket,
    tls: ClientConnection,
}

impl Encrypted {
    /// Checks who the server is, and agrees on keys with it.
    pub fn begin(
        socket: Socket,
        config: Arc<ClientConfig>,
        host: &str,
        until: Instant,
    ) -> Result<Self, AmqpError> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| AmqpError::lost(format!("{host} is not a name that a certificate can have")))?;
        let tls = ClientConnection::new(config, name).map_err(|error| failed(&error))?;
        let mut encrypted = Self { socket, tls };
        encrypted.flush(until)?;
        while encrypted.tls.is_handshaking() {
            let bytes = encrypted.socket.read()?;
            if bytes.is_empty() {
                if Instant::now() >= until {
                    return Err(AmqpError::lost("there was no answer to the beginning of TLS in time"));
                }
                wait(&[&encrypted.socket.readable()], until);
            }
            // A server speaks after the client in AMQP, so that nothing of it is here yet.
            encrypted.take(&bytes)?;
        }
        encrypted.flush(until)?;
        Ok(encrypted)
    }

    pub fn read(&mut self) -> Result<Vec<u8>, AmqpError> {
        let bytes = self.socket.read()?;
        self.take(&bytes)
    }

    pub fn readable(&self) -> Pollable {
        self.socket.readable()
    }

    pub fn write(&mut self, mut bytes: &[u8], until: Instant) -> Result<(), AmqpError> {
        while !bytes.is_empty() {
            // At most as much as rustls buffers, all of which is sent below.
            let count = self.tls.writer().write(bytes).map_err(|error| AmqpError::Lost(error.to_string()))?;
            self.flush(until)?;
            bytes = bytes.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Decrypts what has arrived, as far as records are complete.
    fn take(&mut self, mut bytes: &[u8]) -> Result<Vec<u8>, AmqpError> {
        let mut plain = Vec::new();
        while !bytes.is_empty() {
            let taken = self.tls.read_tls(&mut bytes).map_err(|error| AmqpError::Lost(error.to_string()))?;
            let state = match self.tls.process_new_packets() {
                Ok(state) => state,
                Err(error) => {
                    // The reason goes to the server, if the connection still carries it.
                    let _ = self.flush(Instant::now() + ANSWER_LIMIT);
                    return Err(failed(&error));
                }
            };
            let begin = plain.len();
            plain.resize(begin + state.plaintext_bytes_to_read(), 0);
            let read = self.tls.reader().read_exact(&mut plain[begin..]);
            read.map_err(|error| AmqpError::Lost(error.to_string()))?;
            // What it said before comes first.
            if state.peer_has_closed() && plain.is_empty() {
                return Err(AmqpError::lost("the connection was closed"));
            }
            // After its farewell nothing counts.
            if taken == 0 {
                break;
            }
        }
        self.flush(Instant::now() + ANSWER_LIMIT)?;
        Ok(plain)
    }

    /// Sends what rustls has for the server.
    fn flush(&mut self, until: Instant) -> Result<(), AmqpError> {
        while self.tls.wants_write() {
            let mut bytes = Vec::new();
            self.tls.write_tls(&mut bytes).map_err(|error| AmqpError::Lost(error.to_string()))?;
            self.socket.write(&bytes, until)?;
        }
        Ok(())
    }
}

fn failed(error: &rustls::Error) -> AmqpError {
    let advice = match error {
        rustls::Error::InvalidCertificate(_) => {
            " (WAYBILL_BROKER_CA has the certificates that are trusted, and BROKER_URL the name that the server has to have)"
        }
        rustls::Error::AlertReceived(_) => " (the server has to speak TLS 1.3)",
        _ => "",
    };
    AmqpError::Lost(format!("TLS failed: {error}{advice}"))
}
