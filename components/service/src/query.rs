//! Query parameters.

use std::borrow::Cow;

use crate::faults::Faults;

/// Reads the parameters of these names. Repeated and unknown ones are faults: a misspelt filter that is ignored would
/// answer with everything.
pub fn parameters<'a, const N: usize>(
    query: Option<&'a str>,
    names: &[&'static str; N],
) -> ([Option<Cow<'a, str>>; N], Faults) {
    let mut values = [const { None }; N];
    let mut faults = Faults::default();
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        match names.iter().position(|known| *known == name) {
            Some(index) if values[index].is_none() => values[index] = Some(value),
            Some(index) => faults.add(names[index], "must not be repeated"),
            None => faults.add(name.into_owned(), "is not known here"),
        }
    }
    (values, faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded() {
        let (values, faults) = parameters(Some("limit=%35&cursor=a+b%20c"), &["cursor", "limit", "x"]);
        assert_eq!(values, [Some("a b c".into()), Some("5".into()), None]);
        assert!(faults.is_empty());
    }

    #[test]
    fn no_query_has_no_parameters() {
        for query in [None, Some("")] {
            let (values, faults) = parameters(query, &["limit"]);
            assert_eq!(values, [None]);
            assert!(faults.is_empty());
        }
    }

    #[test]
    fn repeated_and_unknown_parameters_are_named() {
        let (_, faults) = parameters(Some("limit=1&limits=2&limit=3"), &["limit"]);
        let problem = crate::Problem::from(faults);
        let fields: Vec<&str> = problem.errors().iter().map(|error| error.field.as_ref()).collect();
        assert_eq!(fields, ["limits", "limit"]);
    }
}
