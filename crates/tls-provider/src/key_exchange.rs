//! Key exchange by elliptic curves (RFC 8446, 7.4.2).

use rustls::crypto::{ActiveKeyExchange, SharedSecret, SupportedKxGroup};
use rustls::{Error, NamedGroup, PeerMisbehaved};
use x25519_dalek::{PublicKey, StaticSecret};

/// A client sends a key of the first one, and another one only if the server asks for it.
pub(crate) static ALL: &[&dyn SupportedKxGroup] = &[&X25519, &P256, &P384];

#[derive(Debug)]
struct X25519;

impl SupportedKxGroup for X25519 {
    fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
        let secret = StaticSecret::from(random::<32>()?);
        let public = PublicKey::from(&secret);
        Ok(Box::new(X25519Exchange { secret, public }))
    }

    fn name(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

struct X25519Exchange {
    secret: StaticSecret,
    public: PublicKey,
}

impl ActiveKeyExchange for X25519Exchange {
    fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
        let peer: [u8; 32] = peer.try_into().map_err(|_| invalid())?;
        let shared = self.secret.diffie_hellman(&PublicKey::from(peer));
        // A point of small order would make the same secret of every key.
        if shared.was_contributory() { Ok(shared.as_bytes()[..].into()) } else { Err(invalid()) }
    }

    fn pub_key(&self) -> &[u8] {
        self.public.as_bytes()
    }

    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }
}

/// A curve of NIST: its points are checked when they are read.
macro_rules! nist_curve {
    ($group:ident, $exchange:ident, $curve:ident, $bytes:literal, $name:expr) => {
        #[derive(Debug)]
        struct $group;

        impl SupportedKxGroup for $group {
            fn start(&self) -> Result<Box<dyn ActiveKeyExchange>, Error> {
                // It fails for one of 2^32 random numbers at most, which are no keys of this curve.
                let secret = $curve::SecretKey::from_slice(&random::<$bytes>()?)
                    .map_err(|_| Error::FailedToGetRandomBytes)?;
                let public = secret.public_key().to_sec1_bytes();
                Ok(Box::new($exchange { secret, public }))
            }

            fn name(&self) -> NamedGroup {
                $name
            }
        }

        struct $exchange {
            secret: $curve::SecretKey,
            public: Box<[u8]>,
        }

        impl ActiveKeyExchange for $exchange {
            fn complete(self: Box<Self>, peer: &[u8]) -> Result<SharedSecret, Error> {
                let peer = $curve::PublicKey::from_sec1_bytes(peer).map_err(|_| invalid())?;
                let shared = self.secret.diffie_hellman(&peer);
                Ok(shared.raw_secret_bytes()[..].into())
            }

            fn pub_key(&self) -> &[u8] {
                &self.public
            }

            fn group(&self) -> NamedGroup {
                $name
            }
        }
    };
}

nist_curve!(P256, P256Exchange, p256, 32, NamedGroup::secp256r1);
nist_curve!(P384, P384Exchange, p384, 48, NamedGroup::secp384r1);

fn random<const BYTES: usize>() -> Result<[u8; BYTES], Error> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|_| Error::FailedToGetRandomBytes)?;
    Ok(bytes)
}

fn invalid() -> Error {
    PeerMisbehaved::InvalidKeyShare.into()
}
