//! Which servers are trusted.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore, version};

/// TLS that trusts the authorities of these PEM certificates only, or else those that browsers trust. The error says what is wrong with
/// them.
pub fn trusting(pem: Option<&str>) -> Result<Arc<ClientConfig>, &'static str> {
    let roots = match pem {
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
        Some(pem) => authorities(pem)?,
    };
    let config = ClientConfig::builder_with_provider(Arc::new(provider()))
        .with_protocol_versions(&[&version::TLS13])
        .expect("the provider has suites of this version")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

#[cfg(target_family = "wasm")]
fn provider() -> CryptoProvider {
    waybill_tls_provider::provider()
}

/// Unit tests and fuzzing have the one that the programs have.
#[cfg(not(target_family = "wasm"))]
fn provider() -> CryptoProvider {
    rustls::crypto::ring::default_provider()
}

fn authorities(pem: &str) -> Result<RootCertStore, &'static str> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| "is not in the format PEM")?;
    if certificates.is_empty() {
        return Err("has no certificate");
    }
    let mut roots = RootCertStore::empty();
    match roots.add_parsable_certificates(certificates) {
        (_, 0) => Ok(roots),
        _ => Err("has a certificate that cannot be read"),
    }
}
