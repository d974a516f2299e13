//! Query parameters.
//!
//! They are form-urlencoded, as browsers and most libraries write them: `+` is a space, and a plus sign is `%2B`.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::faults::Faults;

/// At most so many faults of names are reported, and so many characters of an unknown name.
const MAX_NAMED: usize = 10;
const MAX_NAME_CHARS: usize = 64;

/// Reads the parameters of these names. Repeated and unknown ones are faults: a misspelt filter that is ignored would
/// answer with everything.
pub fn parameters<'a, const N: usize>(
    query: Option<&'a str>,
    names: &[&'static str; N],
) -> ([Option<Cow<'a, str>>; N], Faults) {
    let mut values = [const { None }; N];
    let mut faults = Faults::default();
    for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        if faults.len() >= MAX_NAMED {
            break;
        }
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(name).unwrap_or(Cow::Borrowed(name));
        let Some(index) = names.iter().position(|known| *known == name) else {
            match name.chars().take(MAX_NAME_CHARS).collect::<String>() {
                empty if empty.is_empty() => faults.add("=", "has no name before it"),
                name => faults.add(name, "is not known here"),
            }
            continue;
        };
        match decode(value) {
            _ if values[index].is_some() => faults.add(names[index], "must not be repeated"),
            Ok(value) => values[index] = Some(value),
            Err(fault) => {
                faults.add(names[index], fault);
                // The field's own rule would say nothing more.
                values[index] = None;
            }
        }
    }
    (values, faults)
}

/// Refuses a query where no parameter is known.
pub fn none(query: Option<&str>) -> Result<(), Faults> {
    parameters(query, &[]).1.refuse_any()
}

fn decode(text: &str) -> Result<Cow<'_, str>, &'static str> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        if !after.get(..2).is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit())) {
            return Err("must have two hexadecimal digits after each %; write %25 for a percent sign");
        }
        rest = after;
    }
    let text = if text.contains('+') { Cow::Owned(text.replace('+', " ")) } else { Cow::Borrowed(text) };
    let invalid = "must be UTF-8 after percent-decoding";
    Ok(match text {
        Cow::Borrowed(text) => percent_decode_str(text).decode_utf8().map_err(|_| invalid)?,
        Cow::Owned(text) => percent_decode_str(&text).decode_utf8().map_err(|_| invalid)?.into_owned().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(query: &str) -> Vec<(String, String)> {
        let problem = crate::Problem::from(parameters(Some(query), &["limit", "x"]).1);
        problem.errors().iter().map(|fault| (fault.field.to_string(), fault.rule.to_string())).collect()
    }

    #[test]
    fn parameters_are_decoded() {
        let (values, faults) =
            parameters(Some("limit=%35&&cursor=a+b%20c%2B%c3%A9"), &["cursor", "limit", "x"]);
        assert_eq!(values, [Some("a b c+é".into()), Some("5".into()), None]);
        assert!(faults.is_empty());
        let (values, _) = parameters(Some("%6cimit=&x"), &["limit", "x"]);
        assert_eq!(values, [Some("".into()), Some("".into())]);
    }

    #[test]
    fn a_missing_query_has_no_parameters() {
        for query in [None, Some(""), Some("&")] {
            let (values, faults) = parameters(query, &["limit"]);
            assert_eq!(values, [None]);
            assert!(faults.is_empty());
            assert!(none(query).is_ok());
        }
        assert!(none(Some("limit=1")).is_err());
    }

    #[test]
    fn repeated_unknown_and_malformed_parameters_are_named() {
        for (query, expected) in [
            ("limit=1&limits=2&limit=3", vec![("limits", "is not known"), ("limit", "not be repeated")]),
            ("limit=%zz", vec![("limit", "%25")]),
            ("limit=%", vec![("limit", "%25")]),
            ("limit=%2", vec![("limit", "%25")]),
            ("x=%é", vec![("x", "%25")]),
            ("x=%ff", vec![("x", "UTF-8")]),
            ("x=+%ff", vec![("x", "UTF-8")]),
            ("%ff=1", vec![("%ff", "is not known")]),
            ("Limit=1", vec![("Limit", "is not known")]),
            ("=1", vec![("=", "no name")]),
        ] {
            let found = faults(query);
            assert_eq!(found.len(), expected.len(), "{query}: {found:?}");
            for ((field, rule), (expected, words)) in found.iter().zip(expected) {
                assert!(field == expected && rule.contains(words), "{query}: {field} {rule}");
            }
        }
    }

    #[test]
    fn the_faults_of_a_query_are_bounded() {
        assert_eq!(faults(&"y&".repeat(10_000)).len(), MAX_NAMED);
        assert_eq!(faults(&"y".repeat(10_000))[0].0.len(), MAX_NAME_CHARS);
    }
}
