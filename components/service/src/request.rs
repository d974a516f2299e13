//! Requests.

use std::marker::PhantomData;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use uuid::Uuid;

pub use crate::body_error::BodyError;
use crate::faults::Faults;
use crate::fields::Fields;
use crate::problem::{Problem, not_found};
use crate::rules;

/// A request, as an operation gets it. Scheme and authority are not in it, since no operation looks at them.
///
/// `T` names its fields: in the query of a `GET`, otherwise in the body.
#[derive(Debug)]
pub struct Request<T = ()> {
    /// Its method.
    pub method: Method,
    /// Its path and query.
    pub target: PathAndQuery,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Body,
    /// The type of its fields.
    pub fields: PhantomData<T>,
}

impl<T> Request<T> {
    /// The same request with the fields that an operation declares.
    pub fn with_fields<U>(self) -> Request<U> {
        let Self { method, target, headers, body, .. } = self;
        Request { method, target, headers, body, fields: PhantomData }
    }

    /// What comes after the question mark.
    pub fn query(&self) -> Option<&str> {
        self.target.query()
    }

    /// A segment of the path, decoded; the first one is 0. 404 if it cannot be decoded.
    pub fn segment(&self, index: usize) -> Result<String, Problem> {
        let segment = self.target.path().split('/').nth(index + 1).ok_or_else(not_found)?;
        Ok(percent_decode_str(segment).decode_utf8().map_err(|_| not_found())?.into_owned())
    }

    /// The identifier that is a segment of the path.
    ///
    /// An invalid identifier is a 404, like an unknown one.
    pub fn id(&self, index: usize) -> Result<Uuid, Problem> {
        rules::uuid(&self.segment(index)?).ok_or_else(not_found)
    }
}

impl<T: Fields> Request<T> {
    /// The query parameters; their faults are reported together.
    pub fn parameters(&self) -> Result<T, Faults> {
        T::from_query(self.query())
    }
}

/// A request's body.
#[derive(Debug)]
pub enum Body {
    /// A body in memory.
    Whole(Bytes),
    /// A body that is fetched from the host when it is read.
    #[cfg(all(target_family = "wasm", not(feature = "wasip3")))]
    Incoming(crate::server::IncomingBody),
    /// A body that is not there, which is of interest only to an operation that reads it.
    Missing(BodyError),
}

impl Body {
    /// Reads the whole body, of `most` bytes at most.
    pub fn read(self, most: usize) -> Result<Bytes, BodyError> {
        match self {
            Self::Whole(bytes) if bytes.len() > most => Err(BodyError::TooLarge),
            Self::Whole(bytes) => Ok(bytes),
            #[cfg(all(target_family = "wasm", not(feature = "wasip3")))]
            Self::Incoming(body) => body.read(most),
            Self::Missing(error) => Err(error),
        }
    }
}

impl<B: Into<Bytes>> From<B> for Body {
    fn from(bytes: B) -> Self {
        Self::Whole(bytes.into())
    }
}
