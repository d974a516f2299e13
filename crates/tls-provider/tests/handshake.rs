//! The provider as a client, before rustls's own provider as a server.

#![cfg(feature = "native")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::TLS13;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, ConnectionCommon, Error, NamedGroup, RootCertStore,
    ServerConfig, ServerConnection,
};
use tempfile::TempDir;

const P256: &str = "ec -pkeyopt ec_paramgen_curve:prime256v1";
const P384: &str = "ec -pkeyopt ec_paramgen_curve:secp384r1";

/// An authority and a server's certificate for localhost with keys of the same kind, made by OpenSSL.
struct Certificates(TempDir);

impl Certificates {
    fn new(key: &str, signing: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let new = format!("req -x509 -newkey {key} -nodes -days 2 {signing}");
        openssl(folder.path(), &format!("{new} -keyout ca.key -out ca.pem -subj /CN=test-authority"));
        let server = format!(
            "{new} -keyout server.key -out server.pem -subj /CN=localhost -CA ca.pem -CAkey ca.key \
             -addext subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE"
        );
        openssl(folder.path(), &server);
        Self(folder)
    }

    fn client(&self, name: &str) -> ClientConnection {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.0.path().join("ca.pem")).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(waybill_tls_provider::provider()))
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        ClientConnection::new(Arc::new(config), ServerName::try_from(name.to_owned()).unwrap()).unwrap()
    }

    fn server(&self, provider: CryptoProvider) -> ServerConnection {
        let certificate = CertificateDer::from_pem_file(self.0.path().join("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(self.0.path().join("server.key")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        ServerConnection::new(Arc::new(config)).unwrap()
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let output =
        Command::new("openssl").current_dir(folder).args(arguments.split_whitespace()).output().unwrap();
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Carries bytes to and fro until both are done, or the client refuses what it got. Returns what was decrypted, first the client's.
fn exchange(client: &mut ClientConnection, server: &mut ServerConnection) -> Result<[Vec<u8>; 2], Error> {
    let [mut by_client, mut by_server] = [Vec::new(), Vec::new()];
    while client.wants_write() || server.wants_write() {
        // The client's alert is what the server fails by.
        let _ = pass_on(client, server, &mut by_server);
        pass_on(server, client, &mut by_client)?;
    }
    Ok([by_client, by_server])
}

/// Carries what one has for the other. rustls keeps 16 KiB of decrypted bytes at most, so they are taken at once.
fn pass_on<F, T>(
    from: &mut ConnectionCommon<F>,
    to: &mut ConnectionCommon<T>,
    decrypted: &mut Vec<u8>,
) -> Result<(), Error> {
    let mut bytes = Vec::new();
    while from.wants_write() {
        from.write_tls(&mut bytes).unwrap();
    }
    let mut bytes = bytes.as_slice();
    while !bytes.is_empty() {
        to.read_tls(&mut bytes).unwrap();
        let count = to.process_new_packets()?.plaintext_bytes_to_read();
        let begin = decrypted.len();
        decrypted.resize(begin + count, 0);
        to.reader().read_exact(&mut decrypted[begin..]).unwrap();
    }
    Ok(())
}

#[test]
fn every_suite_and_group_carries_data_in_both_directions() {
    let certificates = Certificates::new(P256, "-sha256");
    let ring = ring::default_provider();
    for suite in &ring.cipher_suites {
        if suite.tls13().is_none() {
            continue;
        }
        for group in [NamedGroup::X25519, NamedGroup::secp256r1, NamedGroup::secp384r1] {
            let kx_groups: Vec<_> = ring.kx_groups.iter().copied().filter(|kx| kx.name() == group).collect();
            let only = CryptoProvider { cipher_suites: vec![*suite], kx_groups, ..ring.clone() };
            let (mut client, mut server) = (certificates.client("localhost"), certificates.server(only));
            exchange(&mut client, &mut server).unwrap();
            assert_eq!(client.negotiated_cipher_suite().unwrap().suite(), suite.suite());
            assert_eq!(client.negotiated_key_exchange_group().unwrap().name(), group);
            // More than one record has.
            let sent: Vec<u8> = (0..50_000u32).map(|number| number.to_le_bytes()[0]).collect();
            client.writer().write_all(&sent).unwrap();
            server.writer().write_all(&sent).unwrap();
            for received in exchange(&mut client, &mut server).unwrap() {
                assert!(received == sent, "{group:?}: {} bytes", received.len());
            }
        }
    }
}

#[test]
fn certificates_are_verified_by_every_kind_of_key_and_signature() {
    for (key, signing) in [
        (P256, "-sha256"),
        (P256, "-sha384"),
        (P384, "-sha256"),
        (P384, "-sha384"),
        ("rsa:2048", "-sha256"),
        ("rsa:3072", "-sha384"),
        ("rsa:2048", "-sha512"),
        ("rsa:2048", "-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"),
        ("rsa:2048", "-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"),
        ("rsa:2048", "-sha512 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest"),
    ] {
        let certificates = Certificates::new(key, signing);
        let mut client = certificates.client("localhost");
        let mut server = certificates.server(ring::default_provider());
        exchange(&mut client, &mut server).unwrap_or_else(|error| panic!("{key} {signing}: {error}"));
        assert!(!client.is_handshaking() && !server.is_handshaking(), "{key} {signing}");
    }
}

#[test]
fn a_server_of_another_authority_or_name_is_refused() {
    for (key, signing) in [(P256, "-sha256"), (P384, "-sha384"), ("rsa:2048", "-sha256")] {
        let (ours, theirs) = (Certificates::new(key, signing), Certificates::new(key, signing));
        let refused = |name: &str, of: &Certificates| {
            let mut server = theirs.server(ring::default_provider());
            exchange(&mut of.client(name), &mut server).unwrap_err()
        };
        // Both authorities have the same name, so the signature is what differs.
        let forged = refused("localhost", &ours);
        assert_eq!(forged, Error::InvalidCertificate(CertificateError::BadSignature), "{key}");
        let renamed = refused("other.example", &theirs);
        assert!(renamed.to_string().contains("not valid for name"), "{renamed}");
    }
}

#[test]
fn a_record_that_was_changed_on_its_way_is_refused() {
    let certificates = Certificates::new(P256, "-sha256");
    for suite in waybill_tls_provider::provider().cipher_suites {
        let ring = ring::default_provider();
        let same = ring.cipher_suites.iter().copied().filter(|one| one.suite() == suite.suite()).collect();
        let mut client = certificates.client("localhost");
        let mut server = certificates.server(CryptoProvider { cipher_suites: same, ..ring });
        exchange(&mut client, &mut server).unwrap();
        server.writer().write_all(b"acknowledged").unwrap();
        let mut bytes = Vec::new();
        server.write_tls(&mut bytes).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        client.read_tls(&mut bytes.as_slice()).unwrap();
        assert_eq!(client.process_new_packets().unwrap_err(), Error::DecryptError, "{suite:?}");
    }
}
