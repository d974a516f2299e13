//! Tables that others wrote: RabbitMQ passes on what publishers send, and looks at little of it.

use amq_protocol_types::FieldTable;
use amq_protocol_types::parsing::parse_field_table;

/// How many tables and arrays may lie in each other. The parser calls itself for each, and a frame has room for thousands.
const LEVELS: usize = 32;

/// Reads a table, of which these are all bytes, its length first. `None` if it is nested too deeply, or the name of a header is not
/// UTF-8.
pub fn read(bytes: &[u8]) -> Option<FieldTable> {
    let (_, entries) = bytes.split_at_checked(4)?;
    check(entries, true, LEVELS)?;
    let (rest, table) = parse_field_table(bytes).ok()?;
    rest.is_empty().then_some(table)
}

/// Walks over the entries of a table, or over the values of an array, which have no names.
fn check(mut entries: &[u8], have_names: bool, levels: usize) -> Option<()> {
    while !entries.is_empty() {
        if have_names {
            let [length] = *take(&mut entries, 1)? else { return None };
            take(&mut entries, length.into())?;
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

#[cfg(test)]
mod tests {
    use amq_protocol_types::{AMQPValue, FieldArray};

    use super::*;
    use crate::amqp::writer::Writer;

    fn written(value: AMQPValue) -> Vec<u8> {
        let mut table = FieldTable::default();
        table.insert("header".into(), value);
        Writer::default().table(&table).into_bytes()
    }

    fn nested(levels: usize) -> AMQPValue {
        (0..levels).fold(AMQPValue::Boolean(true), |value, level| {
            if level % 2 == 0 {
                let mut array = FieldArray::default();
                array.push(value);
                AMQPValue::FieldArray(array)
            } else {
                let mut table = FieldTable::default();
                table.insert("inner".into(), value);
                AMQPValue::FieldTable(table)
            }
        })
    }

    #[test]
    fn every_kind_of_value_is_read() {
        for value in [
            AMQPValue::Void,
            AMQPValue::Boolean(true),
            AMQPValue::ShortShortInt(-1),
            AMQPValue::ShortShortUInt(1),
            AMQPValue::ShortInt(-1),
            AMQPValue::ShortUInt(1),
            AMQPValue::LongInt(-1),
            AMQPValue::LongUInt(1),
            AMQPValue::LongLongInt(-1),
            AMQPValue::Float(0.5),
            AMQPValue::Double(0.5),
            AMQPValue::Timestamp(1),
            AMQPValue::LongString("text".into()),
            AMQPValue::ByteArray(b"bytes".as_slice().into()),
            nested(LEVELS),
        ] {
            let read = read(&written(value.clone())).unwrap_or_else(|| panic!("{value:?} is not read"));
            assert_eq!(read.inner().get("header"), Some(&value));
        }
    }

    #[test]
    fn what_would_exhaust_the_stack_or_is_cut_off_is_not_read() {
        assert_eq!(read(&written(nested(LEVELS + 1))), None);
        // As deep as a frame has room for.
        let deep = (0..20_000u32).fold(Vec::new(), |inner: Vec<u8>, _| {
            let length = u32::try_from(inner.len()).unwrap();
            [&[b'A'][..], &length.to_be_bytes(), &inner].concat()
        });
        let entry = [&[1, b'x'][..], &deep].concat();
        let length = u32::try_from(entry.len()).unwrap();
        assert_eq!(read(&[&length.to_be_bytes()[..], &entry].concat()), None);
        let whole = written(AMQPValue::LongString("text".into()));
        for end in 0..whole.len() {
            assert_eq!(read(&whole[..end]), None, "{end}");
        }
        assert_eq!(read(&[0, 0, 0, 3, 1, 0xff, b'V']), None, "a name that is not UTF-8");
    }
}
