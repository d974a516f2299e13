//! The address that Spin connects to, made of the component's variables.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use waybill_contracts::sql::SESSION_SETTINGS;

/// The variable that holds the database's URL (`postgres://…`) or connection string (`host=… user=…`).
pub const URL_VARIABLE: &str = "database_url";

/// The variable that holds settings of PostgreSQL for each session, a line `name = value` for each; it may be absent.
pub const SETTINGS_VARIABLE: &str = "session_settings";

/// The default time limit of a statement: Spin itself has none.
const STATEMENT_TIMEOUT: (&str, &str) = ("statement_timeout", "10s");

/// The default time limits of the address, in seconds: to open a connection, and for data on it to stay unacknowledged.
const TIME_LIMITS: [(&str, &str); 2] = [("connect_timeout", "5"), ("tcp_user_timeout", "10")];

/// The address with time limits, with what statements depend on and with the session's settings, of which each replaces a default of
/// its name. Errors repeat no value.
///
/// They stand before the address's own parameters: of a repeated parameter, the last one counts.
pub fn address(url: &str, settings: &str) -> Result<String, String> {
    let url = url.trim();
    let settings = read(settings)?;
    if has_options(url) && !settings.is_empty() {
        return Err(format!(
            "{URL_VARIABLE} has options of its own, so {SETTINGS_VARIABLE} cannot be added; write them as lines there, \
             for example work_mem = 8MB, and take options out of {URL_VARIABLE}"
        ));
    }
    let is_given = |name: &str| settings.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    let defaults =
        [STATEMENT_TIMEOUT].into_iter().chain(SESSION_SETTINGS).filter(|(name, _)| !is_given(name));
    let options = options(defaults.chain(settings.iter().copied()));
    let added = TIME_LIMITS.into_iter().chain([("options", options.as_str())]);
    let Some((before, query)) = parts_of_url(url) else {
        let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
        let added = added.map(|(name, value)| format!("{name}='{}'", quoted(value)));
        return Ok(added.chain([url.to_owned()]).collect::<Vec<_>>().join(" "));
    };
    let encoded = |value| utf8_percent_encode(value, NON_ALPHANUMERIC);
    let added: Vec<String> = added.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let separator = if query.is_empty() { "" } else { "&" };
    Ok(format!("{before}?{}{separator}{query}", added.join("&")))
}

/// What stands before and after the question mark of a URL; `None` for a connection string. User and password end at the first
/// `@`, as tokio-postgres reads them, and may have question marks.
fn parts_of_url(text: &str) -> Option<(&str, &str)> {
    let rest = ["postgres://", "postgresql://"].into_iter().find_map(|scheme| text.strip_prefix(scheme))?;
    let host = rest.split_once('@').map_or(rest, |(_, host)| host);
    let query = host.split_once('?').map_or("", |(_, query)| query);
    let before = text.strip_suffix(query).unwrap_or(text);
    Some((before.strip_suffix('?').filter(|_| host.contains('?')).unwrap_or(before), query))
}

/// Whether an address has `options`.
fn has_options(text: &str) -> bool {
    match parts_of_url(text) {
        Some((_, query)) => {
            let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default());
            names.map(percent_decode_str).any(|name| name.eq("options".bytes()))
        }
        None => has_options_in_string(text),
    }
}

/// The same of a connection string, whose values may be quoted, and have spaces around their `=`.
fn has_options_in_string(mut text: &str) -> bool {
    while let Some((name, value)) = text.split_once('=') {
        if name.trim() == "options" {
            return true;
        }
        text = after_value(value.trim_start());
    }
    false
}

/// What follows a value; a backslash keeps the next character in it.
fn after_value(text: &str) -> &str {
    let is_quoted = text.starts_with('\'');
    let mut characters = text.char_indices().skip(usize::from(is_quoted));
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()),
            '\'' if is_quoted => return &text[at + 1..],
            blank if !is_quoted && blank.is_whitespace() => return &text[at..],
            _ => {}
        }
    }
    ""
}

fn read(settings: &str) -> Result<Vec<(&str, &str)>, String> {
    let lines = settings.lines().map(str::trim).filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let (name, value) = line.split_once('=').unwrap_or(("", ""));
            let (name, value) = (name.trim_end(), value.trim_start());
            let is_name = !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$'));
            if is_name && !value.contains('\0') {
                Ok((name, value))
            } else {
                Err(format!(
                    "{SETTINGS_VARIABLE} has a line that is not a setting; an example is work_mem = 8MB"
                ))
            }
        })
        .collect()
}

