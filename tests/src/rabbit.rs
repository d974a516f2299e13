//! A RabbitMQ of our own, from the system's package, on free loopback ports, with everything in one folder that
//! is removed with it.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::OnceCell;

use crate::{lasting_ports, skip};

/// Where the system's package has its versions.
const VERSIONS: &str = "/usr/lib/rabbitmq/lib";

/// A first start takes some seconds, and tests share the processor.
const START_LIMIT: Duration = Duration::from_mins(2);

/// Runs the node and its port mapper, and ends both for certain: when it reads a line, or when the test process
/// is gone, in whatever way. Without a line it removes the folder as well.
const GUARD: &str = r#"
epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 & mapper=$!
"$SBIN/rabbitmq-server" >"$FOLDER/out.log" 2>&1 & node=$!
echo "$node" >"$FOLDER/node.pid"
read -r line
kill -9 "$node" "$mapper"
wait
[ "$line" = keep ] || rm -rf "$FOLDER"
"#;

/// A RabbitMQ node. It is killed when this is dropped or the process ends.
pub struct Rabbit {
    folder: PathBuf,
    sbin: PathBuf,
    name: String,
    port: u16,
    tls_port: u16,
    dist_port: u16,
    mapper_port: u16,
    management_port: u16,
    guard: Mutex<Option<Child>>,
}

impl Rabbit {
    /// Starts a node, and waits until it takes connections. `None`, and the test is reported as skipped, if RabbitMQ is not
    /// installed.
    pub async fn start() -> Option<Self> {
        Self::start_with("[].").await
    }

    /// The same with the management API.
    pub async fn start_with_management() -> Option<Self> {
        Self::start_with("[rabbitmq_management].").await
    }

