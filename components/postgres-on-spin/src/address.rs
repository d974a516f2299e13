//! The address that Spin connects to, made of the component's variables.

use std::fmt::Write;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The variable that holds the database's URL (`postgres://…`) or connection string (`host=… user=…`).
pub const URL_VARIABLE: &str = "database_url";

/// The variable that holds settings of PostgreSQL for each session, a line `name = value` for each; it may be absent.
pub const SETTINGS_VARIABLE: &str = "session_settings";

/// No statement may run longer, unless a setting says so: Spin itself has no limit.
const STATEMENT_TIMEOUT: (&str, &str) = ("statement_timeout", "10s");

/// What the address says unless it says something else, in seconds: how long a connection may take to be made, and how long
/// what was sent over it may stay unacknowledged.
const TIME_LIMITS: [(&str, &str); 2] = [("connect_timeout", "5"), ("tcp_user_timeout", "10")];

/// The address with time limits and with the session's settings. Errors repeat no value.
pub fn address(url: &str, settings: &str) -> Result<String, String> {
    let url = url.trim();
    let mut address = Address { text: url.to_owned(), is_url: url.contains("://") };
    for (name, value) in TIME_LIMITS {
        if !address.names(name) {
            address.add(name, value);
        }
    }
    let settings = read(settings)?;
    if !address.names("options") {
        let has_timeout = settings.iter().any(|(name, _)| name.eq_ignore_ascii_case(STATEMENT_TIMEOUT.0));
        let timeout = (!has_timeout).then_some(STATEMENT_TIMEOUT);
        address.add("options", &options(timeout.into_iter().chain(settings)));
    } else if !settings.is_empty() {
        return Err(format!(
            "{URL_VARIABLE} has options of its own, so {SETTINGS_VARIABLE} cannot be added; write them as lines there, \
             for example work_mem = 8MB, and take options out of {URL_VARIABLE}"
        ));
    }
    Ok(address.text)
}

struct Address {
    text: String,
    is_url: bool,
}

impl Address {
    /// Whether it has this connection parameter.
    fn names(&self, parameter: &str) -> bool {
        let separators: &[char] = if self.is_url { &['?', '&'] } else { &[' ', '\t', '\n'] };
        self.text
            .split(separators)
            .any(|part| part.strip_prefix(parameter).is_some_and(|rest| rest.trim_start().starts_with('=')))
    }

    fn add(&mut self, parameter: &str, value: &str) {
        // Writing to a String cannot fail.
        let _ = if self.is_url {
            let separator = if self.text.contains('?') { '&' } else { '?' };
            write!(self.text, "{separator}{parameter}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
        } else {
            let value = value.replace('\\', "\\\\").replace('\'', "\\'");
            write!(self.text, " {parameter}='{value}'")
        };
    }
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
                    "{SETTINGS_VARIABLE} has a line that is no setting; an example is work_mem = 8MB"
                ))
            }
        })
        .collect()
}

/// The settings as the server's command line takes them, where a space ends a word unless a backslash is before it.
fn options<'a>(settings: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut options = String::new();
    for (name, value) in settings {
        options.push_str(if options.is_empty() { "-c " } else { " -c " });
        options.push_str(name);
        options.push('=');
        for c in value.chars() {
            if c == '\\' || c.is_ascii_whitespace() {
                options.push('\\');
            }
            options.push(c);
        }
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_gets_time_limits_and_settings() {
        assert_eq!(
            address("postgres://u:p@h/d", "waybill.events_token = a b\\c\n\n").unwrap(),
            "postgres://u:p@h/d?connect%5Ftimeout=5".replace("%5F", "_")
                + "&tcp_user_timeout=10&options=%2Dc%20statement%5Ftimeout%3D10s%20%2Dc%20waybill%2Eevents%5Ftoken%3Da%5C%20b%5C%5Cc"
        );
    }

    #[test]
    fn a_connection_string_gets_them_too() {
        assert_eq!(
            address("host=h user=u", "a.b = it's").unwrap(),
            "host=h user=u connect_timeout='5' tcp_user_timeout='10' options='-c statement_timeout=10s -c a.b=it\\'s'"
        );
    }

    #[test]
    fn what_the_address_says_itself_stays() {
        assert_eq!(
            address("postgres://h/d?connect_timeout=1&options=-c%20a.b%3D1", "").unwrap(),
            "postgres://h/d?connect_timeout=1&options=-c%20a.b%3D1&tcp_user_timeout=10"
        );
        let own_limit = address("postgres://h/d", "STATEMENT_TIMEOUT = 1s").unwrap();
        assert!(own_limit.contains("STATEMENT%5FTIMEOUT%3D1s") && !own_limit.contains("10s"), "{own_limit}");
        assert!(address("postgres://h/d?options=x", "a.b = 1").unwrap_err().contains("options of its own"));
    }

    #[test]
    fn a_line_that_is_no_setting_is_an_error_that_does_not_repeat_it() {
        for line in ["geheim", "= geheim", "-c geheim = 1", "a'b = geheim"] {
            let fault = address("postgres://h/d", line).unwrap_err();
            assert!(fault.contains(SETTINGS_VARIABLE) && !fault.contains("geheim"), "{fault}");
        }
    }
}
