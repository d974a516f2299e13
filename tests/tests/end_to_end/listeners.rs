//! The table of `SECURITY.md`: all that `waybill up` listens on, and who may call it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use waybill_tests::{Answer, Postgres, Process, Rabbit, Waybill, WaybillConfig, raw};

use crate::TestEnv;
use crate::access_keys::BEYOND;
use crate::rabbitmq::TOKEN;

/// A row of the table.
struct Row {
    listener: String,
    paths: Vec<String>,
    on_loopback: String,
    beyond: String,
}

fn table() -> Result<Vec<Row>> {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../SECURITY.md"))?;
    let (_, section) = text.split_once("\n### Addresses of Waybill\n").context("no such heading")?;
    let lines =
        section.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let rows = lines.skip(2).map(|line| {
        let cells: Vec<String> =
            line.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect();
        let [listener, _, paths, on_loopback, beyond] = cells.try_into().ok().context("five cells")?;
        let paths = paths.split(", ").map(str::to_owned).collect();
        Ok(Row { listener, paths, on_loopback, beyond })
    });
    rows.collect()
}

/// The PostgreSQL that `waybill up` runs. It has a socket in a folder of its own, and does not serve HTTP.
const OWN_POSTGRES: &str = "postgres";

/// Who the requests are said to come from, beside a program of this machine.
const OTHERS: [(&str, &str, &str); 4] = [
    ("a page of another origin", "origin", "https://evil.example"),
    ("a page's image", "sec-fetch-site", "cross-site"),
    ("a name that resolves to this machine", "host", "rebind.example"),
    ("a reverse proxy", "x-forwarded-for", "203.0.113.7"),
];

async fn ask(authority: &str, path: &str, header: Option<(&str, &str)>) -> Result<Answer> {
    let host = header.filter(|(name, _)| *name == "host").map_or("localhost", |(_, name)| name);
    let other = header.filter(|(name, _)| *name != "host");
    let other = other.map(|(name, value)| format!("{name}: {value}\r\n")).unwrap_or_default();
    let head = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n{other}\r\n");
    raw::exchange(authority, head.as_bytes()).await
}

/// The status for a client, by the table's word.
fn expected(access: &str, header: Option<&str>) -> Result<u16> {
    Ok(match (access, header) {
        ("this machine" | "all clients" | "keys, own pages", Some("origin" | "sec-fetch-site"))
        | ("this machine", Some("x-forwarded-for")) => 403,
        ("keys" | "keys, own pages", _) => 401,
        ("this machine", Some("host")) => 421,
        ("this machine", None) | ("all clients", _) => 200,
        _ => bail!("the table has {access}"),
    })
}

/// All listeners of `waybill up`.
async fn check(waybill: &Waybill, access: impl Fn(&Row) -> &str) -> Result<()> {
    check_those(waybill, |listener| listener != OWN_POSTGRES, access).await
}

/// The listeners of a process that has only these.
async fn check_those(
    process: &Process,
    has: impl Fn(&str) -> bool,
    access: impl Fn(&Row) -> &str,
) -> Result<()> {
    let rows = table()?;
    let mut ports = BTreeSet::new();
    for row in rows.iter().filter(|row| has(&row.listener)) {
        let address = process.address(&row.listener)?;
        ports.insert(address.authority().rsplit(':').next().context("a port")?.parse::<u16>()?);
        for path in &row.paths {
            let clients =
                [None].into_iter().chain(OTHERS.iter().map(|(_, name, value)| Some((*name, *value))));
            for header in clients {
                let answer = ask(address.authority(), path, header).await?;
                let status = expected(access(row), header.map(|(name, _)| name))?;
                answer.expect(status).with_context(|| format!("{} {path} {header:?}", row.listener))?;
            }
        }
    }
    // And it listens on nothing else.
    let listening = listening(process.id()?)?;
    ensure!(listening == ports, "it listens on {listening:?}, and the table has {ports:?}");
    Ok(())
}

