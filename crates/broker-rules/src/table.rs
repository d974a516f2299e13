//! Tables that others wrote: RabbitMQ passes on what publishers send, and looks at little of it.

/// How many tables and arrays may lie in each other. Parsers call themselves for each, and a frame has room for thousands.
pub const MAX_LEVELS: usize = 32;

/// Why a message with other headers becomes a dead letter.
pub(crate) const UNREADABLE: &str =
    "its headers are larger than a frame or nested too deeply, or the name of one is not UTF-8";

/// Whether the parser of AMQP's tables reads this one, of which these are all bytes, its length first: it is complete, its names are
/// UTF-8, and at most [`MAX_LEVELS`] lie in it.
pub fn is_readable_table(bytes: &[u8]) -> bool {
    let walked = bytes.split_first_chunk().and_then(|(length, entries)| {
        let is_whole = usize::try_from(u32::from_be_bytes(*length)) == Ok(entries.len());
        is_whole.then(|| check(entries, true, MAX_LEVELS)).flatten()
    });
    walked.is_some()
}

/// Walks over the entries of a table, or over the values of an array, which have no names.
fn check(mut entries: &[u8], have_names: bool, levels: usize) -> Option<()> {
    while !entries.is_empty() {
        if have_names {
            let [length] = *take(&mut entries, 1)? else { return None };
            str::from_utf8(take(&mut entries, length.into())?).ok()?;
        }
        let [kind] = *take(&mut entries, 1)? else { return None };
        let size = match kind {
            b'V' => 0,
            b't' | b'b' | b'B' => 1,
            b's' | b'u' | b'U' => 2,
            b'I' | b'i' | b'f' => 4,
            b'D' => 5,
            b'l' | b'L' | b'd' | b'T' => 8,
            b'S' | b'x' | b'A' | b'F' => {
                let length = u32::from_be_bytes(take(&mut entries, 4)?.try_into().ok()?);
                usize::try_from(length).ok()?
            }
            _ => return None,
        };
        let value = take(&mut entries, size)?;
        if matches!(kind, b'A' | b'F') {
            check(value, kind == b'F', levels.checked_sub(1)?)?;
        }
    }
    Some(())
}

fn take<'a>(from: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (taken, rest) = from.split_at_checked(count)?;
    *from = rest;
    Some(taken)
}
