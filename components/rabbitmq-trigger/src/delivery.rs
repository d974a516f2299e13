//! A message in flight: its head first, and its body when it is known what happens to it.

use std::time::Duration;

use amq_protocol_types::ShortString;
use waybill_broker_rules::Source;
use waybill_broker_rules::headers::{self, Table};

use crate::amqp::{AmqpError, ContentHeader, Frame, Kind, Properties, Reader};
use crate::session::{ISOLATED, MESSAGES, Session, Side, tag_and_key};

/// How long a message that has begun may take to arrive.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(30);

pub struct Delivery {
    pub source: Source,
    pub side: Side,
    pub channel: u16,
    pub tag: u64,
    pub subject: String,
    pub properties: Properties,
    pub body_bytes: u64,
    pub has_unreadable_headers: bool,
}

impl Delivery {
    /// A message of the subscription, whose `deliver` has arrived.
    pub fn of_subscription(session: &mut Session, fields: Reader<'_>) -> Result<Self, AmqpError> {
        Self::begin(session, Source::Main, Side::Consuming, MESSAGES, tag_and_key(fields, true)?)
    }

    /// An isolated message, whose `get-ok` has arrived.
    pub fn isolated(session: &mut Session, fields: &[u8]) -> Result<Self, AmqpError> {
        let tag_and_key = tag_and_key(Reader::new(fields), false)?;
        Self::begin(session, Source::Isolated, Side::Publishing, ISOLATED, tag_and_key)
    }

    fn begin(
        session: &mut Session,
        source: Source,
        side: Side,
        channel: u16,
        (tag, routing_key): (u64, String),
    ) -> Result<Self, AmqpError> {
        let frame = session.content(side, channel, ARRIVAL_LIMIT)?;
        expect(&frame, Kind::Header)?;
        let ContentHeader { body_bytes, properties, has_unreadable_headers } =
            ContentHeader::parse(&frame.payload)?;
        let kind = properties.kind.as_ref().map(ShortString::as_str);
        let subject = headers::subject(kind, properties.headers.as_ref(), &routing_key);
        Ok(Self { source, side, channel, tag, subject, properties, body_bytes, has_unreadable_headers })
    }

    pub fn headers(&self) -> Table<'_> {
        self.properties.headers.as_ref()
    }

    pub fn message_id(&self) -> Option<&str> {
        self.properties.message_id.as_ref().map(ShortString::as_str)
    }

    /// The body, whose size is within the limit.
    pub fn body(&self, session: &mut Session) -> Result<Vec<u8>, AmqpError> {
        let mut body = Vec::with_capacity(usize::try_from(self.body_bytes).unwrap_or_default());
        self.pieces(session, |_, piece| {
            body.extend(piece);
            Ok(())
        })?;
        Ok(body)
    }

    /// Passes the body on as it arrives.
    pub fn pieces(
        &self,
        session: &mut Session,
        mut each: impl FnMut(&mut Session, &[u8]) -> Result<(), AmqpError>,
    ) -> Result<(), AmqpError> {
        let mut left = self.body_bytes;
        while left > 0 {
            let frame = session.content(self.side, self.channel, ARRIVAL_LIMIT)?;
            expect(&frame, Kind::Body)?;
            left = left
                .checked_sub(frame.payload.len() as u64)
                .ok_or_else(|| AmqpError::lost("RabbitMQ sent more of a message than it announced"))?;
            each(session, &frame.payload)?;
        }
        Ok(())
    }
}

fn expect(frame: &Frame, kind: Kind) -> Result<(), AmqpError> {
    if frame.kind == kind {
        Ok(())
    } else {
        Err(AmqpError::lost("RabbitMQ sent a frame where the rest of a message was due"))
    }
}
