//! The certificates of `ca_file`.

use std::io;
use std::path::{Path, PathBuf};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

/// Why no server can be trusted by a file.
#[derive(Debug, Error)]
pub(crate) enum TrustError {
    #[error("the certificates in {} cannot be used", .0.display())]
    Unreadable(PathBuf, #[source] io::Error),
    #[error("the certificates in {} cannot be used", .0.display())]
    Malformed(PathBuf, #[source] pem::Error),
    #[error("the file {} has no certificates", .0.display())]
    Missing(PathBuf),
    #[error("the certificates in {} are of no known format", .0.display())]
    UnknownFormat(PathBuf),
}

/// The certificates of a PEM file.
pub(crate) fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TrustError> {
    let pem = std::fs::read(path).map_err(|error| TrustError::Unreadable(path.to_owned(), error))?;
    let certificates = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| TrustError::Malformed(path.to_owned(), error))?;
    if certificates.is_empty() { Err(TrustError::Missing(path.to_owned())) } else { Ok(certificates) }
}

/// Checks that a server can be trusted by this file.
pub(crate) fn check(path: &Path) -> Result<(), TrustError> {
    let (trusted, _) = RootCertStore::empty().add_parsable_certificates(certificates(path)?);
    if trusted == 0 { Err(TrustError::UnknownFormat(path.to_owned())) } else { Ok(()) }
}

/// TLS that trusts these certificates only.
pub(crate) fn trusted(path: &Path) -> Result<ClientConfig, TrustError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(certificates(path)?);
    Ok(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}
