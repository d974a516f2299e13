//! The grammar of libpq's connection URL:
//! `postgresql://[user[:password]@][host[:port]][,…][/database][?name=value[&…]]`
//! (<https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>).
//!
//! It is not that of other URLs: several hosts stand in it, a `+` is a plus, and a socket's folder is a percent-encoded host.

use percent_encoding::percent_decode_str;

/// What separates the parts of a URL and cannot stand in one of them as it is. The password may be wrong just there, so no
/// error shows which of them was met, or any other part of a URL that is read in a second way.
const ENCODE: &str = "has a character in its user name, password or database name that separates the parts of a URL; \
                      percent-encode it there: # is %23, / is %2F, ? is %3F, @ is %40, % is %25";

/// A function that takes a parameter's name and value; the error says what is wrong with them.
type Take<'a> = &'a mut dyn FnMut(&str, &str) -> Result<(), String>;

/// Reads a URL, whose parameters are taken in their order, so that the last of a name counts. The error says what is wrong with
/// the URL.
pub(super) fn read(url: &str, take: Take<'_>) -> Result<(), String> {
    let rest = url
        .strip_prefix("postgresql://")
        .or_else(|| url.strip_prefix("postgres://"))
        .ok_or("is not a URL that begins with postgresql://")?;
    let given = rest;
    let rest = credentials(given, take)?;
    let has_credentials = rest.len() < given.len();
    let (hosts, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    // libpq looks no further than to the first `/` and `@`. One more `@` means that it was a character of the password, and what
    // looks like a host and its port may be a user and the beginning of one.
    let is_ambiguous = (has_credentials || hosts.contains(':')) && query.contains('@');
    if hosts.contains(['@', '#']) || path.contains('@') || is_ambiguous {
        return Err(ENCODE.to_owned());
    }
    let named = |fault: String| if query.contains('@') { ENCODE.to_owned() } else { fault };
    addresses(hosts, take).map_err(named)?;
    let database = decode(path.strip_prefix('/').unwrap_or_default()).ok_or(ENCODE)?;
    if !database.is_empty() {
        take("dbname", &database)?;
    }
    query.split('&').filter(|pair| !pair.is_empty()).try_for_each(|pair| parameter(pair, take)).map_err(named)
}

/// Reads `user:password@`, if it is there, and returns what follows.
fn credentials<'a>(rest: &'a str, take: Take<'_>) -> Result<&'a str, String> {
    let Some((given, rest)) = rest
        .find(['@', '/'])
        .filter(|end| rest[*end..].starts_with('@'))
        .map(|end| (&rest[..end], &rest[end + 1..]))
    else {
        return Ok(rest);
    };
    // libpq takes both as they are. Every other reader of URLs ends the address there.
    if given.contains(['#', '?']) {
        return Err(ENCODE.to_owned());
    }
    let (user, password) =
        given.split_once(':').map_or((given, None), |(user, password)| (user, Some(password)));
    for (name, value) in [("user", Some(user)), ("password", password)] {
        let value = decode(value.unwrap_or_default()).ok_or(ENCODE)?;
        if !value.is_empty() {
            take(name, &value)?;
        }
    }
    Ok(rest)
}

/// Reads `host:port,host:port` into the lists `host` and `port`.
fn addresses(text: &str, take: Take<'_>) -> Result<(), String> {
    let (mut hosts, mut ports) = (Vec::new(), Vec::new());
    for address in text.split(',') {
        let (host, port) = match address.strip_prefix('[') {
            Some(ipv6) => {
                let (host, rest) = ipv6.split_once(']').ok_or("has a [ without its ] in a host")?;
                match rest.strip_prefix(':') {
                    Some(port) => (host, port),
                    None if rest.is_empty() => (host, ""),
                    None => return Err("has neither a colon nor a comma after the ] of a host".to_owned()),
                }
            }
            None => address.split_once(':').unwrap_or((address, "")),
        };
        hosts.push(decode(host).ok_or(INCOMPLETE)?);
        ports.push(decode(port).ok_or(INCOMPLETE)?);
    }
    for (name, values) in [("host", hosts), ("port", ports)] {
        if values.iter().any(|value| !value.is_empty()) {
            take(name, &values.join(","))?;
        }
    }
    Ok(())
}

/// The fault of text that [`decode`] does not read.
const INCOMPLETE: &str =
    "has a % without two hexadecimal digits after it, or percent-encoded bytes that are not UTF-8";

/// Reads `name=value`. libpq wants a second `=` encoded; most others do not, and it has one meaning only.
fn parameter(pair: &str, take: Take<'_>) -> Result<(), String> {
    let (name, value) = pair.split_once('=').ok_or("has a parameter without = and a value")?;
    let name = decode(name).ok_or(INCOMPLETE)?;
    let value = decode(value).ok_or(INCOMPLETE)?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
        return Err("has a parameter whose name has other characters than letters".to_owned());
    }
    // As libpq does for the URLs of JDBC.
    if (name.as_str(), value.as_str()) == ("ssl", "true") {
        return take("sslmode", "require");
    }
    take(&name, &value)
}

