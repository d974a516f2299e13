//! Frames from RabbitMQ, made readable before lapin's parser sees them.
//!
//! RabbitMQ passes on what a publisher wrote into a message as it is, and the parser does not survive all of it: it calls itself for each
//! level of nested headers, until the stack of its thread and with it the process ends; and a text that is not UTF-8, or a content header
//! that is larger than a frame may be, ends the connection. RabbitMQ then sends the same message again, without end. Here, headers that
//! no parser may read give way to one header that says so, by which the message becomes a dead letter; in a text, what is not UTF-8 is
//! replaced. All other bytes pass as they are.

use std::iter;

use waybill_broker_rules::headers::{Table, UNREADABLE};
use waybill_broker_rules::is_readable_table;

const METHOD: u8 = 1;
const HEADER: u8 = 2;
const BODY: u8 = 3;
const HEARTBEAT: u8 = 8;

/// Ends a frame.
const END: u8 = 0xce;

/// Class and method of `connection.tune`.
const CONNECTION_TUNE: [u8; 4] = [0, 10, 0, 30];

/// Type, channel and size of a frame.
const HEAD_BYTES: usize = 7;

/// Class, weight and size of the body of a content header, before its flags.
const CONTENT_BYTES: usize = 12;

/// The flag of the headers.
const HEADERS_FLAG: u16 = 1 << 13;

/// The class of methods that carry names of others.
const BASIC: u16 = 60;

/// What a frame consists of.
#[derive(Clone, Copy)]
enum Field {
    /// So many bytes that mean nothing here.
    Bytes(usize),
    /// A short string.
    Text,
    Table,
}

/// The properties of a message in the order of their flags, from the highest.
const PROPERTIES: [Field; 14] = [
    Field::Text,
    Field::Text,
    Field::Table,
    Field::Bytes(1),
    Field::Bytes(1),
    Field::Text,
    Field::Text,
    Field::Text,
    Field::Text,
    Field::Bytes(8),
    Field::Text,
    Field::Text,
    Field::Text,
    Field::Text,
];

/// Bytes on their way from RabbitMQ to the parser.
#[derive(Debug)]
pub(crate) struct Frames {
    /// The largest frame that the parser takes, in bytes. RabbitMQ splits bodies by it, but no content header.
    frame_max: usize,
    /// The beginning of a frame.
    begun: Vec<u8>,
    /// How many bytes of a frame pass that carries no names or headers.
    passing: usize,
    /// How many bytes of a frame are left out.
    leaving_out: usize,
    /// What the parser may have.
    readable: Vec<u8>,
    /// How much of it the parser has.
    taken: usize,
}

impl Frames {
    /// Frames of up to so many bytes, or fewer if the server says so.
    pub(crate) fn new(frame_max: usize) -> Self {
        Self { frame_max, begun: Vec::new(), passing: 0, leaving_out: 0, readable: Vec::new(), taken: 0 }
    }

    /// Takes what came.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let count = bytes.len().min(self.passing.max(self.leaving_out));
            if count > 0 {
                let run = bytes.split_off(..count).unwrap_or_default();
                if self.passing > 0 {
                    self.readable.extend_from_slice(run);
                    self.passing -= count;
                } else {
                    self.leaving_out -= count;
                }
                continue;
            }
            let wanted = match self.size() {
                None => HEAD_BYTES,
                Some(size) if self.is_large(size) => HEAD_BYTES + CONTENT_BYTES,
                Some(size) => HEAD_BYTES + size + 1,
            };
            let missing = wanted - self.begun.len();
            let (more, rest) = bytes.split_at(bytes.len().min(missing));
            self.begun.extend_from_slice(more);
            bytes = rest;
            if more.len() == missing {
                self.complete(wanted);
            }
        }
    }

    /// Gives the parser as much as it takes.
    pub(crate) fn take(&mut self, into: &mut [u8]) -> usize {
        let waiting = &self.readable[self.taken..];
        let count = waiting.len().min(into.len());
        into[..count].copy_from_slice(&waiting[..count]);
        self.taken += count;
        if self.taken == self.readable.len() {
            self.readable.clear();
            self.taken = 0;
        }
        count
    }

    /// The size of the frame that has begun, once it is known.
    fn size(&self) -> Option<usize> {
        let size = self.begun.get(HEAD_BYTES - 4..HEAD_BYTES)?.try_into().ok()?;
        usize::try_from(u32::from_be_bytes(size)).ok()
    }

    /// Whether a frame is larger than the parser takes, by the size of its payload.
    fn is_large(&self, size: usize) -> bool {
        size + HEAD_BYTES + 1 > self.frame_max
    }

    /// So many bytes of a frame are there: its head, the beginning of a large content header, or the whole frame.
    fn complete(&mut self, bytes: usize) {
        let (kind, size) = (self.begun[0], self.size().unwrap_or_default());
        if bytes == HEAD_BYTES {
            self.passing = match kind {
                HEADER => return,
                METHOD if !self.is_large(size) => return,
                METHOD | BODY | HEARTBEAT => size + 1,
                // Without frames, as in the answer to another version of the protocol, it is up to the parser.
                _ => usize::MAX,
            };
            self.readable.append(&mut self.begun);
            return;
        }
        let readable = if self.is_large(size) {
            self.leaving_out = size - CONTENT_BYTES + 1;
            Some(without_properties(&self.begun[HEAD_BYTES..]))
        } else {
            let payload = &self.begun[HEAD_BYTES..bytes - 1];
            if kind == HEADER {
                let readable = content_header(payload);
                // What stands for bytes that are no text may be longer.
                readable.map(|it| if self.is_large(it.len()) { without_properties(payload) } else { it })
            } else {
                self.frame_max =
                    frame_max_of_tune(payload).map_or(self.frame_max, |it| it.min(self.frame_max));
                method(payload)
            }
        };
        match readable {
            None => self.readable.extend_from_slice(&self.begun),
            Some(payload) => {
                self.readable.extend_from_slice(&self.begun[..HEAD_BYTES - 4]);
                self.readable.extend_from_slice(&length(&payload));
                self.readable.extend_from_slice(&payload);
                self.readable.push(END);
            }
        }
        self.begun.clear();
    }
}

