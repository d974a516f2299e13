//! Connections by what their URL says, to real servers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use waybill_contracts::sql::SqlValue;
use waybill_postgres::{Database, ServerConfig};
use waybill_test_database::Server;

use crate::support::{chain, one, until};

async fn connect(url: &str) -> Result<Database, String> {
    let mut config = ServerConfig::new(url).map_err(|error| error.to_string())?;
    config.connections = 1;
    Database::connect(config).await.map_err(chain)
}

async fn text(database: &Database, sql: &str) -> String {
    match one(database, sql, &[]).await {
        Ok(SqlValue::Text(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn port(server: &Server) -> String {
    port_of(&server.address()).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn options_set_what_they_say() {
    let server = Server::start().unwrap();
    let database = connect(&server.url("orders")).await.unwrap();
    database.query_batch("CREATE SCHEMA own; CREATE TABLE own.here (n int)").await.unwrap();
    let url = format!(
        "postgresql://{}/orders?user=postgres&application_name=a+b%20c&sslmode=disable&\
         options=-c%20search_path%3Down%20-c%20waybill.test%3Dwith%5C%20space",
        server.address()
    );
    let database = connect(&url).await.unwrap();
    assert_eq!(text(&database, "SHOW search_path").await, "own");
    assert_eq!(text(&database, "SHOW waybill.test").await, "with space");
    assert_eq!(text(&database, "SHOW application_name").await, "a+b c");
    assert_eq!(one(&database, "SELECT count(*) FROM here", &[]).await, Ok(SqlValue::Int8(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_is_named_by_its_folder() {
    let server = Server::start().unwrap();
    // Under a short name, since a socket's path must not be long.
    let folder = tempfile::Builder::new().prefix("socket-").tempdir_in("/tmp").unwrap();
    let socket = folder.path().join(format!(".s.PGSQL.{}", port(&server)));
    std::os::unix::fs::symlink(server.data().join(format!(".s.PGSQL.{}", port(&server))), socket).unwrap();
    let folder = folder.path().display().to_string();
    let encoded = folder.replace('/', "%2F");
    for url in [
        format!("postgresql:///orders?host={folder}&port={}&user=postgres", port(&server)),
        format!("postgresql://postgres@{encoded}:{}/orders", port(&server)),
        format!("postgresql://postgres:x%2Fy@/orders?host={encoded}&port={}&sslmode=require", port(&server)),
    ] {
        let database = connect(&url).await.unwrap();
        assert_eq!(
            text(&database, "SELECT coalesce(inet_client_addr()::text, 'socket')").await,
            "socket",
            "{url}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_several_servers_that_is_what_is_asked_for_is_used() {
    let mut primary = Server::start_primary().unwrap();
    let standby = primary.standby().unwrap();
    let stopped = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = |hosts: &[&str], target: &str| {
        format!("postgresql://postgres@{}/orders?sslmode=disable&connect_timeout=5{target}", hosts.join(","))
    };
    let (one, two, none) = (primary.address(), standby.address(), stopped.to_string());
    let (one, two, none) = (one.as_str(), two.as_str(), none.as_str());
    for (hosts, target, expected) in [
        (&[one, two][..], "", one),
        // A standby takes no writes, so it is as good as unavailable unless it is asked for.
        (&[none, two, one], "", one),
        (&[two, one], "&target_session_attrs=read-write", one),
        (&[two, one], "&target_session_attrs=primary", one),
        (&[two, one], "&target_session_attrs=any&load_balance_hosts=random", one),
    ] {
        let database = connect(&url(hosts, target)).await.unwrap();
        assert_eq!(reached(&database).await, port_of(expected), "{hosts:?} {target}");
    }
    for (hosts, target, expected) in [
        (&[two, one][..], "", two),
        (&[one, two], "&target_session_attrs=standby", two),
        (&[one, two], "&target_session_attrs=read-only", two),
        (&[none, one, two], "&target_session_attrs=prefer-standby", two),
        (&[none, one], "&target_session_attrs=prefer-standby", one),
    ] {
        let mut config = ServerConfig::new(&url(hosts, target)).unwrap();
        config.writes = false;
        let database = Database::connect(config).await.unwrap();
        assert_eq!(reached(&database).await, port_of(expected), "{hosts:?} {target}");
    }
    for (hosts, target, word) in [
        (&[two][..], "", "the database is read-only"),
        (&[two, one], "&target_session_attrs=standby", "the database is read-only"),
        (&[none, one], "&target_session_attrs=read-only", "target_session_attrs"),
        (&[none, none], "", "refused"),
    ] {
        let error = connect(&url(hosts, target)).await.err().unwrap();
        assert!(error.contains(word) && error.contains(hosts[0]), "{error}");
    }
}

async fn reached(database: &Database) -> String {
    text(database, "SELECT current_setting('port')").await
}

fn port_of(address: &str) -> &str {
    address.rsplit(':').next().unwrap()
}

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    file: PathBuf,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let file = folder.join(format!("{name}.crt"));
        fs::write(&file, issuer.pem()).unwrap();
        Self { issuer, file }
    }

    /// A certificate for a host or a client, with its key.
    fn sign(&self, name: &str) -> (Certificate, KeyPair) {
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }
}

/// Has the server use a certificate from now on.
async fn serve(server: &Server, certificate: &str, key: &KeyPair, clients: &str) {
    for (name, text) in
        [("server.crt", certificate), ("server.key", &key.serialize_pem()), ("clients.crt", clients)]
    {
        let file = server.data().join(name);
        fs::write(&file, text).unwrap();
        let set = |program: &str, how: &str| {
            assert!(Command::new(program).arg(how).arg(&file).status().unwrap().success());
        };
        set("chown", &format!("--reference={}", server.data().join("PG_VERSION").display()));
        set("chmod", "600");
    }
    let database = connect(&server.url("postgres")).await.unwrap();
    let session = database.session().await.unwrap();
    session.batch_execute("ALTER SYSTEM SET ssl_ca_file = 'clients.crt'").await.unwrap();
    session.batch_execute("ALTER SYSTEM SET ssl = on").await.unwrap();
    session.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    let url = server.url("postgres").replace("sslmode=disable", "sslmode=require");
    until("TLS", async || connect(&url).await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_checked_as_far_as_sslmode_says() {
    let server = Server::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (trusted, other) = (Authority::new(folder.path(), "trusted"), Authority::new(folder.path(), "other"));
    let empty = folder.path().join("empty.crt");
    fs::write(&empty, "").unwrap();
    // It names `localhost`, and the tests connect to `127.0.0.1` too.
    let (certificate, key) = trusted.sign("localhost");
    serve(&server, &certificate.pem(), &key, &trusted.issuer.pem()).await;
    let url = |host: &str, parameters: &str| {
        format!("postgresql://postgres@{host}:{}/orders?hostaddr=127.0.0.1&{parameters}", port(&server))
    };
    let root = |file: &Path| format!("&sslrootcert={}", file.display());
    let (good, bad) = (root(&trusted.file), root(&other.file));
    for (host, parameters) in [
        ("127.0.0.1", "sslmode=prefer".to_owned()),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", format!("sslmode=verify-ca{good}")),
        ("127.0.0.1", format!("sslmode=require{good}")),
        ("localhost", format!("sslmode=verify-full{good}")),
    ] {
        let database = connect(&url(host, &parameters)).await.unwrap();
        let tls = one(&database, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).await;
        assert_eq!(tls, Ok(SqlValue::Bool(true)), "{parameters}");
    }
    for (host, parameters, word) in [
        ("127.0.0.1", format!("sslmode=verify-full{good}"), "certificate"),
        ("localhost", format!("sslmode=verify-full{bad}"), "certificate"),
        ("localhost", format!("sslmode=verify-ca{bad}"), "certificate"),
        ("localhost", format!("sslmode=require{bad}"), "certificate"),
        ("localhost", "sslmode=verify-full&sslrootcert=system".to_owned(), "certificate"),
        ("localhost", "sslrootcert=system".to_owned(), "certificate"),
        ("localhost", "sslmode=verify-ca&sslrootcert=system".to_owned(), "verify-full"),
        ("localhost", format!("sslmode=verify-ca{}", root(&empty)), "has no certificate"),
        ("localhost", "sslmode=verify-ca&sslrootcert=/nowhere".to_owned(), "/nowhere"),
    ] {
        let error = connect(&url(host, &parameters)).await.err().unwrap_or_else(|| panic!("{parameters}"));
        assert!(error.contains(word), "{parameters}: {error}");
    }

    // A server often signs its own certificate.
    let mut params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let own = params.self_signed(&key).unwrap().pem();
    let file = folder.path().join("own.crt");
    fs::write(&file, &own).unwrap();
    serve(&server, &own, &key, &own).await;
    connect(&url("localhost", &format!("sslmode=verify-full{}", root(&file)))).await.unwrap();
    connect(&url("127.0.0.1", &format!("sslmode=verify-ca{}", root(&file)))).await.unwrap();
    let name = connect(&url("127.0.0.1", &format!("sslmode=verify-full{}", root(&file)))).await;
    assert!(name.err().unwrap().contains("certificate"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_shows_its_own_certificate() {
    let server = Server::start().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let trusted = Authority::new(folder.path(), "trusted");
    let (certificate, key) = trusted.sign("localhost");
    serve(&server, &certificate.pem(), &key, &trusted.issuer.pem()).await;
    let (certificate, key) = trusted.sign("postgres");
    let (crt, pem) = (folder.path().join("client.crt"), folder.path().join("client.key"));
    fs::write(&crt, certificate.pem()).unwrap();
    fs::write(&pem, key.serialize_pem()).unwrap();
    let url = format!(
        "postgresql://postgres@localhost:{}/orders?hostaddr=127.0.0.1&sslmode=verify-full&sslrootcert={}",
        port(&server),
        trusted.file.display()
    );
    let name = "SELECT coalesce(client_dn, 'none') FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert_eq!(text(&connect(&url).await.unwrap(), name).await, "none");
    let shown = connect(&format!("{url}&sslcert={}&sslkey={}", crt.display(), pem.display())).await.unwrap();
    assert!(text(&shown, name).await.contains("postgres"));
    let error = connect(&format!("{url}&sslcert={}", crt.display())).await.err().unwrap();
    assert!(error.contains("sslkey"), "{error}");
}
