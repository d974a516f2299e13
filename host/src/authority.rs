use http::uri::Authority;

/// Whether an authority is a host with an optional port, and no user. `http` takes any text for a port, and then has none.
pub fn is_host_and_port(authority: &Authority) -> bool {
    let Some(rest) = authority.as_str().strip_prefix(authority.host()) else { return false };
    let Some(port) = rest.strip_prefix(':') else { return rest.is_empty() };
    port.is_empty() || (port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

/// The same of one that a client can connect to or a page come from: its port is not 0.
pub fn is_destination(authority: &Authority) -> bool {
    is_host_and_port(authority) && authority.port_u16() != Some(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_a_valid_number_or_empty() {
        let holds = |text: &str| is_host_and_port(&text.parse().unwrap());
        for good in
            ["localhost", "localhost:", "localhost:0", "LOCALHOST:65535", "[::1]", "[::1]:8000", "a.b:080"]
        {
            assert!(holds(good), "{good}");
        }
        for bad in [
            "localhost:65536",
            "localhost:99999999",
            "localhost:x",
            "localhost:+80",
            "[::1]:x",
            "me@localhost",
        ] {
            assert!(!holds(bad), "{bad}");
        }
    }
}