/// What the parser has of bytes that arrive in pieces of this size, and the largest frame that it takes.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn passed(bytes: &[u8], size: usize, frame_max: usize) -> Vec<u8> {
    let (mut frames, mut passed) = (Frames::new(frame_max), Vec::new());
    for piece in bytes.chunks(size.max(1)) {
        frames.push(piece);
        let mut into = [0; 5];
        loop {
            match frames.take(&mut into) {
                0 => break,
                count => passed.extend_from_slice(&into[..count]),
            }
        }
    }
    passed
}

/// Whether these headers stand for others, which cannot be read.
pub(crate) fn are_unreadable(headers: Table<'_>) -> bool {
    headers.is_some_and(|headers| headers.inner().contains_key(UNREADABLE))
}

/// The payload in place of a content header that cannot be read.
fn content_header(payload: &[u8]) -> Option<Vec<u8>> {
    let flags = payload.get(CONTENT_BYTES..CONTENT_BYTES + 2)?;
    let flags = u16::from_be_bytes(flags.try_into().ok()?);
    let given = PROPERTIES.into_iter().enumerate().filter(|(index, _)| flags & (1 << (15 - index)) != 0);
    let fields = iter::once(Field::Bytes(CONTENT_BYTES + 2)).chain(given.map(|(_, field)| field));
    if let Some((written, is_changed)) = readable(payload, fields) {
        return is_changed.then_some(written);
    }
    Some(without_properties(payload))
}

/// The same content header without properties, but for the header that stands for them.
fn without_properties(payload: &[u8]) -> Vec<u8> {
    [&payload[..CONTENT_BYTES], &HEADERS_FLAG.to_be_bytes(), &unreadable_headers()].concat()
}

/// The largest frame of the server, if this is its method `tune` and it has a limit.
fn frame_max_of_tune(payload: &[u8]) -> Option<usize> {
    let (id, fields) = payload.split_first_chunk()?;
    let bytes = u32::from_be_bytes(fields.get(2..6)?.try_into().ok()?);
    (*id == CONNECTION_TUNE && bytes > 0).then(|| usize::try_from(bytes).ok())?
}

/// The payload in place of a method with a text that cannot be read.
fn method(payload: &[u8]) -> Option<Vec<u8>> {
    let (class, method) = (payload.get(..2)?, payload.get(2..4)?);
    if u16::from_be_bytes(class.try_into().ok()?) != BASIC {
        return None;
    }
    let id = Field::Bytes(4);
    let fields = match u16::from_be_bytes(method.try_into().ok()?) {
        // return: code, text, exchange, routing key
        50 => [id, Field::Bytes(2), Field::Text, Field::Text, Field::Text],
        // deliver: consumer, tag and flag, exchange, routing key
        60 => [id, Field::Text, Field::Bytes(9), Field::Text, Field::Text],
        // get-ok: tag and flag, exchange, routing key, messages
        71 => [id, Field::Bytes(9), Field::Text, Field::Text, Field::Bytes(4)],
        _ => return None,
    };
    let (written, is_changed) = readable(payload, fields)?;
    is_changed.then_some(written)
}

/// These fields with what can be read in place of what cannot, and whether that is anything. `None` if a field is cut off or another one
/// follows.
fn readable(mut payload: &[u8], fields: impl IntoIterator<Item = Field>) -> Option<(Vec<u8>, bool)> {
    let (mut written, mut is_changed) = (Vec::with_capacity(payload.len()), false);
    for field in fields {
        match field {
            Field::Bytes(count) => written.extend_from_slice(payload.split_off(..count)?),
            Field::Text => {
                let count = *payload.split_off_first()?;
                let bytes = payload.split_off(..usize::from(count))?;
                let mut text = String::from_utf8_lossy(bytes);
                if text.as_bytes() != bytes {
                    // What stands for bytes that are no text may make it longer.
                    let end = text.floor_char_boundary(usize::from(u8::MAX));
                    text.to_mut().truncate(end);
                    is_changed = true;
                }
                written.push(u8::try_from(text.len()).ok()?);
                written.extend_from_slice(text.as_bytes());
            }
            Field::Table => {
                let count = usize::try_from(u32::from_be_bytes(*payload.first_chunk()?)).ok()?;
                let table = payload.split_off(..count.checked_add(4)?)?;
                if is_readable_table(table) {
                    written.extend_from_slice(table);
                } else {
                    written.extend_from_slice(&unreadable_headers());
                    is_changed = true;
                }
            }
        }
    }
    payload.is_empty().then_some((written, is_changed))
}

/// A table with nothing but the header [`UNREADABLE`].
fn unreadable_headers() -> Vec<u8> {
    let name = UNREADABLE.as_bytes();
    let entry = [&[u8::try_from(name.len()).unwrap_or_default()], name, b"t\x01"].concat();
    [&length(&entry)[..], &entry].concat()
}

fn length(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