/// The settings as the server's command line takes them, where a space (of C, with the vertical tab) ends a word unless a backslash
/// is before it.
fn options<'a>(settings: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut options = String::new();
    for (name, value) in settings {
        options.push_str(if options.is_empty() { "-c " } else { " -c " });
        options.push_str(name);
        options.push('=');
        for c in value.chars() {
            if c == '\\' || c == '\x0b' || c.is_ascii_whitespace() {
                options.push('\\');
            }
            options.push(c);
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio_postgres::Config;

    use super::*;

    #[test]
    fn a_url_gets_time_limits_and_settings() {
        let made = address("postgres://u:p@h/d", "waybill.events_token = a b\\c\n\n").unwrap();
        let before = "postgres://u:p@h/d?connect_timeout=5&tcp_user_timeout=10&options=%2Dc%20statement%5Ftimeout%3D10s%20%2Dc%20";
        assert!(made.starts_with(before), "{made}");
        assert!(made.ends_with("%20%2Dc%20waybill%2Eevents%5Ftoken%3Da%5C%20b%5C%5Cc"), "{made}");
        let made: Config = made.parse().unwrap();
        assert_eq!(made.get_options(), Some(with_defaults("-c waybill.events_token=a\\ b\\\\c").as_str()));
    }

    #[test]
    fn a_connection_string_gets_them_too() {
        let made = address("host=h user=u", "a.b = it's").unwrap();
        assert!(
            made.starts_with(
                "connect_timeout='5' tcp_user_timeout='10' options='-c statement_timeout=10s -c "
            ),
            "{made}"
        );
        assert!(made.ends_with(" -c a.b=it\\'s' host=h user=u"), "{made}");
        let made: Config = made.parse().unwrap();
        assert_eq!(made.get_options(), Some(with_defaults("-c a.b=it's").as_str()));
    }

    /// What every session has, before settings of its own.
    fn with_defaults(own: &str) -> String {
        "-c statement_timeout=10s -c synchronous_commit=on -c default_transaction_isolation=read\\ committed -c lock_timeout=0 \
            -c standard_conforming_strings=on -c TimeZone=UTC -c DateStyle=ISO,\\ MDY -c IntervalStyle=postgres -c bytea_output=hex \
            -c extra_float_digits=1 -c transform_null_equals=off "
            .to_owned()
            + own
    }

    #[test]
    fn what_the_address_says_itself_counts() {
        for (own, limit_s, options) in [
            ("postgres://h/d?connect_timeout=1&options=-c%20a.b%3D1", 1, "-c a.b=1"),
            ("postgres://h/d?%6Fptions=-c%20a.b%3D1&connect%5ftimeout=2&", 2, "-c a.b=1"),
            ("postgres://u:p?w&options=x@h/d?options=y", 5, "y"),
            ("host = h options = '-c a.b=1'", 5, "-c a.b=1"),
            ("host=h connect_timeout=3 options='it\\'s' password=a\\", 3, "it's"),
        ] {
            let made: Config = address(own, "").unwrap().parse().unwrap();
            assert_eq!(made.get_options(), Some(options), "{own}");
            assert_eq!(made.get_connect_timeout().map(Duration::as_secs), Some(limit_s), "{own}");
            assert!(address(own, "a.b = 1").unwrap_err().contains("options of its own"), "{own}");
        }
    }

    #[test]
    fn text_that_only_looks_like_options_is_ignored() {
        for own in [
            "postgres://u:p?options=x@h/d",
            "postgres://h/options=d?application_name=options%3Dx",
            "host=h password='a options=b'",
            "host=h password=a\\ options=b",
        ] {
            let (before, made): (Config, Config) =
                (own.parse().unwrap(), address(own, "a.b = x\u{b}y").unwrap().parse().unwrap());
            assert_eq!(made.get_options(), Some(with_defaults("-c a.b=x\\\u{b}y").as_str()), "{own}");
            assert_eq!(
                (made.get_password(), made.get_dbname()),
                (before.get_password(), before.get_dbname())
            );
        }
        let own_limit =
            address("postgres://h/d", "STATEMENT_TIMEOUT = 1s\nsynchronous_commit = remote_apply").unwrap();
        assert!(own_limit.contains("STATEMENT%5FTIMEOUT%3D1s") && !own_limit.contains("10s"), "{own_limit}");
        assert!(own_limit.contains("remote%5Fapply") && !own_limit.contains("commit%3Don"), "{own_limit}");
    }

    #[test]
    fn a_line_that_is_no_setting_is_an_error_that_does_not_repeat_it() {
        for line in ["geheim", "= geheim", "-c geheim = 1", "a'b = geheim"] {
            let fault = address("postgres://h/d", line).unwrap_err();
            assert!(fault.contains(SETTINGS_VARIABLE) && !fault.contains("geheim"), "{fault}");
        }
    }
}
