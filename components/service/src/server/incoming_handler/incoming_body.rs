use bytes::Bytes;
use wasip2::http::types::IncomingRequest;
use wasip2::io::streams::StreamError;

use crate::body_error::BodyError;

/// A request's body, fetched from the host when an operation reads it, so that the body of a refused request is not fetched.
#[derive(Debug)]
pub struct IncomingBody {
    request: IncomingRequest,
    /// Its length, where the request has announced it.
    announced_bytes: Option<u64>,
}

impl IncomingBody {
    /// The body of a request that has announced this length for it.
    pub fn new(request: IncomingRequest, announced_bytes: Option<u64>) -> Self {
        Self { request, announced_bytes }
    }

    /// Reads the whole body, of `most` bytes at most.
    pub fn read(self, most: usize) -> Result<Bytes, BodyError> {
        if self.announced_bytes == Some(0) {
            return Ok(Bytes::new());
        }
        let body = self.request.consume().map_err(|()| BodyError::Interrupted)?;
        let stream = body.stream().map_err(|()| BodyError::Interrupted)?;
        let mut read = Vec::new();
        // After the announced length the body has ended; asking the host would be one more call.
        while self.announced_bytes.is_none_or(|announced| (read.len() as u64) < announced) {
            match stream.blocking_read(most as u64 + 1) {
                Ok(bytes) if read.is_empty() => read = bytes,
                Ok(bytes) => read.extend_from_slice(&bytes),
                Err(StreamError::Closed) => break,
                Err(StreamError::LastOperationFailed(_)) => return Err(BodyError::Interrupted),
            }
            if read.len() > most {
                return Err(BodyError::TooLarge);
            }
        }
        Ok(read.into())
    }
}
