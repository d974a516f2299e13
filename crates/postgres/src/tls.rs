//! TLS to a server, by rustls.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};
use thiserror::Error;
use tokio_postgres_rustls::MakeRustlsConnect;

/// How a connection is encrypted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct TlsSettings {
    pub(crate) trust: Trust,
    /// Files of the client's certificates and of its key.
    pub(crate) identity: Option<(PathBuf, PathBuf)>,
}

/// Which server's certificate is accepted.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) enum Trust {
    /// There is no TLS.
    #[default]
    Off,
    /// Any, and a server without TLS too.
    Optional,
    /// Any: `sslmode=require` only promises encryption.
    Any,
    /// One that an authority of this file signed, whatever host it names.
    Authority(PathBuf),
    /// One that an authority of this file signed, and that names the host.
    AuthorityAndName(PathBuf),
    /// One that an authority of the system signed, and that names the host.
    System,
}

impl TlsSettings {
    pub(crate) fn is_off(&self) -> bool {
        self.trust == Trust::Off
    }

    pub(crate) fn is_optional(&self) -> bool {
        self.trust == Trust::Optional
    }
}

/// Why there is no TLS. The files are named as the URL's parameters name them.
#[derive(Debug, Error)]
pub(crate) enum TlsFault {
    #[error("{parameter} names the file {}, which cannot be read", file.display())]
    Unreadable { parameter: &'static str, file: PathBuf, source: PemError },
    #[error("{parameter} names the file {}, which has no certificate", file.display())]
    Empty { parameter: &'static str, file: PathBuf },
    #[error("sslcert and sslkey cannot be used")]
    Identity(#[source] TlsError),
    #[error("TLS cannot be used")]
    Unusable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A connector for tokio-postgres. Files are read now, since they are replaced when their certificates expire.
pub(crate) fn connector(settings: &TlsSettings) -> Result<MakeRustlsConnect, TlsFault> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match &settings.trust {
        Trust::Off | Trust::Optional | Trust::Any => Arc::new(AnyCertificate(provider.clone())),
        Trust::Authority(file) => Arc::new(Signed::by(authorities(file)?, false, &provider)?),
        Trust::AuthorityAndName(file) => Arc::new(Signed::by(authorities(file)?, true, &provider)?),
        Trust::System => {
            Arc::new(Signed::by(rustls_native_certs::load_native_certs().certs, true, &provider)?)
        }
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsFault::Unusable(error.into()))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    Ok(MakeRustlsConnect::new(match &settings.identity {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let chain = certificates("sslcert", certificate)?;
            let key = PrivateKeyDer::from_pem_file(key).map_err(unreadable("sslkey", key))?;
            builder.with_client_auth_cert(chain, key).map_err(TlsFault::Identity)?
        }
    }))
}

fn authorities(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    certificates("sslrootcert", file)
}

fn certificates(parameter: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let found: Vec<_> = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect)
        .map_err(unreadable(parameter, file))?;
    if found.is_empty() { Err(TlsFault::Empty { parameter, file: file.to_owned() }) } else { Ok(found) }
}

fn unreadable(parameter: &'static str, file: &Path) -> impl FnOnce(PemError) -> TlsFault {
    let file = file.to_owned();
    move |source| TlsFault::Unreadable { parameter, file, source }
}

/// Takes certificates that one of some authorities signed.
#[derive(Debug)]
struct Signed {
    authorities: Vec<CertificateDer<'static>>,
    inner: Arc<WebPkiServerVerifier>,
    /// Whether the certificate has to name the host too.
    checks_name: bool,
}

impl Signed {
    fn by(
        authorities: Vec<CertificateDer<'static>>,
        checks_name: bool,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, TlsFault> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(authorities.iter().cloned());
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
        let inner = inner.map_err(|error| TlsFault::Unusable(error.into()))?;
        Ok(Self { authorities, inner, checks_name })
    }

    /// Whether a refused certificate is the authority itself. Servers often sign their own certificate, and it is what
    /// `sslrootcert` names; rustls wants another certificate below it. Its time is checked before.
    fn is_own_authority(&self, certificate: &CertificateDer<'_>, error: &TlsError) -> bool {
        let TlsError::InvalidCertificate(CertificateError::Other(cause)) = error else { return false };
        matches!(cause.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
            && self.authorities.iter().any(|authority| authority == certificate)
    }
}

impl ServerCertVerifier for Signed {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        match self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(error) if self.is_own_authority(end_entity, &error) => {
                if self.checks_name {
                    let certificate = rustls::server::ParsedCertificate::try_from(end_entity)?;
                    rustls::client::verify_server_name(&certificate, server_name)?;
                }
                Ok(ServerCertVerified::assertion())
            }
            // The signatures are checked before the name.
            Err(TlsError::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.checks_name => Ok(ServerCertVerified::assertion()),
            checked => checked,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Takes any certificate; the handshake's signatures are checked all the same.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_its_parameter() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.pem");
        let empty = folder.path().join("empty.pem");
        std::fs::write(&empty, "").unwrap();
        let fault = |settings: &TlsSettings| connector(settings).err().unwrap().to_string();
        for (file, words) in [(&missing, "cannot be read"), (&empty, "has no certificate")] {
            for trust in [Trust::Authority(file.clone()), Trust::AuthorityAndName(file.clone())] {
                let text = fault(&TlsSettings { trust, identity: None });
                assert!(text.starts_with("sslrootcert names the file ") && text.contains(words), "{text}");
            }
            let identity = Some((file.clone(), missing.clone()));
            let text = fault(&TlsSettings { trust: Trust::Any, identity });
            assert!(text.starts_with("sslcert names the file ") && text.contains(words), "{text}");
        }
    }
}
