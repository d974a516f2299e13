//! Standard output, and the words for people on standard error. Their reader may end before the program: `waybill audit | head -1`.

use std::fmt::Display;
use std::io::{self, Write as _};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
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

/// How long what another program printed waits for the reader of standard error.
const READER_LIMIT: Duration = Duration::from_secs(1);

/// What a pipe takes without waiting as soon as it takes anything, in bytes (`PIPE_BUF`).
const WRITTEN_AT_ONCE: usize = 4 << 10;

/// Passes what another program prints on to standard error, as it is; a closed stream is ignored.
///
/// If the reader takes nothing for a second, such as a terminal that is stopped, bytes are dropped and counted until it goes on, as lines of
/// the log are: a task must not wait for who reads.
#[derive(Debug, Default)]
pub struct PassedOn {
    dropped: usize,
}

impl PassedOn {
    pub fn write(&mut self, bytes: &[u8]) {
        self.write_to(&mut io::stderr().lock(), bytes);
    }

    fn write_to(&mut self, output: &mut (impl io::Write + AsFd), bytes: &[u8]) {
        let (wait, note) = match self.dropped {
            0 => (READER_LIMIT, String::new()),
            dropped => {
                (Duration::ZERO, format!("\n… {dropped} bytes are left out, since nothing read them …\n"))
            }
        };
        let text = [note.as_bytes(), bytes].concat();
        let mut written = 0_usize;
        for part in text.chunks(WRITTEN_AT_ONCE) {
            if !is_writable(output, wait) || output.write_all(part).is_err() {
                self.dropped = match written.checked_sub(note.len()) {
                    Some(passed_on) => bytes.len() - passed_on,
                    // The note is not written, or only in part: the next one counts these too.
                    None => self.dropped + bytes.len(),
                };
                return;
            }
            written += part.len();
        }
        self.dropped = 0;
    }
}

/// Whether the output takes bytes within `wait`; an error of it counts as that, and the write has it.
fn is_writable(output: &impl AsFd, wait: Duration) -> bool {
    let wait = Timespec::try_from(wait).ok();
    match poll(&mut [PollFd::new(output, PollFlags::OUT)], wait.as_ref()) {
        Ok(ready) => ready > 0,
        // A signal. The next part is tried again.
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_nothing_reads_is_dropped_and_counted() {
        let (mut reader, mut writer) = io::pipe().unwrap();
        let mut passed_on = PassedOn::default();
        // More than a pipe takes.
        let bytes = vec![b'x'; 1 << 20];
        passed_on.write_to(&mut writer, &bytes);
        passed_on.write_to(&mut writer, b"dropped");
        let dropped = passed_on.dropped;
        assert!(dropped > (1 << 19) && dropped < (1 << 20) + 7, "{dropped}");
        let mut taken = vec![0; (1 << 20) + 7 - dropped];
        reader.read_exact(&mut taken).unwrap();
        assert!(taken.iter().all(|byte| *byte == b'x'));
        passed_on.write_to(&mut writer, b"on again\n");
        drop(writer);
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, format!("\n… {dropped} bytes are left out, since nothing read them …\non again\n"));
    }
}
