//! Which text is a URL with credentials, by the letter of RFC 3986 and of RabbitMQ's URI specification.
//!
//! The URL parser is too kind for a URL that contains a password: it takes `amqp://u:12/34@host` for the host `u` with port 12
//! and the virtual host `34@host`, which would then be connected to and logged. Here such a text is refused, and the refusal
//! repeats nothing of it but the character to encode.

use percent_encoding::percent_decode_str;

/// What is wrong with the text, without any part of a secret.
pub fn fault(text: &str, schemes: &[&str]) -> Option<String> {
    let (first, others) = schemes.split_first()?;
    let Some((scheme, rest)) = text.split_once("://") else {
        return Some(format!("does not begin with `{first}://`"));
    };
    if !schemes.contains(&scheme.to_ascii_lowercase().as_str()) {
        return Some(format!("has another scheme than `{first}` or `{}`", others.join("`, `")));
    }
    if let Some(wrong) =
        text.chars().find(|c| c.is_whitespace() || c.is_control() || "\"<>\\^`{|}".contains(*c))
    {
        return Some(unencoded(wrong, "it is not allowed in a URL"));
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    // Behind the host there is no `@`: what looks like the end of the host belongs to the password.
    if tail.contains('@') {
        let wrong = tail.chars().next().unwrap_or('@');
        return Some(unencoded(wrong, "it ends the part before the `@`"));
    }
    if authority.matches('@').count() > 1 {
        return Some(unencoded('@', "there is more than one before the host"));
    }
    if tail.contains('#') {
        return Some(unencoded('#', "it begins a fragment, which has no meaning here"));
    }
    let bytes = text.as_bytes();
    let is_code =
        |at: usize| bytes.get(at + 1..at + 3).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
    if (0..bytes.len()).any(|at| bytes[at] == b'%' && !is_code(at)) {
        return Some(unencoded('%', "no two hexadecimal digits follow it"));
    }
    let host = authority.rsplit('@').next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Some("names no host".to_owned());
    }
    // What follows the last colon outside of brackets is a port, and nothing of it is repeated: it may be a password.
    let port = host.rsplit(']').next().and_then(|after| after.rsplit_once(':')).map(|(_, port)| port);
    if port.is_some_and(|port| !port.is_empty() && port.parse::<u16>().is_err()) {
        return Some("has a port that is not a number up to 65535".to_owned());
    }
    None
}

/// The path of a URL as it is written, with its first slash; empty if there is none.
pub fn path(text: &str) -> &str {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    rest.find('/').map_or("", |at| &rest[at..])
}

/// What is wrong with the query of a URL whose parameters these are, by their names and by what makes a value right. It shows no
/// value, and a name only if it looks like one.
pub fn query_fault(text: &str, known: &[Parameter]) -> Option<String> {
    let query = text.split_once('?').map(|(_, query)| query)?;
    let mut given: Vec<&str> = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(parameter) = known.iter().find(|known| known.name == name) else {
            let is_name =
                name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            let named = if is_name { format!("the parameter `{name}`") } else { "a parameter".to_owned() };
            let known: Vec<_> = known.iter().map(|known| format!("`{}`", known.name)).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Some(format!("has {named}, which is not known; known are: {known}"));
        };
        if given.contains(&name) {
            return Some(format!("has the parameter `{name}` twice"));
        }
        given.push(name);
        if !(parameter.takes)(&decoded(value)) {
            return Some(format!("has the parameter `{name}` with a value that is not {}", parameter.values));
        }
    }
    None
}

/// A parameter that the query of a URL may have.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Its values in words, after "a value that is not".
    pub values: &'static str,
    /// Whether it takes a value.
    pub takes: fn(&str) -> bool,
}

/// A part of a URL without its percent-encoding.
pub fn decoded(part: &str) -> String {
    percent_decode_str(part).decode_utf8_lossy().into_owned()
}

fn unencoded(character: char, why: &str) -> String {
    let mut buffer = [0; 4];
    let encoded = character.encode_utf8(&mut buffer).as_bytes();
    let code = encoded.iter().fold(String::new(), |code, byte| code + &format!("%{byte:02X}"));
    let shown =
        if character.is_control() { "a control character".to_owned() } else { format!("`{character}`") };
    format!(
        "contains {shown} where it must be percent-encoded ({why}): in the user name, the password and the virtual host, \
         write {code}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unencoded_character_is_named_with_its_code_and_nothing_else_is_shown() {
        for (password, character, code) in [
            ("12/34", '/', "%2F"),
            ("p/s3", '/', "%2F"),
            ("12?34", '?', "%3F"),
            ("12#34", '#', "%23"),
            ("12@34", '@', "%40"),
            ("12%34@34", '@', "%40"),
            ("12%zz34", '%', "%25"),
            ("12%", '%', "%25"),
            ("12 34", ' ', "%20"),
            ("12\\34", '\\', "%5C"),
        ] {
            for tail in ["", ":5672", "/", "/%2f", "/?heartbeat=5"] {
                let text = format!("amqp://alice:{password}@broker.example{tail}");
                let fault = fault(&text, &["amqp", "amqps"]).unwrap_or_else(|| panic!("{text} is taken"));
                assert!(fault.contains(&format!("contains `{character}`")), "{text}: {fault}");
                assert!(
                    fault.contains("percent-encoded") && fault.ends_with(&format!("write {code}")),
                    "{fault}"
                );
                for secret in ["alice", "12", "34", "s3", "broker"] {
                    assert!(!fault.contains(secret), "{text}: {fault}");
                }
            }
        }
    }

    #[test]
    fn a_decoded_part_is_what_was_meant() {
        assert_eq!(decoded("a%2Fb%C3%B6+&%25"), "a/bö+&%");
    }

    #[test]
    fn what_the_specification_allows_is_taken() {
        for text in [
            "amqp://h",
            "amqp://h/",
            "AMQP://u@h:1",
            "amqps://u:p%2F%3F%23%40%25@h:5671/a%2fb?heartbeat=5",
            "amqp://[::1]:5672/%2f",
            "amqp://u:!$&'()*+,;=-._~@h",
            "amqp://u:a:b@h",
        ] {
            assert_eq!(fault(text, &["amqp", "amqps"]), None, "{text}");
        }
        for text in [
            "h",
            "http://h",
            "amqp://",
            "amqp:///v",
            "amqp://u:p@",
            "amqp://u:p@:1",
            "amqp://u:secret",
            "amqp://h:99999",
        ] {
            let fault = fault(text, &["amqp", "amqps"]).unwrap();
            assert!(!fault.contains("secret") && !fault.contains("99999"), "{fault}");
        }
    }
}
