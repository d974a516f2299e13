//! Encryption of the secrets of endpoints in the database.
//!
//! The service that makes a secret has no settings and writes it in clear; the process that delivers webhooks seals it within seconds,
//! as it does with secrets from before there was a key. A sealed secret is `sealed:`, the identifier of the key, and the base64 of
//! nonce and ciphertext (AES-256-GCM). It opens for its endpoint only, so rows cannot be exchanged.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;
use uuid::Uuid;

const PREFIX: &str = "sealed:";

/// The bytes of a key.
const KEY_BYTES: usize = 32;

/// The keys that secrets are sealed and opened with. The first one seals.
#[derive(Debug)]
pub struct SecretKeys(Vec<Key>);

struct Key {
    id: String,
    key: LessSafeKey,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Key({})", self.id)
    }
}

/// Keys that cannot be used. The message does not show them.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("each key must be the base64 of 32 bytes; an example is what this prints: openssl rand -base64 32")]
pub struct BadKeys;

impl SecretKeys {
    /// Reads keys in base64, separated by commas.
    pub fn new(text: &str) -> Result<Self, BadKeys> {
        text.split(',').map(|key| Key::new(key.trim())).collect::<Result<_, _>>().map(Self)
    }

    /// The beginning of what the first key has sealed.
    pub(crate) fn prefix(&self) -> String {
        self.0.first().map_or_else(String::new, |key| format!("{PREFIX}{}:", key.id))
    }

    pub(crate) fn seal(&self, endpoint: Uuid, secret: &SecretString) -> Option<String> {
        let Key { key, .. } = self.0.first()?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut sealed = secret.expose_secret().as_bytes().to_vec();
        let aad = Aad::from(endpoint.as_bytes());
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed).ok()?;
        Some(self.prefix() + &BASE64_STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    fn open(&self, endpoint: Uuid, sealed: &str) -> Option<SecretString> {
        let (id, text) = sealed.split_once(':')?;
        let Key { key, .. } = self.0.iter().find(|key| key.id == id)?;
        let mut bytes = BASE64_STANDARD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = key.open_in_place(nonce, Aad::from(endpoint.as_bytes()), sealed).ok()?;
        Some(std::str::from_utf8(opened).ok()?.to_owned().into())
    }
}

impl Key {
    fn new(text: &str) -> Result<Self, BadKeys> {
        let bytes =
            BASE64_STANDARD.decode(text).ok().filter(|bytes| bytes.len() == KEY_BYTES).ok_or(BadKeys)?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| BadKeys)?);
        let id = hex::encode(&digest(&SHA256, &bytes).as_ref()[..4]);
        Ok(Self { id, key })
    }
}

/// A secret as the database has it, to sign with. `None` if it is sealed with a key that is not there.
pub(crate) fn open(keys: Option<&SecretKeys>, endpoint: Uuid, stored: &str) -> Option<SecretString> {
    match stored.strip_prefix(PREFIX) {
        None => Some(stored.to_owned().into()),
        Some(sealed) => keys?.open(endpoint, sealed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> String {
        BASE64_STANDARD.encode([byte; KEY_BYTES])
    }

    fn keys(bytes: &[u8]) -> SecretKeys {
        SecretKeys::new(&bytes.iter().map(|byte| key(*byte)).collect::<Vec<_>>().join(", ")).unwrap()
    }

    #[test]
    fn a_secret_opens_with_its_key_for_its_endpoint_only() {
        let (endpoint, secret) = (Uuid::from_u128(1), SecretString::from("whsec_AAAA"));
        let sealed = keys(&[1]).seal(endpoint, &secret).unwrap();
        assert!(!sealed.contains("whsec_") && sealed != keys(&[1]).seal(endpoint, &secret).unwrap());
        let opened = |keys: &SecretKeys, endpoint| {
            open(Some(keys), endpoint, &sealed).map(|secret| secret.expose_secret().to_owned())
        };
        assert_eq!(opened(&keys(&[1]), endpoint).as_deref(), Some("whsec_AAAA"));
        assert_eq!(opened(&keys(&[2, 1]), endpoint).as_deref(), Some("whsec_AAAA"), "a former key");
        assert_eq!(opened(&keys(&[2]), endpoint), None);
        assert_eq!(opened(&keys(&[1]), Uuid::from_u128(2)), None);
        assert!(open(None, endpoint, &sealed).is_none());
        assert!(open(Some(&keys(&[1])), endpoint, &sealed[..20]).is_none());
        assert_eq!(open(None, endpoint, "whsec_BBBB").unwrap().expose_secret(), "whsec_BBBB");
    }

    #[test]
    fn what_is_no_key_is_refused_and_not_shown() {
        for text in ["", "geheim", &key(1)[1..], &format!("{},", key(1)), &BASE64_STANDARD.encode([1; 31])] {
            assert_eq!(SecretKeys::new(text).unwrap_err(), BadKeys, "{text}");
        }
        assert!(!format!("{:?}", keys(&[1])).contains(&key(1)));
    }
}
