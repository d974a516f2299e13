//! Reading a request's body.

use std::marker::PhantomData;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};

use crate::Problem;
use crate::fields::{self, Fields};
use crate::json::object;
use crate::request::{BodyError, Request};

/// The largest body that is read, in bytes.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A JSON body that has arrived and is not read yet.
#[derive(Debug)]
pub struct Json<T> {
    bytes: Bytes,
    fields: PhantomData<T>,
}

impl<T: Fields> Json<T> {
    /// Reads the fields; their faults are reported together.
    pub fn read(&self) -> Result<T, Problem> {
        fields::from_json(&self.bytes)
    }
}

impl<T> AsRef<[u8]> for Json<T> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The body of a request, which has to say that it is JSON, and the request's headers.
///
/// 415 if it does not say so, 413 if it is larger than [`MAX_BODY_BYTES`], 400 if it does not arrive. A body that announces
/// its excess is not read at all.
pub fn json<T>(request: Request<T>) -> Result<(HeaderMap, Json<T>), Problem> {
    require_json(&request.headers)?;
    let (headers, bytes) = read(request)?;
    Ok((headers, Json { bytes, fields: PhantomData }))
}

/// The body of a request that carries no data, and the request's headers. The body may be missing, and then its type may be too.
/// If there is one, it must be an object without members, which later versions may define.
pub fn empty<T>(request: Request<T>) -> Result<(HeaderMap, Bytes), Problem> {
    let (headers, body) = read(request)?;
    if !body.is_empty() {
        require_json(&headers)?;
        let ([], faults) = object(&body, &[])?;
        faults.refuse_any()?;
    }
    Ok((headers, body))
}

fn read<T>(request: Request<T>) -> Result<(HeaderMap, Bytes), Problem> {
    let Request { headers, body, .. } = request;
    if announced_bytes(&headers).is_some_and(|bytes| bytes > MAX_BODY_BYTES as u64) {
        return Err(too_large());
    }
    match body.read(MAX_BODY_BYTES) {
        Ok(body) => Ok((headers, body)),
        Err(BodyError::TooLarge) => Err(too_large()),
        Err(BodyError::Interrupted) => {
            Err(Problem::new(StatusCode::BAD_REQUEST, "The request's body did not arrive completely."))
        }
    }
}

/// The length that a request has announced for its body.
pub(crate) fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("The request's body is larger than the limit of {MAX_BODY_BYTES} bytes."),
    )
}

fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let unsupported = |detail: &'static str| Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let is_json = match (types.next(), types.next()) {
        (Some(media_type), None) => media_type.to_str().is_ok_and(is_json_in_utf8),
        _ => false,
    };
    if !is_json {
        return unsupported("The request's Content-Type must be application/json, in UTF-8.");
    }
    if headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| coding != "identity") {
        return unsupported("The request's body must not be compressed.");
    }
    Ok(())
}

/// `application/json` or `application/…+json`, with no charset or with UTF-8, the only one that JSON has (RFC 8259,
/// section 8.1).
fn is_json_in_utf8(media_type: &str) -> bool {
    // What nearly every client sends.
    if media_type == "application/json" {
        return true;
    }
    let media_type = media_type.to_ascii_lowercase();
    let mut parts = media_type.split(';').map(str::trim);
    let is_json = parts
        .next()
        .and_then(|essence| essence.strip_prefix("application/"))
        .is_some_and(|subtype| subtype == "json" || (subtype.ends_with("+json") && subtype != "+json"));
    is_json
        && parts.all(|parameter| {
            parameter.strip_prefix("charset=").is_none_or(|charset| charset.trim_matches('"') == "utf-8")
        })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderName, Method};

    use super::*;

    fn read(headers: &[(&'static str, &str)], body: impl Into<Bytes>) -> Result<Bytes, u16> {
        let entry = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), value.as_bytes().try_into().unwrap())
        };
        json(Request {
            method: Method::POST,
            target: "/".parse().unwrap(),
            headers: headers.iter().map(entry).collect(),
            body: body.into().into(),
            fields: PhantomData::<()>,
        })
        .map(|(_, body)| body.bytes)
        .map_err(|problem| problem.status().as_u16())
    }

    #[test]
    fn json_under_any_of_its_names_is_read() {
        for media_type in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/cloudevents+json",
            "application/merge-patch+JSON ; charset=utf-8",
            "application/json; profile=x;",
        ] {
            assert_eq!(read(&[("content-type", media_type)], "{}").unwrap(), "{}", "{media_type}");
        }
    }

    #[test]
    fn another_content_type_is_a_415() {
        for media_type in [
            "",
            "json",
            "text/json",
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/jsonp",
            "application/+json",
            "application/json; charset=latin1",
            "application/€json",
        ] {
            assert_eq!(read(&[("content-type", media_type)], "{}").unwrap_err(), 415, "{media_type}");
        }
        assert_eq!(read(&[], "{}").unwrap_err(), 415);
        let twice = [("content-type", "application/json"), ("content-type", "text/plain")];
        assert_eq!(read(&twice, "{}").unwrap_err(), 415);
    }

    #[test]
    fn a_compressed_body_is_a_415() {
        let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
        assert_eq!(read(&headers, "{}").unwrap_err(), 415);
    }

    #[test]
    fn a_body_of_the_limit_is_read_and_one_byte_more_is_a_413() {
        let content_type = ("content-type", "application/json");
        assert_eq!(read(&[content_type], vec![b' '; MAX_BODY_BYTES]).unwrap().len(), MAX_BODY_BYTES);
        assert_eq!(read(&[content_type], vec![b' '; MAX_BODY_BYTES + 1]).unwrap_err(), 413);
    }

    #[test]
    fn an_announced_excess_is_a_413_before_the_body_is_read() {
        let headers = [("content-type", "application/json"), ("content-length", "65537")];
        assert_eq!(read(&headers, "").unwrap_err(), 413);
    }
}
