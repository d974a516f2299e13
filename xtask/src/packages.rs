//! The programs that tests run: installed from the system's packages when they are missing.

use std::env;
use std::io::{IsTerminal, stdin};
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::{cargo, postgres};

pub struct Package {
    /// Its names in Debian and its relatives.
    names: &'static [&'static str],
    /// Its system service there, for what is a server.
    service: Option<&'static str>,
    installed: fn() -> bool,
}

pub const CHROMIUM: Package =
    Package { names: &["chromium"], service: None, installed: || on_path("chromium") };
/// Fonts with Arabic and Hebrew letters, and with Chinese and Japanese letters.
pub const FONTS: Package = Package {
    names: &["fonts-dejavu-core", "fonts-droid-fallback"],
    service: None,
    installed: || {
        ["dejavu/DejaVuSans.ttf", "droid/DroidSansFallbackFull.ttf"]
            .iter()
            .all(|font| Path::new("/usr/share/fonts/truetype").join(font).exists())
    },
};
/// The letters of pictures.
pub const INTER: Package = Package {
    names: &["fonts-inter"],
    service: None,
    installed: || Path::new("/usr/share/fonts/opentype/inter").exists(),
};
pub const NPM: Package =
    Package { names: &["nodejs", "npm"], service: None, installed: || on_path("node") && on_path("npm") };
pub const PGBOUNCER: Package =
    Package { names: &["pgbouncer"], service: Some("pgbouncer"), installed: || on_path("pgbouncer") };
pub const PNGQUANT: Package =
    Package { names: &["pngquant"], service: None, installed: || on_path("pngquant") };
pub const POSTGRESQL: Package =
    Package { names: &["postgresql"], service: Some("postgresql"), installed: postgresql_is_there };
/// For promtool, which checks the alert rules.
pub const PROMETHEUS: Package =
    Package { names: &["prometheus"], service: Some("prometheus"), installed: || on_path("promtool") };
/// For what comes from PyPI.
pub const PYTHON_VENV: Package = Package {
    names: &["python3-venv"],
    service: None,
    installed: || cargo::answers("python3", &["-c", "import ensurepip, venv"]),
};
pub const RABBITMQ: Package =
    Package { names: &["rabbitmq-server"], service: Some("rabbitmq-server"), installed: rabbitmq_installed };

pub fn ensure_servers() -> Result<()> {
    ensure_all(&[&POSTGRESQL, &RABBITMQ])
}

/// Installs what is missing of these. If something cannot be installed, it prints what is skipped;
/// under CI, which must not pass on skipped tests, that is an error.
pub fn ensure_all(wanted: &[&Package]) -> Result<()> {
    let missing: Vec<&Package> = wanted.iter().copied().filter(|package| !(package.installed)()).collect();
    if missing.is_empty() {
        println!("All programs that the tests run are installed.");
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().flat_map(|package| package.names.iter().copied()).collect();
    match as_root() {
        Some(prefix) if cargo::answers("apt-get", &["--version"]) => install(&prefix, &missing, &names),
        _ => {
            let names = names.join(" ");
            let advice = format!(
                "not installed: {names}. Install them with this system's package manager \
                 (Debian, Ubuntu: sudo apt-get install {names}); their services need not run"
            );
            if env::var_os("CI").is_some() {
                bail!("{advice}");
            }
            println!("{advice}.\nTests that need them are skipped and listed at the end.");
            Ok(())
        }
    }
}

/// Installs a program that is missing, of the package that has it.
pub fn ensure_program(program: &str, package: &str) -> Result<()> {
    if on_path(program) { Ok(()) } else { install_one(package) }
}

/// Installs Python's virtual environments where they are missing.
pub fn ensure_python_venv() -> Result<()> {
    if (PYTHON_VENV.installed)() { Ok(()) } else { install_one("python3-venv") }
}

/// Installs one package that other commands than `test` need.
pub fn install_one(package: &str) -> Result<()> {
    match as_root() {
        Some(prefix) if cargo::answers("apt-get", &["--version"]) => {
            run_as_root(&prefix, &["apt-get", "update"])?;
            run_as_root(&prefix, &["apt-get", "install", "--yes", "--no-install-recommends", package])
        }
        _ => bail!("not installed: {package}; install it with this system's package manager"),
    }
}

fn install(prefix: &[&str], missing: &[&Package], names: &[&str]) -> Result<()> {
    println!("Installing {} (tests start their own copies on free ports) …", names.join(" "));
    run_as_root(prefix, &["apt-get", "update"])?;
    let install =
        ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "--yes", "--no-install-recommends"];
    run_as_root(prefix, &[&install, names].concat())?;
    // Debian starts a service as soon as it is installed. The tests need programs only, so a service installed here is
    // stopped and disabled. A server that was there before is never touched.
    for service in missing.iter().filter_map(|package| package.service) {
        let stopped = if Path::new("/run/systemd/system").is_dir() {
            run_as_root(prefix, &["systemctl", "disable", "--now", service])
        } else {
            run_as_root(prefix, &["service", service, "stop"])
        };
        if let Err(error) = stopped {
            println!("The service {service} may still run: {error:#}.");
        }
    }
    Ok(())
}

/// How a command is run as root here, without a prompt unless there is a terminal. `None` if it cannot be.
fn as_root() -> Option<Vec<&'static str>> {
    let id = Command::new("id").arg("-u").output().ok()?;
    if id.stdout.trim_ascii() == b"0" {
        return Some(vec![]);
    }
    if cargo::answers("sudo", &["-n", "true"]) {
        return Some(vec!["sudo", "-n"]);
    }
    (stdin().is_terminal() && cargo::answers("sudo", &["--version"])).then(|| vec!["sudo"])
}

fn run_as_root(prefix: &[&str], words: &[&str]) -> Result<()> {
    let all = [prefix, words].concat();
    cargo::run(Command::new(all[0]).args(&all[1..]))
}

/// Fetches PostgreSQL where it is missing: its package is the last resort, since it needs root.
fn postgresql_is_there() -> bool {
    postgres::ensure().unwrap_or_else(|error| {
        println!("PostgreSQL's programs were not fetched: {error:#}");
        false
    })
}

fn rabbitmq_installed() -> bool {
    // An ordinary user's PATH often lacks /usr/sbin, where Debian puts it.
    Path::new("/usr/sbin/rabbitmq-server").exists() || on_path("rabbitmq-server")
}

fn on_path(program: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).exists()))
}
