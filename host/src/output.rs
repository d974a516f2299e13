//! Standard output, and the words for people on standard error. Their reader may end before the program: `waybill audit | head -1`.

use std::fmt::Display;
use std::io::{self, Write as _};

use thiserror::Error;

/// Why a result could not be printed.
#[derive(Debug, Error)]
pub enum OutputError {
    /// The reader has seen enough. The command ends quietly.
    #[error("the reader of standard output has ended")]
    Closed,
    /// It is lost, for example on a disk that is full.
    #[error("standard output cannot be written")]
    Failed(#[source] io::Error),
}

/// Prints a line of the result.
pub fn line(text: impl Display) -> Result<(), OutputError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => OutputError::Closed,
        _ => OutputError::Failed(error),
    })
}

/// Prints a line that says what has been done. That it cannot be printed changes nothing of it.
pub fn notice(text: impl Display) {
    let _ = line(text);
}

/// Prints a line for people on standard error; a closed stream is ignored.
pub fn remark(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
