//! The database's URL: the whole text, and as a password, a user and a database's name that somebody has put into one.

use waybill_postgres::{ServerConfig, fuzzing};

const SECRET: &str = "geheim";

pub fn check(data: &[u8]) {
    let Some((text, first, rest)) = crate::input::parts(data) else { return };
    agrees(text);
    hides(&format!("postgresql://alice:{first}{SECRET}{rest}@db.example:5432/orders"));
    hides(&format!("postgres://{first}:{SECRET}@{rest}"));
    // What follows an ampersand is another parameter, whose name an error may say.
    if !text.contains('&') {
        hides(&format!("postgres://alice@db.example/orders?password={first}{SECRET}{rest}"));
    }
    round_trip(first, rest);
}

/// What is taken is what tokio-postgres makes of the text, but for what only libpq knows (`sslmode`).
fn agrees(text: &str) {
    let Ok(config) = ServerConfig::new(text) else { return };
    let ours = fuzzing::parsed(&config);
    assert!(ours.get_application_name().is_some());
    // It ends the credentials at any `@`, libpq only at one before the first `/`.
    let end =
        text.split_once("://").and_then(|(_, rest)| rest.split_once(['/', '?'])).map_or("", |(_, end)| end);
    if end.contains('@') {
        return;
    }
    let Ok(second) = text.parse::<tokio_postgres::Config>() else { return };
    let said = |config: &tokio_postgres::Config| {
        // What is there and empty is not said.
        let text = |value: Option<&str>| value.filter(|value| !value.is_empty()).map(str::to_owned);
        let password = config.get_password().filter(|password| !password.is_empty()).map(<[u8]>::to_vec);
        (text(config.get_user()), password, text(config.get_dbname()), text(config.get_options()))
    };
    assert_eq!(said(ours), said(&second), "{text}");
}

fn hides(text: &str) {
    match ServerConfig::new(text) {
        Ok(config) => {
            let shown = format!("{config:?} {}", fuzzing::address(&config));
            assert!(!shown.contains(SECRET), "{text} is shown as {shown}");
        }
        Err(error) => {
            let error = format!("{error} {error:?}");
            assert!(!error.contains(SECRET), "{text}: {error}");
            assert!(error.contains("an example is postgresql://"), "{error}");
        }
    }
}

fn round_trip(password: &str, database: &str) {
    // No text of PostgreSQL has a zero byte.
    if password.contains('\0') || database.contains('\0') {
        return;
    }
    let (encoded, path) = (crate::input::encoded(password), crate::input::encoded(database));
    let text = format!("postgresql://{encoded}:{encoded}@db.example:5433/{path}");
    let config = ServerConfig::new(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let parsed = fuzzing::parsed(&config);
    if !password.is_empty() {
        assert_eq!(parsed.get_user(), Some(password), "{text}");
        assert_eq!(parsed.get_password(), Some(password.as_bytes()), "{text}");
    }
    if !database.is_empty() {
        assert_eq!(parsed.get_dbname(), Some(database), "{text}");
    }
    assert!(fuzzing::address(&config).starts_with("db.example:5433 "), "{text}");
}
