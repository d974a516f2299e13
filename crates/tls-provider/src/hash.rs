//! SHA-2, and HMAC with it.

use std::marker::PhantomData;

use hmac::{Hmac, KeyInit, Mac};
use rustls::crypto::hash::{Context, Hash, HashAlgorithm, Output};
use rustls::crypto::hmac::{Hmac as HmacAlgorithm, Key, Tag};
use sha2::{Digest, Sha256, Sha384};

pub(crate) static SHA256: Sha2<Sha256> = Sha2(HashAlgorithm::SHA256, PhantomData);
pub(crate) static SHA384: Sha2<Sha384> = Sha2(HashAlgorithm::SHA384, PhantomData);

pub(crate) static HMAC_SHA256: HmacOf<Hmac<Sha256>> = HmacOf(32, PhantomData);
pub(crate) static HMAC_SHA384: HmacOf<Hmac<Sha384>> = HmacOf(48, PhantomData);

pub(crate) struct Sha2<D>(HashAlgorithm, PhantomData<fn() -> D>);

impl<D: Digest + Clone + Send + Sync + 'static> Hash for Sha2<D> {
    fn start(&self) -> Box<dyn Context> {
        Box::new(Running(D::new()))
    }

    fn hash(&self, data: &[u8]) -> Output {
        Output::new(&D::digest(data))
    }

    fn output_len(&self) -> usize {
        <D as Digest>::output_size()
    }

    fn algorithm(&self) -> HashAlgorithm {
        self.0
    }
}

struct Running<D>(D);

impl<D: Digest + Clone + Send + Sync + 'static> Context for Running<D> {
    fn fork_finish(&self) -> Output {
        Output::new(&self.0.clone().finalize())
    }

    fn fork(&self) -> Box<dyn Context> {
        Box::new(Self(self.0.clone()))
    }

    fn finish(self: Box<Self>) -> Output {
        Output::new(&self.0.finalize())
    }

    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.0, data);
    }
}

/// A kind of HMAC, with the bytes of its tags.
pub(crate) struct HmacOf<M>(usize, PhantomData<fn() -> M>);

impl<M: Mac + KeyInit + Clone + Send + Sync + 'static> HmacAlgorithm for HmacOf<M> {
    fn with_key(&self, key: &[u8]) -> Box<dyn Key> {
        let mac = <M as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
        Box::new(Keyed(self.0, mac))
    }

    fn hash_output_len(&self) -> usize {
        self.0
    }
}

struct Keyed<M>(usize, M);

impl<M: Mac + Clone + Send + Sync> Key for Keyed<M> {
    fn sign_concat(&self, first: &[u8], middle: &[&[u8]], last: &[u8]) -> Tag {
        let mut mac = self.1.clone();
        mac.update(first);
        for part in middle {
            mac.update(part);
        }
        mac.update(last);
        Tag::new(&mac.finalize().into_bytes())
    }

    fn tag_len(&self) -> usize {
        self.0
    }
}