    /// The address of a virtual host of a test's own, on the node that all tests of a program share.
    pub async fn virtual_host() -> Option<String> {
        static SHARED: OnceCell<Option<Rabbit>> = OnceCell::const_new();
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let shared = SHARED.get_or_init(Self::start).await.as_ref()?;
        let name = format!("test-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        Some(shared.add_virtual_host(&name).await)
    }

    async fn start_with(plugins: &str) -> Option<Self> {
        if !Path::new(VERSIONS).exists() {
            skip("RabbitMQ is not installed");
            return None;
        }
        let [port, tls_port, dist_port, mapper_port, management_port] = lasting_ports().expect("free ports");
        let folder =
            tempfile::Builder::new().prefix("waybill-rabbit-").tempdir().expect("a temporary folder").keep();
        let rabbit = Self {
            sbin: find_sbin(),
            name: format!("waybill{port}@localhost"),
            folder,
            port,
            tls_port,
            dist_port,
            mapper_port,
            management_port,
            guard: Mutex::new(None),
        };
        rabbit.write_settings(plugins);
        rabbit.launch().await;
        Some(rabbit)
    }

    fn write_settings(&self, plugins: &str) {
        let Self { folder, port, tls_port, management_port, .. } = self;
        let shown = folder.display();
        let mut settings = format!(
            "listeners.tcp.1 = 127.0.0.1:{port}\nloopback_users = none\nlog.console = false\nlog.file.level = warning\n"
        );
        if plugins.contains("management") {
            let management =
                format!("management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {management_port}\n");
            settings.push_str(&management);
        }
        if make_certificates(folder) {
            let tls = format!(
                "listeners.ssl.1 = 127.0.0.1:{tls_port}\nssl_options.cacertfile = {shown}/ca.pem\n\
                 ssl_options.certfile = {shown}/server.pem\nssl_options.keyfile = {shown}/server.key\n"
            );
            settings.push_str(&tls);
        }
        std::fs::write(folder.join("rabbitmq.conf"), settings).expect("write rabbitmq.conf");
        std::fs::write(folder.join("enabled_plugins"), plugins).expect("write enabled_plugins");
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env("HOME", &self.folder)
            .env("FOLDER", &self.folder)
            .env("SBIN", &self.sbin)
            .env("RABBITMQ_NODENAME", &self.name)
            .env("RABBITMQ_MNESIA_BASE", self.folder.join("data"))
            .env("RABBITMQ_LOG_BASE", self.folder.join("log"))
            .env("RABBITMQ_CONFIG_FILE", self.folder.join("rabbitmq.conf"))
            .env("RABBITMQ_ENABLED_PLUGINS_FILE", self.folder.join("enabled_plugins"))
            // The system's own settings are not ours.
            .env("RABBITMQ_CONF_ENV_FILE", self.folder.join("none"))
            .env("RABBITMQ_DIST_PORT", self.dist_port.to_string())
            .env("ERL_EPMD_PORT", self.mapper_port.to_string())
            .env("ERL_EPMD_ADDRESS", "127.0.0.1")
            .env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        command
    }

    async fn launch(&self) {
        let mut command = self.command("sh");
        // With `detached` the start script becomes the node, so that its process id is the node's.
        command.args(["-c", GUARD]).env("detached", "1").stdin(Stdio::piped());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let guard = command.spawn().expect("start RabbitMQ");
        *self.guard.lock() = Some(guard);
        let deadline = Instant::now() + START_LIMIT;
        let port = self.port;
        while !blocking(move || answers(port)).await {
            let log = || std::fs::read_to_string(self.folder.join("out.log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "RabbitMQ did not start within {START_LIMIT:?}: {}", log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The address of the default virtual host.
    pub fn url(&self) -> String {
        self.url_at(self.port)
    }

    /// The address of the management API.
    pub fn management_url(&self) -> String {
        format!("http://guest:guest@127.0.0.1:{}", self.management_port)
    }

    /// Lets RabbitMQ end channels that hold a message for that long, and look for them each second.
    pub async fn set_consumer_timeout(&self, timeout: Duration) {
        let ms = timeout.as_millis();
        self.eval(&format!(
            "application:set_env(rabbit, consumer_timeout, {ms}), application:set_env(rabbit, channel_tick_interval, 1000)."
        ))
        .await;
    }

    /// The same by TLS, with the certificate of [`ca_file`](Rabbit::ca_file).
    pub fn tls_url(&self) -> String {
        format!("amqps://guest:guest@localhost:{}/%2f", self.tls_port)
    }

    /// The certificate to trust.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The address of the default virtual host by way of another port, such as a proxy's.
    pub fn url_at(&self, port: u16) -> String {
        format!("amqp://guest:guest@127.0.0.1:{port}/%2f")
    }

    /// The address that it listens on.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Makes a virtual host, which is as good as a fresh server, and returns its address.
    pub async fn add_virtual_host(&self, name: &str) -> String {
        self.eval(&format!(
            "ok = rabbit_vhost:add(<<\"{name}\">>, <<\"test\">>), \
             ok = rabbit_auth_backend_internal:set_permissions(\
             <<\"guest\">>, <<\"{name}\">>, <<\".*\">>, <<\".*\">>, <<\".*\">>, <<\"test\">>)."
        ))
        .await;
        format!("amqp://guest:guest@127.0.0.1:{}/{name}", self.port)
    }

    /// Runs `rabbitmqctl`.
    pub async fn ctl(&self, arguments: &[&str]) -> String {
        let mut command = self.command(self.sbin.join("rabbitmqctl"));
        command.args(arguments).stdin(Stdio::null());
        let output = blocking(move || command.output().expect("run rabbitmqctl")).await;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        text
    }

    async fn eval(&self, expression: &str) -> String {
        self.ctl(&["eval", expression]).await
    }

    /// Cuts all connections from the server's side.
    pub async fn close_all_connections(&self) {
        self.ctl(&["close_all_connections", "test"]).await;
    }

    /// Lets RabbitMQ believe that it has no memory left, so that it blocks publishers, or that it has some again.
    pub async fn set_memory_alarm(&self, alarm: bool) {
        self.ctl(&["set_vm_memory_high_watermark", if alarm { "0.00001" } else { "0.9" }]).await;
    }

    /// Ends the node by SIGKILL. Its data stays.
    pub async fn kill(&self) {
        let guard = self.guard.lock().take();
        if let Some(guard) = guard {
            blocking(move || end(guard, b"keep\n")).await;
        }
    }

    /// Lets the node shut down properly. Its data stays.
    pub async fn stop(&self) {
        self.ctl(&["stop_app"]).await;
        self.kill().await;
    }

    /// Starts the node again with its data, and waits until it takes connections.
    pub async fn start_again(&self) {
        self.launch().await;
    }
}

impl Drop for Rabbit {
    fn drop(&mut self) {
        if let Some(guard) = self.guard.get_mut().take() {
            end(guard, b"");
        }
        // After `kill` nothing else does it.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn end(mut guard: Child, line: &[u8]) {
    if let Some(mut stdin) = guard.stdin.take() {
        let _ = stdin.write_all(line);
    }
    let _ = guard.wait();
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("the work did not panic")
}

/// The start scripts behind the system's wrappers, which would insist on the system's user and folders.
fn find_sbin() -> PathBuf {
    let versions = std::fs::read_dir(VERSIONS).expect("RabbitMQ is installed (rabbitmq-server)");
    let mut found = versions.flatten().map(|entry| entry.path().join("sbin"));
    found.find(|path| path.join("rabbitmq-server").exists()).expect("RabbitMQ's start scripts")
}

/// Whether something speaks AMQP there: a wrong greeting is answered with the right one.
fn answers(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let ask = || {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        stream.write_all(b"AMQP\x00\x00\x00\x00")?;
        let mut answer = [0; 4];
        stream.read_exact(&mut answer)?;
        if answer == *b"AMQP" { Ok(()) } else { Err(ErrorKind::InvalidData.into()) }
    };
    let answer: std::io::Result<()> = ask();
    answer.is_ok()
}

/// A certificate authority and a certificate for localhost, if `openssl` is there.
fn make_certificates(folder: &Path) -> bool {
    let run = |arguments: &str| {
        let output = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output();
        output.is_ok_and(|output| output.status.success())
    };
    let new = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    run(&format!("{new} -keyout ca.key -out ca.pem -subj /CN=test-authority"))
        && run(&format!(
            "{new} -keyout server.key -out server.pem -subj /CN=localhost -CA ca.pem -CAkey ca.key \
             -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE"
        ))
}
