//! Tables that others wrote: RabbitMQ passes on what publishers send, and looks at little of it.

use amq_protocol_types::FieldTable;
use amq_protocol_types::parsing::parse_field_table;
use waybill_broker_rules::is_readable_table;

/// Reads a table, of which these are all bytes, its length first. `None` if it is nested too deeply, or the name of a header is not
/// UTF-8.
pub fn read(bytes: &[u8]) -> Option<FieldTable> {
    if !is_readable_table(bytes) {
        return None;
    }
    let (rest, table) = parse_field_table(bytes).ok()?;
    rest.is_empty().then_some(table)
}

#[cfg(test)]
mod tests {
    use amq_protocol_types::{AMQPValue, FieldArray};
    use waybill_broker_rules::MAX_LEVELS as LEVELS;

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
