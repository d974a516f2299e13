//! Reading a JSON object whose members are checked one by one.
//!
//! Deserializing straight into a struct would stop at the first fault and name no field. Here the values stay as they are
//! written ([`RawValue`], borrowed from the body), so that all faults are reported at once, and so that `5000.0` and
//! `5e3` can be distinguished from `5000`. Values are skipped without recursion: nesting cannot exhaust the stack.

use std::borrow::Cow;
use std::fmt;

use http::StatusCode;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
pub use serde_json::value::RawValue;

use crate::faults::Faults;
use crate::problem::Problem;

/// The most unknown members that an answer names.
pub const MAX_UNKNOWN_NAMED: usize = 10;

/// The members of an object.
#[derive(Debug)]
pub struct Members<'a, const N: usize> {
    /// The values of the members that were asked for, in the order of their names.
    pub values: [Option<&'a RawValue>; N],
    /// Requested members that occur more than once.
    pub repeated: Vec<&'static str>,
    /// The first few unknown members.
    pub unknown: Vec<String>,
}

/// Why a body cannot be read as a JSON object.
#[derive(Debug)]
pub enum Unreadable {
    /// It is not JSON; the text says where.
    Syntax(String),
    /// It is JSON, but not an object.
    NotAnObject,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax(error) => write!(f, "the body is not JSON: {error}"),
            Self::NotAnObject => f.write_str("the body is not a JSON object"),
        }
    }
}

/// Reads the members of these names and tolerates others.
pub fn members<'a, const N: usize>(
    body: &'a [u8],
    names: &[&'static str; N],
) -> Result<Members<'a, N>, Unreadable> {
    let syntax = |error: serde_json::Error| Unreadable::Syntax(error.to_string());
    let text = std::str::from_utf8(body).map_err(|error| Unreadable::Syntax(error.to_string()))?;
    if !text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{') {
        return match serde_json::from_str::<IgnoredAny>(text) {
            Ok(_) => Err(Unreadable::NotAnObject),
            Err(error) => Err(syntax(error)),
        };
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(ReadMembers { names }).map_err(syntax)?;
    deserializer.end().map_err(syntax)?;
    Ok(members)
}

impl From<Unreadable> for Problem {
    /// 400 if the request's body is not JSON, 422 if it is not an object.
    fn from(fault: Unreadable) -> Self {
        match fault {
            Unreadable::Syntax(error) => {
                Self::new(StatusCode::BAD_REQUEST, format!("The request's body is not JSON: {error}."))
            }
            Unreadable::NotAnObject => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "The request's body must be a JSON object.")
            }
        }
    }
}

/// Reads the members of these names; repeated and unknown members are faults.
///
/// Unknown ones are refused because they are mostly misspelt known ones: a `curency` that is ignored would bill in euro.
pub fn object<'a, const N: usize>(
    body: &'a [u8],
    names: &[&'static str; N],
) -> Result<([Option<&'a RawValue>; N], Faults), Unreadable> {
    let members = members(body, names)?;
    let mut faults = Faults::default();
    for name in members.repeated {
        faults.add(name, "must not be repeated");
    }
    for name in members.unknown {
        faults.add(name, "is not known here");
    }
    Ok((members.values, faults))
}

struct ReadMembers<'n, const N: usize> {
    names: &'n [&'static str; N],
}

impl<'de, const N: usize> Visitor<'de> for ReadMembers<'_, N> {
    type Value = Members<'de, N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members { values: [None; N], repeated: Vec::new(), unknown: Vec::new() };
        while let Some(name) = map.next_key_seed(ReadName { names: self.names })? {
            match name {
                Name::Known(index) => {
                    let earlier = members.values[index].replace(map.next_value()?);
                    if earlier.is_some() && !members.repeated.contains(&self.names[index]) {
                        members.repeated.push(self.names[index]);
                    }
                }
                Name::Unknown(name) => {
                    map.next_value::<IgnoredAny>()?;
                    if members.unknown.len() < MAX_UNKNOWN_NAMED && !members.unknown.contains(&name) {
                        members.unknown.push(name);
                    }
                }
            }
        }
        Ok(members)
    }
}

enum Name {
    Known(usize),
    Unknown(String),
}

