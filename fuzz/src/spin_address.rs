//! The address that Spin connects to: its first line is the URL or the connection string, the rest are session settings. The second
//! reader is tokio-postgres, which is the one that Spin has.

use std::iter;

use postgres_on_spin::address::address;
use tokio_postgres::Config;
use waybill_contracts::sql::SESSION_SETTINGS;

pub fn check(data: &[u8]) {
    let Some((text, first, rest)) = crate::input::parts(data) else { return };
    secret(first);
    let Ok(made) = address(first, rest) else { return };
    let Ok(before) = first.trim().parse::<Config>() else { return };
    let after: Config = made.parse().unwrap_or_else(|error| panic!("{text:?} became {made:?}: {error}"));
    assert_eq!(after.get_hosts(), before.get_hosts(), "{made}");
    assert_eq!(after.get_ports(), before.get_ports(), "{made}");
    assert_eq!(after.get_user(), before.get_user(), "{made}");
    assert_eq!(after.get_password(), before.get_password(), "{made}");
    assert_eq!(after.get_dbname(), before.get_dbname(), "{made}");
    assert_eq!(after.get_ssl_mode(), before.get_ssl_mode(), "{made}");
    // What the operator says goes before what is added.
    if let Some(limit) = before.get_connect_timeout() {
        assert_eq!(after.get_connect_timeout(), Some(limit), "{made}");
    }
    assert!(after.get_connect_timeout().is_some(), "{made}");
    match before.get_options() {
        Some(options) => assert_eq!(after.get_options(), Some(options), "{made}"),
        None => {
            let options = after.get_options().unwrap_or_else(|| panic!("{made} has no options"));
            assert!(options.to_ascii_lowercase().contains("statement_timeout="), "{made}");
            assert_eq!(settings(options), expected(rest), "{made}");
        }
    }
}

/// The settings in the server's command line (PostgreSQL's `pg_split_opts`: a backslash keeps what follows it).
fn settings(options: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut characters = options.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => words.last_mut().unwrap().extend(characters.next()),
            // As C has it.
            blank if blank == '\x0b' || blank.is_ascii_whitespace() => words.push(String::new()),
            other => words.last_mut().unwrap().push(other),
        }
    }
    let settings = words.chunks(2).map(|pair| {
        assert_eq!(pair[0], "-c", "{options}");
        pair[1].clone()
    });
    settings.collect()
}

/// The time limit and what promises depend on, as far as no line of the variable is of that name, and then the lines.
fn expected(lines: &str) -> Vec<String> {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    let given: Vec<String> = lines
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap();
            format!("{}={}", name.trim_end(), value.trim_start())
        })
        .collect();
    let is_given =
        |name: &str| given.iter().any(|line| line.split('=').next().unwrap().eq_ignore_ascii_case(name));
    let defaults = iter::once(("statement_timeout", "10s")).chain(SESSION_SETTINGS);
    let defaults =
        defaults.filter(|(name, _)| !is_given(name)).map(|(name, value)| format!("{name}={value}"));
    defaults.chain(given.iter().cloned()).collect()
}

/// An error repeats nothing of the URL.
fn secret(text: &str) {
    let url = format!("postgres://u:geheim{text}@h/d?options=x");
    if let Err(error) = address(&url, "geheim = 1\n= 2") {
        assert!(!error.contains("geheim"), "{error}");
    }
}
