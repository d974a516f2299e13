use std::fmt;

use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The prefix of each key, by which people and secret scanners recognize it.
const PREFIX: &str = "wbk_";

/// Random bytes of an identifier: enough that two keys of one installation never share one, few enough to read out.
const ID_BYTES: usize = 6;

/// Random bytes of a secret. 256 bits cannot be guessed, so a fast hash of them is safe to store.
const SECRET_BYTES: usize = 32;

/// The public identifier of an API key.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(String);

impl KeyId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses an identifier, or takes it from a whole key, such as one that leaked.
    pub fn of(text: &str) -> Option<Self> {
        let id = text.strip_prefix(PREFIX).unwrap_or(text);
        Self::read(id.split_once('_').map_or(id, |(id, _)| id))
    }

    fn read(text: &str) -> Option<Self> {
        let hexadecimal = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 2 * ID_BYTES && text.bytes().all(hexadecimal)).then(|| Self(text.to_owned()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A whole API key, `wbk_ID_SECRET`. It is shown by [`ApiKey::expose`] only.
pub struct ApiKey {
    id: KeyId,
    secret: [u8; SECRET_BYTES],
}

/// SHA-256 of a key's secret.
pub type SecretHash = [u8; 32];

impl ApiKey {
    /// A new key of the operating system's randomness.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let (mut id, mut secret) = ([0; ID_BYTES], [0; SECRET_BYTES]);
        getrandom::fill(&mut id)?;
        getrandom::fill(&mut secret)?;
        Ok(Self { id: KeyId(hex::encode(id)), secret })
    }

    /// Parses the key that a caller sent. `None` if the text has not the form of a key.
    pub fn read(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let (id, in_hex) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let mut secret = [0; SECRET_BYTES];
        hex::decode_to_slice(in_hex, &mut secret).ok()?;
        Some(Self { id: KeyId::read(id)?, secret })
    }

    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The hash that the database stores.
    pub fn hash(&self) -> SecretHash {
        Sha256::digest(self.secret).into()
    }

    /// Whether the secret has this hash, compared in constant time.
    pub fn has(&self, hash: &SecretHash) -> bool {
        self.hash().ct_eq(hash).into()
    }

    /// The key itself. Hexadecimal, so that a double click selects all of it and no header or shell has to quote it.
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}_{}", self.id, hex::encode(self.secret))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ApiKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_shown() {
        let key = ApiKey::generate().unwrap();
        let text = key.expose();
        assert_eq!(text.len(), 81);
        let read = ApiKey::read(text.as_bytes()).unwrap();
        assert_eq!(read.id(), key.id());
        assert!(read.has(&key.hash()));
        assert_eq!(KeyId::of(&text).as_ref(), Some(key.id()));
        assert_eq!(KeyId::of(key.id().as_str()).as_ref(), Some(key.id()));
    }

    #[test]
    fn no_two_keys_are_alike() {
        let (one, other) = (ApiKey::generate().unwrap(), ApiKey::generate().unwrap());
        assert_ne!(one.id(), other.id());
        assert!(!one.has(&other.hash()));
    }

    #[test]
    fn what_differs_in_one_bit_is_another_secret() {
        let key = ApiKey::generate().unwrap();
        for bit in 0..256 {
            let mut hash = key.hash();
            hash[bit / 8] ^= 1 << (bit % 8);
            assert!(!key.has(&hash), "bit {bit}");
        }
    }

    #[test]
    fn text_in_another_form_is_not_a_key() {
        let key = ApiKey::generate().unwrap().expose();
        let (start, end) = key.split_at(40);
        for text in [
            String::new(),
            "wbk_".to_owned(),
            "wbk__".to_owned(),
            key.replace("wbk_", "WBK_"),
            key.replace("wbk_", ""),
            format!("{key}0"),
            format!(" {key}"),
            format!("{start}{}", &end[1..]),
            format!("{start}x{}", &end[1..]),
            format!("wbk_ABCDEF012345_{}", "0".repeat(64)),
            format!("wbk_{}_{}", "0".repeat(13), "0".repeat(64)),
        ] {
            assert!(ApiKey::read(text.as_bytes()).is_none(), "{text}");
        }
        assert!(ApiKey::read(b"wbk_\xff").is_none());
    }

    #[test]
    fn a_secret_is_not_in_what_is_printed_for_debugging() {
        let key = ApiKey::generate().unwrap();
        assert_eq!(format!("{key:?}"), format!("ApiKey({})", key.id()));
    }
}
