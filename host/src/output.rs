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

impl OutputError {
    fn of(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Failed(error),
        }
    }
}

/// Prints a line of the result.
pub fn line(text: impl Display) -> Result<(), OutputError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").and_then(|()| out.flush()).map_err(OutputError::of)
}

/// Writes bytes of the result, all of them or an error.
pub fn bytes(bytes: &[u8]) -> Result<(), OutputError> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).map_err(OutputError::of)
}

/// Prints a line that says what has been done. That it cannot be printed changes nothing of it.
pub fn notice(text: impl Display) {
    let _ = line(text);
}

/// Prints a line for people on standard error; a closed stream is ignored.
pub fn remark(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Passes what another program printed on to standard error, as it is; a closed stream is ignored.
pub fn pass_on(bytes: &[u8]) {
    let _ = io::stderr().write_all(bytes);
}
