//! A PostgreSQL server for one test, from Debian's packages.

use std::{
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;

const BINARIES: &str = "/usr/lib/postgresql/15/bin";

/// A cluster in a folder of its own, stopped when it goes.
pub struct Cluster {
    folder: TempDir,
    port: u16,
}

impl Cluster {
    /// Makes and starts a cluster; none, with a printed reason, where the binaries are missing.
    pub fn start() -> Option<Self> {
        if !Path::new(BINARIES).join("initdb").exists() {
            println!("skipped: there is no PostgreSQL in {BINARIES}");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        // The server refuses to run as root, so that all of the folder belongs to another user then.
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(folder.path()));
        }
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let cluster = Self { folder, port };
        let initdb =
            ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"];
        run(binary("initdb").args(initdb).arg("--pgdata").arg(cluster.data()));
        cluster.up();
        Some(cluster)
    }

    /// Starts the server and waits until it answers.
    pub fn up(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off",
            self.port
        );
        let log = self.folder.path().join("log");
        run(binary("pg_ctl")
            .args(["start", "--wait", "--options", &options, "--log"])
            .arg(log)
            .arg("--pgdata")
            .arg(self.data()));
    }

    /// Stops the server at once, as a crash would.
    pub fn down(&self) {
        run(binary("pg_ctl").args(["stop", "--wait", "--mode=immediate", "--pgdata"]).arg(self.data()));
    }

    /// Holds all of the server's processes, or lets them go on.
    pub fn signal_backends(&self, signal: &str) {
        run(Command::new("pkill").arg(format!("-{signal}")).args(["--parent", &self.postmaster()]));
    }

    /// The URL of the cluster's first database.
    pub fn url(&self) -> String {
        format!("postgresql://postgres:geheim@127.0.0.1:{}/postgres", self.port)
    }

    fn postmaster(&self) -> String {
        let output = binary("head").args(["-1"]).arg(self.data().join("postmaster.pid")).output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // It may be down already.
        let stop = ["stop", "--mode=immediate", "--pgdata"];
        let _ =
            binary("pg_ctl").args(stop).arg(self.data()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().unwrap();
    output.stdout == b"0\n"
}

/// One of the server's programs, as a user that may run it.
fn binary(name: &str) -> Command {
    let path = Path::new(BINARIES).join(name);
    let path = if path.exists() { path } else { name.into() };
    let mut command = if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir("/");
    command
}

fn run(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?} failed: {status}");
}
