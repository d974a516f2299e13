//! The signatures of certificates and handshakes that are verified.

use std::fmt;

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{PublicKey, pkcs1v15, pss};
use rustls::SignatureScheme;
use rustls::crypto::WebPkiSupportedAlgorithms;
use rustls::pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};
use sha2::{Digest, Sha256, Sha384, Sha512};

/// Shorter RSA keys do not count as safe: 2,048 bits, in bytes. The library takes none of more than 8,192 bits, which would take long.
const RSA_KEY_BYTES: usize = 256;

pub(crate) const ALL: WebPkiSupportedAlgorithms = WebPkiSupportedAlgorithms {
    all: &[
        P256_SHA256,
        P256_SHA384,
        P384_SHA256,
        P384_SHA384,
        RSA_PSS_SHA256,
        RSA_PSS_SHA384,
        RSA_PSS_SHA512,
        RSA_PKCS1_SHA256,
        RSA_PKCS1_SHA384,
        RSA_PKCS1_SHA512,
    ],
    // Of several, the first is that of a handshake of TLS 1.3, in which a curve has one hash.
    mapping: &[
        (SignatureScheme::ECDSA_NISTP256_SHA256, &[P256_SHA256, P384_SHA256]),
        (SignatureScheme::ECDSA_NISTP384_SHA384, &[P384_SHA384, P256_SHA384]),
        (SignatureScheme::RSA_PSS_SHA256, &[RSA_PSS_SHA256]),
        (SignatureScheme::RSA_PSS_SHA384, &[RSA_PSS_SHA384]),
        (SignatureScheme::RSA_PSS_SHA512, &[RSA_PSS_SHA512]),
        (SignatureScheme::RSA_PKCS1_SHA256, &[RSA_PKCS1_SHA256]),
        (SignatureScheme::RSA_PKCS1_SHA384, &[RSA_PKCS1_SHA384]),
        (SignatureScheme::RSA_PKCS1_SHA512, &[RSA_PKCS1_SHA512]),
    ],
};

/// Verifies, with this key, of this message, this signature.
type Verify = fn(&[u8], &[u8], &[u8]) -> Option<()>;

/// An algorithm by the identifiers that certificates have of it.
struct Algorithm {
    key: AlgorithmIdentifier,
    signature: AlgorithmIdentifier,
    verify: Verify,
}

impl fmt::Debug for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Algorithm").field("signature", &self.signature).finish_non_exhaustive()
    }
}

impl SignatureVerificationAlgorithm for Algorithm {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        (self.verify)(key, message, signature).ok_or(InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature
    }
}

const P256_SHA256: &dyn SignatureVerificationAlgorithm =
    &Algorithm { key: alg_id::ECDSA_P256, signature: alg_id::ECDSA_SHA256, verify: p256::<Sha256> };
const P256_SHA384: &dyn SignatureVerificationAlgorithm =
    &Algorithm { key: alg_id::ECDSA_P256, signature: alg_id::ECDSA_SHA384, verify: p256::<Sha384> };
const P384_SHA256: &dyn SignatureVerificationAlgorithm =
    &Algorithm { key: alg_id::ECDSA_P384, signature: alg_id::ECDSA_SHA256, verify: p384::<Sha256> };
const P384_SHA384: &dyn SignatureVerificationAlgorithm =
    &Algorithm { key: alg_id::ECDSA_P384, signature: alg_id::ECDSA_SHA384, verify: p384::<Sha384> };

fn p256<D: Digest>(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    let signature = p256::ecdsa::DerSignature::from_bytes(signature).ok()?;
    key.verify_prehash(&D::digest(message), &signature).ok()
}

fn p384<D: Digest>(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?;
    let signature = p384::ecdsa::DerSignature::from_bytes(signature).ok()?;
    key.verify_prehash(&D::digest(message), &signature).ok()
}

/// Both kinds of signature with a hash.
macro_rules! rsa {
    ($pss:ident, $pkcs1:ident, $hash:ty, $pss_id:expr, $pkcs1_id:expr) => {
        const $pss: &dyn SignatureVerificationAlgorithm = &Algorithm {
            key: alg_id::RSA_ENCRYPTION,
            signature: $pss_id,
            verify: |key, message, signature| {
                let signature = pss::Signature::try_from(signature).ok()?;
                pss::VerifyingKey::<$hash>::new(rsa_key(key)?).verify(message, &signature).ok()
            },
        };
        const $pkcs1: &dyn SignatureVerificationAlgorithm = &Algorithm {
            key: alg_id::RSA_ENCRYPTION,
            signature: $pkcs1_id,
            verify: |key, message, signature| {
                let signature = pkcs1v15::Signature::try_from(signature).ok()?;
                pkcs1v15::VerifyingKey::<$hash>::new(rsa_key(key)?).verify(message, &signature).ok()
            },
        };
    };
}

rsa!(RSA_PSS_SHA256, RSA_PKCS1_SHA256, Sha256, alg_id::RSA_PSS_SHA256, alg_id::RSA_PKCS1_SHA256);
rsa!(RSA_PSS_SHA384, RSA_PKCS1_SHA384, Sha384, alg_id::RSA_PSS_SHA384, alg_id::RSA_PKCS1_SHA384);
rsa!(RSA_PSS_SHA512, RSA_PKCS1_SHA512, Sha512, alg_id::RSA_PSS_SHA512, alg_id::RSA_PKCS1_SHA512);

fn rsa_key(der: &[u8]) -> Option<PublicKey> {
    let key = PublicKey::from_pkcs1_der(der).ok()?;
    (key.size() >= RSA_KEY_BYTES).then_some(key)
}
