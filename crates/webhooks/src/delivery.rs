//! A delivery and an attempt to make it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::StatusCode;
use secrecy::SecretString;
use uuid::Uuid;

/// A delivery that is due.
#[derive(Debug)]
pub(crate) struct Due {
    pub endpoint_id: Uuid,
    pub event_id: Uuid,
    pub event_type: String,
    pub url: String,
    /// The keys of the endpoint's signatures, the newest first; `None` if one cannot be opened.
    pub secrets: Option<Vec<SecretString>>,
    /// How often it has failed before.
    pub attempts: i32,
    pub body: Bytes,
}

#[derive(Debug)]
pub(crate) struct Attempt {
    pub attempted_at: SystemTime,
    pub duration: Duration,
    pub status: Option<StatusCode>,
    /// Why it failed; `None` if it was delivered.
    pub error: Option<String>,
    /// The pause that the receiver asks for.
    pub retry_after: Option<Duration>,
}
