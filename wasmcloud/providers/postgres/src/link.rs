//! The settings of a link.

use url::Url;
use waybill_postgres::{ServerConfig, SessionSettings};
use waybill_provider::{SettingError, Settings};

const URL_EXAMPLE: &str = "postgresql://waybill:secret@db.example.com:5432/orders";

/// The most connections that a link may have.
const CONNECTIONS_LIMIT: usize = 1024;

/// Reads the settings of a link: a URL, or the keys that wasmCloud's own provider documents.
pub fn server_config(mut settings: Settings) -> Result<ServerConfig, SettingError> {
    let url = settings.take("POSTGRES_URL");
    let parts = [
        "POSTGRES_HOST",
        "POSTGRES_PORT",
        "POSTGRES_USERNAME",
        "POSTGRES_PASSWORD",
        "POSTGRES_DATABASE",
        "POSTGRES_TLS_REQUIRED",
    ]
    .map(|name| (name, settings.take(name)));
    let pool_size: Option<usize> = settings.parse("POSTGRES_POOL_SIZE", "8")?;
    let session_settings = settings.take("POSTGRES_SESSION_SETTINGS").unwrap_or_default();
    settings.finish()?;

    let (name, url) = match (url, parts.iter().find(|(_, value)| value.is_some())) {
        (Some(url), None) => ("POSTGRES_URL", url),
        (Some(_), Some((name, _))) => {
            return Err(SettingError::new(
                *name,
                "is set beside POSTGRES_URL, which has it already",
                URL_EXAMPLE,
            ));
        }
        (None, _) => ("POSTGRES_HOST", url_of(parts)?),
    };
    // Its error shows an address without the password.
    let mut config =
        ServerConfig::new(&url).map_err(|error| SettingError::new(name, error.to_string(), URL_EXAMPLE))?;
    if let Some(connections) = pool_size {
        if !(1..=CONNECTIONS_LIMIT).contains(&connections) {
            let fault = format!("is not between 1 and {CONNECTIONS_LIMIT}");
            return Err(SettingError::new("POSTGRES_POOL_SIZE", fault, "8"));
        }
        config.connections = connections;
    }
    config.session_settings = read(&session_settings)?;
    Ok(config)
}

fn url_of(parts: [(&'static str, Option<String>); 6]) -> Result<String, SettingError> {
    let [host, port, username, password, database, tls] = parts;
    let required = |(name, value): (&'static str, Option<String>), example: &str| {
        value.ok_or_else(|| SettingError::new(name, "is missing, and so is POSTGRES_URL", example))
    };
    let mut url = Url::parse("postgresql://host").expect("a constant URL");
    let host = required(host, "db.example.com")?;
    url.set_host(Some(&host))
        .map_err(|_| SettingError::new("POSTGRES_HOST", "is not a host name", "db.example.com"))?;
    let wrong_port = || SettingError::new("POSTGRES_PORT", "is not a port", "5432");
    let port = port.1.map(|port| port.parse().map_err(|_| wrong_port())).transpose()?;
    url.set_port(Some(port.unwrap_or(5432))).map_err(|()| wrong_port())?;
    let username = required(username, "waybill")?;
    // What is set here is encoded, but for `%`.
    let encoded = |text: &str| text.replace('%', "%25");
    url.set_username(&encoded(&username))
        .map_err(|()| SettingError::new("POSTGRES_USERNAME", "is wrong", "waybill"))?;
    url.set_password(password.1.as_deref().map(encoded).as_deref())
        .map_err(|()| SettingError::new("POSTGRES_PASSWORD", "is wrong", "secret"))?;
    url.path_segments_mut().expect("a URL with a host").push(&required(database, "orders")?);
    let mode = match tls.1.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None | Some("false") => "prefer",
        Some("true") => "require",
        Some(_) => {
            return Err(SettingError::new("POSTGRES_TLS_REQUIRED", "is neither true nor false", "true"));
        }
    };
    url.query_pairs_mut().append_pair("sslmode", mode);
    Ok(url.into())
}

/// A line `name = value` for each setting of PostgreSQL.
fn read(lines: &str) -> Result<SessionSettings, SettingError> {
    let mut settings = SessionSettings::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (name, value) = line.split_once('=').unwrap_or_default();
        if name.trim().is_empty() {
            return Err(SettingError::new(
                "POSTGRES_SESSION_SETTINGS",
                "has a line that is not a setting",
                "work_mem = 8MB",
            ));
        }
        settings.set(name.trim(), value.trim());
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<ServerConfig, SettingError> {
        let config: HashMap<_, _> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        server_config(Settings::from(config))
    }

    const PARTS: [(&str, &str); 4] = [
        ("POSTGRES_HOST", "db.example.com"),
        ("POSTGRES_USERNAME", "way bill"),
        ("POSTGRES_PASSWORD", "g%65/h@im#?"),
        ("POSTGRES_DATABASE", "or/ders"),
    ];

    #[test]
    fn a_link_of_wasmclouds_own_provider_is_understood() {
        let config = read(&PARTS).unwrap();
        let shown = format!("{config:?}");
        assert!(
            shown.contains("db.example.com:5432 (database or/ders)") && !shown.contains("/h@im"),
            "{shown}"
        );
        let config =
            read(&[&PARTS[..], &[("POSTGRES_POOL_SIZE", "3"), ("POSTGRES_TLS_REQUIRED", "TRUE")]].concat());
        assert_eq!(config.unwrap().connections, 3);
    }

    #[test]
    fn a_url_is_enough() {
        assert!(read(&[("POSTGRES_URL", "postgresql://u:p@h:1/d")]).is_ok());
    }

    #[test]
    fn a_wrong_setting_refuses_the_link_by_its_name_and_without_its_value() {
        let wrong: [(&[(&str, &str)], &str); 8] = [
            (&[], "POSTGRES_HOST"),
            (&[("POSTGRES_URL", "geheim")], "POSTGRES_URL"),
            (&[("POSTGRES_URL", "postgresql://u:p@h/d"), ("POSTGRES_HOST", "geheim")], "POSTGRES_HOST"),
            (&[("POSTGRES_HOST", "h"), ("POSTGRES_PORT", "geheim")], "POSTGRES_PORT"),
            (&[("POSTGRES_HOST", "h")], "POSTGRES_USERNAME"),
            (&[("POSTGRES_URL", "postgresql://u:p@h/d"), ("POSTGRES_POOL_SIZE", "0")], "POSTGRES_POOL_SIZE"),
            (
                &[("POSTGRES_URL", "postgresql://u:p@h/d"), ("POSTGRES_SESSION_SETTINGS", "geheim")],
                "POSTGRES_SESSION_SETTINGS",
            ),
            (&[("POSTGRES_URL", "postgresql://u:p@h/d"), ("POSTGRES_POLL_SIZE", "8")], "POSTGRES_POLL_SIZE"),
        ];
        for (pairs, name) in wrong {
            let error = read(pairs).unwrap_err();
            assert_eq!(error.name, name);
            assert!(!error.to_string().contains("geheim"), "{error}");
        }
    }
}
