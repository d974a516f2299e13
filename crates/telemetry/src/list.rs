//! The `key=value,key=value` lists of OpenTelemetry's environment variables.

/// Splits a list into its pairs. Values are percent-decoded, as for W3C Baggage, which both
/// `OTEL_EXPORTER_OTLP_HEADERS` and `OTEL_RESOURCE_ATTRIBUTES` refer to. Empty members are skipped.
///
/// # Errors
///
/// Says which member is wrong by its position and key, never by its value: it may be a secret.
pub(crate) fn pairs(list: &str) -> Result<Vec<(String, String)>, String> {
    let mut pairs = Vec::new();
    for (index, member) in list.split(',').map(str::trim).enumerate() {
        if member.is_empty() {
            continue;
        }
        let position = index + 1;
        let (key, value) =
            member.split_once('=').ok_or_else(|| format!("has no `=` in its entry number {position}"))?;
        let key = key.trim();
        if key.is_empty() {
            return Err(format!("has no key in its entry number {position}"));
        }
        let value = percent_decode(value.trim())
            .ok_or_else(|| format!("has a malformed percent-encoding in the value of `{key}`"))?;
        pairs.push((key.to_owned(), value));
    }
    Ok(pairs)
}

fn percent_decode(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::pairs;

    #[test]
    fn a_list_is_split_trimmed_and_decoded() {
        let list = pairs(" authorization=Basic%20YTpi , x-team = a=b ,,").unwrap();
        assert_eq!(list, [("authorization".into(), "Basic YTpi".into()), ("x-team".into(), "a=b".into())]);
    }

    #[test]
    fn a_fault_is_named_without_the_value() {
        assert_eq!(pairs("a=1,secret").unwrap_err(), "has no `=` in its entry number 2");
        assert_eq!(pairs("=secret").unwrap_err(), "has no key in its entry number 1");
        assert_eq!(pairs("k=secret%2").unwrap_err(), "has a malformed percent-encoding in the value of `k`");
        assert_eq!(pairs("k=%ff").unwrap_err(), "has a malformed percent-encoding in the value of `k`");
    }
}