struct ReadName<'n, const N: usize> {
    names: &'n [&'static str; N],
}

impl<'de, const N: usize> DeserializeSeed<'de> for ReadName<'_, N> {
    type Value = Name;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<const N: usize> Visitor<'_> for ReadName<'_, N> {
    type Value = Name;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Name, E> {
        Ok(match self.names.iter().position(|known| *known == name) {
            Some(index) => Name::Known(index),
            None => Name::Unknown(name.to_owned()),
        })
    }
}

/// The elements of the array that a raw value is, if it is one.
pub fn array(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// The string that a raw value is, if it is one.
pub fn string(raw: &RawValue) -> Option<Cow<'_, str>> {
    let mut deserializer = serde_json::Deserializer::from_str(raw.get());
    deserializer.deserialize_str(ReadString).ok()
}

struct ReadString;

impl<'de> Visitor<'de> for ReadString {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(text.into())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(text.to_owned().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(body: &[u8]) -> (u16, Vec<(String, String)>) {
        let problem = match object(body, &["a", "b"]) {
            Ok((_, faults)) => {
                assert!(!faults.is_empty());
                faults.into()
            }
            Err(fault) => Problem::from(fault),
        };
        let errors = problem.errors().iter().map(|error| (error.field.to_string(), error.rule.to_string()));
        (problem.status().as_u16(), errors.collect())
    }

    #[test]
    fn members_stay_as_they_are_written() {
        let (values, faults) = object(b" {\"b\" : 5e3 }\n", &["a", "b"]).unwrap();
        assert!(values[0].is_none());
        assert_eq!(values[1].unwrap().get(), "5e3");
        assert!(faults.is_empty());
    }

    #[test]
    fn an_escaped_name_is_the_same_name() {
        let (values, _) = object(b"{\"\\u0061\":1}", &["a", "b"]).unwrap();
        assert_eq!(values[0].unwrap().get(), "1");
    }

    #[test]
    fn what_is_not_json_is_a_400() {
        let bodies: [&[u8]; 12] = [
            b"",
            b" ",
            b"{",
            b"{\"a\":}",
            b"{\"a\":1",
            b"{\"a\":01}",
            b"{'a':1}",
            b"{\"a\":1}x",
            b"{\"a\":1,}",
            b"nul",
            b"{\"a\":\"\xff\"}",
            b"\xef\xbb\xbf{}",
        ];
        for body in bodies {
            assert_eq!(refusal(body).0, 400, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn json_that_is_not_an_object_is_a_422() {
        let bodies: [&[u8]; 6] = [b"5000", b"null", b"[]", b"[{\"a\":1}]", b" \"a\"", b"true"];
        for body in bodies {
            assert_eq!(refusal(body).0, 422, "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn repeated_and_unknown_members_are_named() {
        let (status, errors) = refusal(b"{\"a\":1,\"c\":1,\"a\":2,\"a\":3}");
        assert_eq!(status, 422);
        let rule = |field: &str, rule: &str| (field.to_owned(), rule.to_owned());
        assert_eq!(errors, [rule("a", "must not be repeated"), rule("c", "is not known here")]);
    }

    #[test]
    fn only_the_first_unknown_members_are_named() {
        let body: Vec<String> = (0..1000).map(|i| format!("\"x{i}\":0")).collect();
        assert_eq!(refusal(format!("{{{}}}", body.join(",")).as_bytes()).1.len(), MAX_UNKNOWN_NAMED);
    }

    #[test]
    fn deep_nesting_does_not_exhaust_the_stack() {
        let depth = 30_000;
        let nested = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(refusal(nested.as_bytes()).0, 422);
        for name in ["a", "c"] {
            let body = format!("{{\"{name}\":{nested}}}");
            assert!(object(body.as_bytes(), &["a", "b"]).is_ok());
        }
        assert_eq!(refusal("[".repeat(2 * depth).as_bytes()).0, 400);
    }

    #[test]
    fn tolerant_reading_ignores_unknown_members() {
        let members = members(b"{\"a\":1,\"z\":{}}", &["a"]).unwrap();
        assert_eq!(members.values[0].unwrap().get(), "1");
    }
}
