//! Bytes in messages that NATS takes.

use std::io;

use bytes::Bytes;

/// What a message's headers and subjects may take of its length.
const ENVELOPE_BYTES: usize = 4096;

/// The most bytes that are sent in one message.
pub fn limit_bytes(nats: &async_nats::Client) -> io::Result<usize> {
    match nats.server_info().max_payload.saturating_sub(ENVELOPE_BYTES) {
        0 => Err(io::Error::new(io::ErrorKind::NotConnected, "NATS is not connected")),
        limit => Ok(limit),
    }
}

/// Splits into messages of at most `limit` bytes; empty input yields no message.
pub fn split(mut bytes: Bytes, limit: usize) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || {
        let length = bytes.len().min(limit);
        (length > 0).then(|| bytes.split_to(length))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_in_one_message_and_in_order() {
        for (length, expected) in [(0, 0), (1, 1), (3, 1), (4, 2), (9, 3)] {
            let bytes: Bytes = (0..length).collect();
            let messages: Vec<_> = split(bytes.clone(), 3).collect();
            assert_eq!(messages.len(), expected);
            assert_eq!(messages.concat(), bytes);
        }
    }
}
