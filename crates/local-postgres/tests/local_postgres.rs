//! The server, for real: started, killed, joined, and refused.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};
use waybill_local_postgres::{Config, Contents, Error, LocalPostgres, Search};

/// What has to happen happens within this time, or the test has failed.
const LIMIT: Duration = Duration::from_mins(1);

fn config(folder: &Path) -> Config {
    Config {
        folder: folder.to_owned(),
        search: Search { named: env::var_os("WAYBILL_POSTGRES").map(PathBuf::from), ..Search::default() },
        contents: Contents { role: "waybill".into(), databases: vec!["orders".into(), "invoices".into()] },
        settings: Vec::new(),
    }
}

async fn connect(
    server: &LocalPostgres,
    user: &str,
    database: &str,
) -> Result<Client, tokio_postgres::Error> {
    let mut config = tokio_postgres::Config::new();
    config.host_path(server.socket_folder()).user(user).dbname(database);
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn until<T>(what: &str, mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + LIMIT;
    loop {
        if let Some(done) = attempt().await {
            return done;
        }
        assert!(Instant::now() < deadline, "waited for {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn pid(number: u32) -> Pid {
    Pid::from_raw(i32::try_from(number).unwrap()).unwrap()
}

/// Every file below a folder with its contents.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            all.extend(contents(&path));
        } else {
            all.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_folder_has_databases_of_a_role_without_rights_and_one_owner() {
    let parent = TempDir::new().unwrap();
    let config = config(&parent.path().join("postgres"));
    let server = LocalPostgres::start(&config).unwrap();
    let client = connect(&server, "waybill", "orders").await.unwrap();
    let row = client
        .query_one(
            "SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('listen_addresses'), \
             rolsuper, rolcreaterole FROM pg_roles WHERE rolname = current_user",
            &[],
        )
        .await
        .unwrap();
    let text = |column| row.get::<_, String>(column);
    assert_eq!((text(0), text(1), text(2)), ("on".to_owned(), "on".to_owned(), String::new()));
    assert_eq!((row.get::<_, bool>(3), row.get::<_, bool>(4)), (false, false));
    client.batch_execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)").await.unwrap();
    let mode = fs::metadata(server.folder()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);

    // A second process would be refused, or share the server.
    assert!(matches!(LocalPostgres::start(&config), Err(Error::InUse(_))));
    let joined = LocalPostgres::join(&config).unwrap();
    let other = connect(&joined, "waybill", "orders").await.unwrap();
    assert_eq!(other.query_one("SELECT id FROM kept", &[]).await.unwrap().get::<_, i32>(0), 7);
    assert!(joined.stop(LIMIT), "it is not its own to stop");
    client.query_one("SELECT 1", &[]).await.unwrap();

    drop((client, other));
    assert!(server.stop(LIMIT));
    let again = LocalPostgres::join(&config).unwrap();
    let client = connect(&again, "waybill", "orders").await.unwrap();
    assert_eq!(client.query_one("SELECT id FROM kept", &[]).await.unwrap().get::<_, i32>(0), 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_comes_back_with_all_that_it_acknowledged() {
    let parent = TempDir::new().unwrap();
    let server = LocalPostgres::start(&config(&parent.path().join("postgres"))).unwrap();
    let client = connect(&server, "waybill", "orders").await.unwrap();
    client.batch_execute("CREATE TABLE kept (id int)").await.unwrap();
    let mut acknowledged = 0;
    for round in 0..3 {
        let process = until("a process", async || server.process_id()).await;
        let client = until("a connection", async || connect(&server, "waybill", "orders").await.ok()).await;
        for _ in 0..50 {
            client.execute("INSERT INTO kept VALUES ($1)", &[&round]).await.unwrap();
            acknowledged += 1;
        }
        kill_process(pid(process), Signal::KILL).unwrap();
        until("another process", async || server.process_id().filter(|new| *new != process)).await;
        until("health", async || server.health().ok()).await;
    }
    let client = connect(&server, "waybill", "orders").await.unwrap();
    let there = client.query_one("SELECT count(*) FROM kept", &[]).await.unwrap().get::<_, i64>(0);
    assert_eq!(there, acknowledged);
    assert!(server.stop(LIMIT));
}

/// Not a test of its own: the process that the next one kills.
#[test]
#[ignore = "run by the test of a killed owner"]
fn owner_that_is_killed() {
    let Some(folder) = env::var_os("OWNED_FOLDER") else { return };
    let server = LocalPostgres::start(&config(Path::new(&folder))).unwrap();
    println!("\nserver {}", server.process_id().unwrap());
    std::thread::park();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_does_not_outlive_its_killed_owner() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("postgres");
    let mut owner = Command::new(env::current_exe().unwrap())
        .args(["--exact", "owner_that_is_killed", "--ignored", "--nocapture"])
        .env("OWNED_FOLDER", &folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(owner.stdout.take().unwrap()).lines().map_while(Result::ok);
    let server: u32 = { lines }
        .find_map(|line| line.strip_prefix("server ")?.parse().ok())
        .expect("the owner says which process its server is");
    assert!(matches!(LocalPostgres::start(&config(&folder)), Err(Error::InUse(_))));
    owner.kill().unwrap();
    owner.wait().unwrap();
    // At once, without waiting for the old one.
    let next = LocalPostgres::start(&config(&folder)).unwrap();
    connect(&next, "waybill", "invoices").await.unwrap();
    until("the server to be gone", async || test_kill_process(pid(server)).is_err().then_some(())).await;
    assert!(next.stop(LIMIT));
}

#[test]
fn a_folder_of_another_major_version_is_refused_and_left_as_it_was() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("postgres");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("PG_VERSION"), "9\n").unwrap();
    let before = contents(&folder);
    let error = LocalPostgres::start(&config(&folder)).unwrap_err();
    assert!(matches!(error, Error::OtherMajor { major: 9, .. } | Error::NoPrograms { .. }), "{error}");
    assert!(error.to_string().contains("--postgres"), "{error}");
    assert_eq!(contents(&folder), before);
}

#[test]
fn a_folder_of_something_else_is_refused_and_left_as_it_was() {
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("postgres");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("notes.txt"), "not a database").unwrap();
    let before = contents(&folder);
    let error = LocalPostgres::start(&config(&folder)).unwrap_err();
    assert!(matches!(error, Error::Foreign(_)) && error.to_string().contains("--data"), "{error}");
    assert_eq!(contents(&folder), before);

    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    let error = LocalPostgres::start(&config(&file)).unwrap_err();
    assert!(matches!(error, Error::Foreign(_)), "{error}");
}

#[test]
fn a_folder_that_is_not_writable_is_refused() {
    // The kernel's own file systems take no files, not even root's.
    for folder in ["/proc/waybill/postgres", "/sys/waybill/postgres"] {
        if Path::new(folder).ancestors().nth(2).is_some_and(Path::is_dir) {
            let error = LocalPostgres::start(&config(Path::new(folder))).unwrap_err();
            assert!(matches!(error, Error::NotWritable { .. }), "{error}");
            assert!(error.to_string().contains("--data"), "{error}");
        }
    }
}

#[test]
fn a_full_file_system_is_reported_and_left_clean() {
    let parent = TempDir::new().unwrap();
    let mount = |word: &str, arguments: &[&str]| {
        let done = Command::new(word).args(arguments).arg(parent.path()).stderr(Stdio::null()).status();
        done.is_ok_and(|status| status.success())
    };
    if !mount("mount", &["-t", "tmpfs", "-o", "size=4m,mode=755", "tmpfs"]) {
        println!("skipped: only root may mount a small file system");
        return;
    }
    let error = LocalPostgres::start(&config(&parent.path().join("postgres")));
    let left: Vec<_> =
        fs::read_dir(parent.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert!(mount("umount", &[]));
    assert!(matches!(error, Err(Error::Full(_))), "{error:?}");
    assert_eq!(left, ["postgres.lock"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_whose_parents_are_closed_or_whose_path_is_long_works() {
    let parent = TempDir::new().unwrap();
    let closed = parent.path().join("closed");
    fs::DirBuilder::new().mode(0o700).create(&closed).unwrap();
    let folder = closed.join("a-folder-with-a-long-name".repeat(8)).join("postgres");
    if !cfg!(target_os = "linux") {
        assert!(matches!(LocalPostgres::start(&config(&folder)), Err(Error::PathTooLong { .. })));
        return;
    }
    let server = LocalPostgres::start(&config(&folder)).unwrap();
    let client = connect(&server, "waybill", "orders").await.unwrap();
    client.query_one("SELECT 1", &[]).await.unwrap();
    drop(client);
    assert!(server.stop(LIMIT));
}
