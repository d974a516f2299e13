use amq_protocol_types::{FieldTable, ShortString};
use waybill_broker_rules::headers::Headers;

use super::error::AmqpError;
use super::reader::Reader;
use super::table;
use super::writer::Writer;

/// The class of messages in a content header.
const BASIC: u16 = 60;

const PERSISTENT: u8 = 2;

/// The properties of a message that its copies carry on. The others are dropped, for the reasons that
/// `crates/broker/src/carried.rs` gives.
#[derive(Debug, Default, PartialEq)]
pub struct Properties {
    pub content_type: Option<ShortString>,
    pub content_encoding: Option<ShortString>,
    pub headers: Option<FieldTable>,
    pub correlation_id: Option<ShortString>,
    pub message_id: Option<ShortString>,
    pub timestamp: Option<u64>,
    pub kind: Option<ShortString>,
    pub app_id: Option<ShortString>,
}

/// What comes between a method with content and its body.
#[derive(Debug, PartialEq)]
pub struct ContentHeader {
    pub body_bytes: u64,
    pub properties: Properties,
    /// Whether there are headers that cannot be read.
    pub has_unreadable_headers: bool,
}

impl ContentHeader {
    pub fn parse(payload: &[u8]) -> Result<Self, AmqpError> {
        let mut fields = Reader::new(payload);
        let (_class, _weight) = (fields.u16()?, fields.u16()?);
        let body_bytes = fields.u64()?;
        let flags = fields.u16()?;
        let short = |bit: u32, fields: &mut Reader<'_>| {
            if flags & (1 << bit) == 0 { Ok(None) } else { fields.short_string().map(Some) }
        };
        let content_type = short(15, &mut fields)?;
        let content_encoding = short(14, &mut fields)?;
        let written = if flags & (1 << 13) == 0 { None } else { Some(fields.table()?) };
        let headers = written.and_then(table::read);
        let has_unreadable_headers = written.is_some() && headers.is_none();
        for bit in [12, 11] {
            if flags & (1 << bit) != 0 {
                fields.u8()?;
            }
        }
        let correlation_id = short(10, &mut fields)?;
        let (_reply_to, _expiration) = (short(9, &mut fields)?, short(8, &mut fields)?);
        let message_id = short(7, &mut fields)?;
        let timestamp = if flags & (1 << 6) == 0 { None } else { Some(fields.u64()?) };
        let kind = short(5, &mut fields)?;
        let _user_id = short(4, &mut fields)?;
        let app_id = short(3, &mut fields)?;
        let properties = Properties {
            content_type,
            content_encoding,
            headers,
            correlation_id,
            message_id,
            timestamp,
            kind,
            app_id,
        };
        Ok(Self { body_bytes, properties, has_unreadable_headers })
    }
}

impl Properties {
    /// The content header of a copy with these headers. It is persistent, whatever the original was.
    pub fn carried(&self, headers: Headers, body_bytes: u64) -> Vec<u8> {
        let Self {
            content_type, content_encoding, correlation_id, message_id, timestamp, kind, app_id, ..
        } = self;
        let texts = [
            (15, content_type),
            (14, content_encoding),
            (10, correlation_id),
            (7, message_id),
            (5, kind),
            (3, app_id),
        ];
        let mut flags: u16 = 1 << 13 | 1 << 12;
        for (bit, text) in texts {
            flags |= u16::from(text.is_some()) << bit;
        }
        flags |= u16::from(timestamp.is_some()) << 6;
        let short = |writer: Writer, text: &Option<ShortString>| match text {
            Some(text) => writer.short_string(text.as_str()),
            None => writer,
        };
        let mut writer = Writer::default().u16(BASIC).u16(0).u64(body_bytes).u16(flags);
        writer = short(short(writer, content_type), content_encoding);
        writer = writer.table(&headers.into_table()).u8(PERSISTENT);
        writer = short(short(writer, correlation_id), message_id);
        if let Some(timestamp) = timestamp {
            writer = writer.u64(*timestamp);
        }
        short(short(writer, kind), app_id).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_properties_of_the_message_and_the_new_headers() {
        let properties = Properties {
            content_type: Some("application/json".into()),
            message_id: Some("0198b3a2".into()),
            timestamp: Some(1_760_000_000),
            kind: Some("order.created".into()),
            ..Properties::default()
        };
        let headers = Headers::default().text("x-waybill-cause", "rejected").number("x-waybill-attempt", 5);
        let read = ContentHeader::parse(&properties.carried(headers.clone(), 12)).unwrap();
        let expected = Properties { headers: Some(headers.into_table()), ..properties };
        let expected = ContentHeader { body_bytes: 12, properties: expected, has_unreadable_headers: false };
        assert_eq!(read, expected);
    }

    #[test]
    fn headers_that_cannot_be_read_leave_the_rest_of_the_message_as_it_is() {
        let flags = 1 << 13 | 1 << 7;
        let writer = Writer::default().u16(BASIC).u16(0).u64(1).u16(flags);
        // The name of the header is not UTF-8.
        let writer = writer.long_string(&[1, 0xff, b'V']).short_string("0198b3a2");
        let read = ContentHeader::parse(&writer.into_bytes()).unwrap();
        assert!(read.has_unreadable_headers);
        let expected = Properties { message_id: Some("0198b3a2".into()), ..Properties::default() };
        assert_eq!(read.properties, expected);
    }

    #[test]
    fn properties_that_are_not_carried_are_passed_over() {
        // Priority, reply-to, expiration, user-id and app-id.
        let flags = 1 << 11 | 1 << 9 | 1 << 8 | 1 << 4 | 1 << 3;
        let writer = Writer::default().u16(BASIC).u16(0).u64(1).u16(flags).u8(9);
        let writer =
            writer.short_string("answers").short_string("1000").short_string("guest").short_string("shop");
        let read = ContentHeader::parse(&writer.into_bytes()).unwrap();
        assert_eq!(read.properties, Properties { app_id: Some("shop".into()), ..Properties::default() });
    }
}
