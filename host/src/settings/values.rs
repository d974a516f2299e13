//! Parsers that several settings share. Their errors have an example.

use std::net::SocketAddr;

/// An address with a port; `localhost` is the loopback address.
pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let literal = text.replacen("localhost", "127.0.0.1", 1);
    literal.parse().map_err(|_| "it is not an address with a port; an example is 127.0.0.1:3333".to_owned())
}

/// A whole number within bounds.
pub(super) fn count<const LEAST: u32, const MOST: u32>(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(value) if (LEAST..=MOST).contains(&value) => Ok(value),
        _ => Err(format!(
            "it must be a whole number from {LEAST} to {MOST}; an example is {}",
            MOST.min(LEAST * 8)
        )),
    }
}
