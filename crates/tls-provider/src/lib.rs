//! A provider of cryptography for [rustls], in Rust only.
//!
//! rustls leaves cryptography to a provider. Those that it brings, ring and aws-lc, have parts in C and assembler, which need a C
//! compiler for WebAssembly. This one puts the crates of `RustCrypto` and dalek behind rustls's traits: it has no primitive of its own.
//!
//! It is for clients, of TLS 1.3 only, without certificates of their own. So no private key is ever used but those of key exchanges,
//! which live for one handshake. Secrets are handled in constant time by AES, GHASH, `ChaCha20`, Poly1305 and the curves in these
//! crates; a runtime that compiles WebAssembly makes no promise of its own about time.
//!
//! ```
//! use std::sync::Arc;
//!
//! use rustls::{ClientConfig, RootCertStore};
//!
//! # fn main() -> Result<(), rustls::Error> {
//! let provider = Arc::new(waybill_tls_provider::provider());
//! let config = ClientConfig::builder_with_provider(provider)
//!     .with_protocol_versions(&[&rustls::version::TLS13])?
//!     .with_root_certificates(RootCertStore::empty())
//!     .with_no_client_auth();
//! # let _ = config;
//! # Ok(())
//! # }
//! ```

#![cfg(any(target_family = "wasm", feature = "native"))]

mod aead;
mod hash;
mod key_exchange;
mod signatures;
mod suites;

use std::sync::Arc;

use rustls::Error;
use rustls::crypto::{CryptoProvider, GetRandomFailed, KeyProvider, SecureRandom};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;

/// The provider. Its first suite is the one that is fast without instructions for AES, which WebAssembly does not have.
pub fn provider() -> CryptoProvider {
    CryptoProvider {
        cipher_suites: suites::ALL.to_vec(),
        kx_groups: key_exchange::ALL.to_vec(),
        signature_verification_algorithms: signatures::ALL,
        secure_random: &System,
        key_provider: &System,
    }
}

/// The random numbers of the system, which WASI has too.
#[derive(Debug)]
struct System;

impl SecureRandom for System {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), GetRandomFailed> {
        getrandom::fill(bytes).map_err(|_| GetRandomFailed)
    }
}

impl KeyProvider for System {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, Error> {
        Err(Error::General(
            "certificates of clients are not supported; use a user name and a password".to_owned(),
        ))
    }
}