/// Percent-decodes text; `None` if an escape is incomplete, or the bytes are not UTF-8 or have a zero among them.
fn decode(text: &str) -> Option<String> {
    let is_escape =
        |rest: &str| rest.get(..2).is_some_and(|code| code.bytes().all(|digit| digit.is_ascii_hexdigit()));
    let decoded = percent_decode_str(text).decode_utf8().ok()?;
    (text.split('%').skip(1).all(is_escape) && !decoded.contains('\0')).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    /// The parameters in their order. One that a typing error made, `heim`, is unknown.
    fn read(url: &str) -> Result<String, String> {
        let mut found = Vec::new();
        super::read(url, &mut |name, value| {
            found.push(format!("{name}={value}"));
            if name == "heim" { Err("has the unknown parameter heim".to_owned()) } else { Ok(()) }
        })?;
        Ok(found.join(" "))
    }

    #[test]
    fn a_url_has_the_meaning_that_libpq_gives_it() {
        for (url, expected) in [
            ("postgresql://", ""),
            ("postgres://h", "host=h"),
            ("postgresql://h:1/d", "host=h port=1 dbname=d"),
            ("postgresql://u@h", "user=u host=h"),
            ("postgresql://u:p%40%2f%3F%23%25:x@h/d", "user=u password=p@/?#%:x host=h dbname=d"),
            ("postgresql://:p@h", "password=p host=h"),
            ("postgresql:///d?host=/run/postgresql", "dbname=d host=/run/postgresql"),
            ("postgresql://%2Frun%2Fpostgresql/d", "host=/run/postgresql dbname=d"),
            ("postgresql://%2Frun%2Fpostgresql:5433/d", "host=/run/postgresql port=5433 dbname=d"),
            ("postgresql://a:1,b,[::1]:3/d", "host=a,b,::1 port=1,,3 dbname=d"),
            ("postgresql://[fe80::1%25eth0]/d", "host=fe80::1%eth0 dbname=d"),
            ("postgresql://h/d%20e+f/g", "host=h dbname=d e+f/g"),
            ("postgresql://h/d?options=-c%20search_path%3Dx", "host=h dbname=d options=-c search_path=x"),
            ("postgresql://h?options=-c%20a.b=1", "host=h options=-c a.b=1"),
            (
                "postgresql://h/d?application_name=a+b&user=a%26b",
                "host=h dbname=d application_name=a+b user=a&b",
            ),
            ("postgresql://h/d?user=me@server&", "host=h dbname=d user=me@server"),
            ("postgresql://h/?ssl=true", "host=h sslmode=require"),
        ] {
            assert_eq!(read(url).as_deref(), Ok(expected), "{url}");
        }
    }

    #[test]
    fn a_character_that_was_to_be_encoded_is_reported_and_nothing_of_the_password_shown() {
        for password in [
            "ge#heim",
            "ge/heim",
            "ge?heim",
            "ge@heim",
            "ge%heim",
            "12/heim",
            "12?heim=1",
            "1/2?heim=3",
            "1/2?x",
            "ge@heim?options=",
            "/heim?options=-",
            "12/heim?options=-",
            "%",
        ] {
            for url in [
                format!("postgresql://u:{password}@h:1/d"),
                format!("postgresql://u:{password}@h/d?sslmode=require"),
            ] {
                let fault = read(&url).unwrap_err();
                assert!(fault.contains("percent-encode") && !fault.contains("heim"), "{url}: {fault}");
            }
        }
    }

    #[test]
    fn what_libpq_refuses_is_refused() {
        for url in [
            "host=h dbname=d",
            "mysql://h/d",
            "postgresql://[::1/d",
            "postgresql://[::1]x/d",
            "postgresql://h/d?sslmode",
            "postgresql://h/d?application_name=%zz",
            "postgresql://h/d%00",
            "postgresql://h%ff/d",
        ] {
            assert!(read(url).is_err(), "{url}");
        }
    }
}
