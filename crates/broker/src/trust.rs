//! The certificates of `ca_file`.

use std::path::Path;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The certificates of a PEM file.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let wrong = |fault: String| format!("the certificates in {} cannot be used: {fault}", path.display());
    let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(error.to_string()))?;
    if certificates.is_empty() { Err(wrong("there are none".to_owned())) } else { Ok(certificates) }
}

/// Why no server can be trusted by this file.
pub(crate) fn fault(path: &Path) -> Option<String> {
    let certificates = match certificates(path) {
        Ok(certificates) => certificates,
        Err(fault) => return Some(fault),
    };
    let (trusted, _) = RootCertStore::empty().add_parsable_certificates(certificates);
    (trusted == 0).then(|| format!("the certificates in {} are of no known format", path.display()))
}

/// TLS that trusts these certificates only.
pub(crate) fn trusted(path: &Path) -> Result<ClientConfig, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(path)?);
    Ok(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}
