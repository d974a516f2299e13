//! Records of TLS 1.3, encrypted and decrypted in place.

use std::marker::PhantomData;

use aes_gcm::aead::{AeadInOut, KeyInit, Nonce as AeadNonce, Tag};
use rustls::crypto::cipher::{
    AeadKey, InboundOpaqueMessage, InboundPlainMessage, Iv, MessageDecrypter, MessageEncrypter, Nonce,
    OutboundOpaqueMessage, OutboundPlainMessage, PrefixedPayload, Tls13AeadAlgorithm,
    UnsupportedOperationError, make_tls13_aad,
};
use rustls::{ConnectionTrafficSecrets, ContentType, Error, ProtocolVersion};

/// The bytes of a tag, with each of the algorithms.
const TAG_BYTES: usize = 16;

/// An algorithm, with the bytes of its keys.
pub(crate) struct Aead<A>(usize, PhantomData<fn() -> A>);

impl<A> Aead<A> {
    pub(crate) const fn with_key_bytes(count: usize) -> Self {
        Self(count, PhantomData)
    }
}

impl<A: AeadInOut + KeyInit + Send + Sync + 'static> Tls13AeadAlgorithm for Aead<A> {
    fn encrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageEncrypter> {
        Box::new(Keyed::<A>::new(&key, iv))
    }

    fn decrypter(&self, key: AeadKey, iv: Iv) -> Box<dyn MessageDecrypter> {
        Box::new(Keyed::<A>::new(&key, iv))
    }

    fn key_len(&self) -> usize {
        self.0
    }

    fn extract_keys(&self, _: AeadKey, _: Iv) -> Result<ConnectionTrafficSecrets, UnsupportedOperationError> {
        Err(UnsupportedOperationError)
    }
}

struct Keyed<A> {
    /// It is there, since keys come with the length that was asked for.
    cipher: Option<A>,
    iv: Iv,
}

impl<A: AeadInOut + KeyInit> Keyed<A> {
    fn new(key: &AeadKey, iv: Iv) -> Self {
        Self { cipher: A::new_from_slice(key.as_ref()).ok(), iv }
    }

    fn nonce(&self, sequence: u64) -> Option<AeadNonce<A>> {
        AeadNonce::<A>::try_from(&Nonce::new(&self.iv, sequence).0[..]).ok()
    }

    /// Encrypts these bytes in place, and returns their tag.
    fn seal(&self, sequence: u64, authenticated: &[u8], bytes: &mut [u8]) -> Option<Tag<A>> {
        let nonce = self.nonce(sequence)?;
        self.cipher.as_ref()?.encrypt_inout_detached(&nonce, authenticated, bytes.into()).ok()
    }

    /// Decrypts what is before the tag in place, and returns how much that is.
    fn open(&self, sequence: u64, authenticated: &[u8], bytes: &mut [u8]) -> Option<usize> {
        let count = bytes.len().checked_sub(TAG_BYTES)?;
        let (bytes, tag) = bytes.split_at_mut_checked(count)?;
        let (nonce, tag) = (self.nonce(sequence)?, Tag::<A>::try_from(&*tag).ok()?);
        self.cipher.as_ref()?.decrypt_inout_detached(&nonce, authenticated, bytes.into(), &tag).ok()?;
        Some(count)
    }
}

impl<A: AeadInOut + KeyInit + Send + Sync> MessageEncrypter for Keyed<A> {
    fn encrypt(
        &mut self,
        message: OutboundPlainMessage<'_>,
        sequence: u64,
    ) -> Result<OutboundOpaqueMessage, Error> {
        let count = self.encrypted_payload_len(message.payload.len());
        let mut payload = PrefixedPayload::with_capacity(count);
        payload.extend_from_chunks(&message.payload);
        payload.extend_from_slice(&message.typ.to_array());
        let tag = self.seal(sequence, &make_tls13_aad(count), payload.as_mut()).ok_or(Error::EncryptError)?;
        payload.extend_from_slice(&tag);
        // What the record says of its kind and version is the same for all of TLS 1.3 (RFC 8446, 5.2).
        Ok(OutboundOpaqueMessage::new(ContentType::ApplicationData, ProtocolVersion::TLSv1_2, payload))
    }

    fn encrypted_payload_len(&self, count: usize) -> usize {
        count + 1 + TAG_BYTES
    }
}

impl<A: AeadInOut + KeyInit + Send + Sync> MessageDecrypter for Keyed<A> {
    fn decrypt<'a>(
        &mut self,
        mut message: InboundOpaqueMessage<'a>,
        sequence: u64,
    ) -> Result<InboundPlainMessage<'a>, Error> {
        let payload = &mut message.payload;
        let authenticated = make_tls13_aad(payload.len());
        let count = self.open(sequence, &authenticated, payload).ok_or(Error::DecryptError)?;
        payload.truncate(count);
        message.into_tls13_unpadded_message()
    }
}