#[tokio::test]
async fn what_listens_on_loopback_is_as_the_table_says() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().admin()).await?;
    check(&waybill, |row| &row.on_loopback).await?;
    let rows = table()?;
    let postgres = rows.iter().find(|row| row.listener == OWN_POSTGRES).context("no PostgreSQL")?;
    ensure!((postgres.on_loopback.as_str(), postgres.beyond.as_str()) == ("its account", "no port"));
    let folder = env.folder.path().join("data/postgres");
    let mode = fs::metadata(&folder)?.permissions().mode();
    ensure!(mode & 0o777 == 0o700, "others may enter {}: {mode:o}", folder.display());
    ensure!(folder.join(".s.PGSQL.5432").exists(), "there is no socket in {}", folder.display());
    Ok(())
}

#[tokio::test]
async fn what_listens_beyond_loopback_is_as_the_table_says() -> Result<()> {
    let env = TestEnv::local()?;
    let config = env.config_at(BEYOND).variable("WAYBILL_TRACES_LISTEN", BEYOND);
    let waybill = Waybill::start(&config.argument("--admin-listen").argument(BEYOND)).await?;
    check(&waybill, |row| &row.beyond).await
}

#[tokio::test]
async fn keys_are_required_on_loopback_too_where_that_is_set() -> Result<()> {
    let env = TestEnv::local()?;
    let config = env.config().argument("--key-check").argument("required").admin();
    let waybill = Waybill::start(&config).await?;
    // Operators' addresses have no keys.
    check(&waybill, |row| if row.beyond.starts_with("keys") { &row.beyond } else { &row.on_loopback }).await
}

#[tokio::test]
async fn each_role_listens_on_what_it_serves_and_on_nothing_else() -> Result<()> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(()) };
    let (env, postgres) = (TestEnv::local()?, Postgres::start_migrated().await?);
    let loopback = "127.0.0.1:0";
    for (words, served) in [
        (&["serve", "orders", "--orders-listen", loopback][..], Some("orders")),
        (&["serve", "invoices", "--invoices-listen", loopback], Some("invoices")),
        (&["relay"], None),
        (&["webhooks"], None),
        (&["push", "--to", "http://127.0.0.1:9/events"], None),
        (&["audit", "--every-s", "3600"], None),
    ] {
        let role = WaybillConfig::command(words.iter().copied(), env.folder.path()).databases(&postgres);
        let role = role.variable("BROKER_URL", &broker_url).variable("WAYBILL_EVENTS_TOKEN", TOKEN).admin();
        let process = Process::start(&role).await?;
        process.address("admin")?.answers("/readyz", 200).await?;
        let has = |listener: &str| listener == "admin" || Some(listener) == served;
        check_those(&process, has, |row| &row.on_loopback).await.with_context(|| words.join(" "))?;
    }
    Ok(())
}

/// The TCP ports on which a process and all that it has started listen.
fn listening(pid: u32) -> Result<BTreeSet<u16>> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else { continue };
        // The command's name, which may have any character, is in parentheses.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        let parent = stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1));
        parents.insert(pid, parent.and_then(|parent| parent.parse::<u32>().ok()).unwrap_or_default());
    }
    let mut family = BTreeSet::from([pid]);
    loop {
        let children: Vec<u32> =
            parents.iter().filter(|(_, parent)| family.contains(parent)).map(|(pid, _)| *pid).collect();
        let known = family.len();
        family.extend(children);
        if family.len() == known {
            break;
        }
    }
    let mut sockets = BTreeSet::new();
    for pid in &family {
        // One that has just ended listens on nothing.
        let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else { continue };
        let links = descriptors.flatten().filter_map(|descriptor| fs::read_link(descriptor.path()).ok());
        sockets.extend(links.map(|link| link.to_string_lossy().into_owned()));
    }
    let mut ports = BTreeSet::new();
    for file in ["/proc/net/tcp", "/proc/net/tcp6"] {
        for line in fs::read_to_string(file).unwrap_or_default().lines().skip(1) {
            let cells: Vec<&str> = line.split_whitespace().collect();
            let [_, address, _, "0A", _, _, _, _, _, inode, ..] = cells[..] else { continue };
            if sockets.contains(&format!("socket:[{inode}]")) {
                ports.insert(u16::from_str_radix(address.rsplit(':').next().context("a port")?, 16)?);
            }
        }
    }
    Ok(ports)
}
