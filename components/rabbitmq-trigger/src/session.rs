//! Both connections of one time between two losses. What is published has a connection of its own: its confirms would otherwise be
//! behind all that RabbitMQ sends ahead, and RabbitMQ stops reading a connection that publishes when it is short of memory.

use std::time::{Duration, Instant};

use crate::amqp::{AmqpError, Connection, Frame, Reader, Writer, id, wait};
use crate::settings::Settings;

/// The channels of the publishing connection: of publishing, of the isolated messages, and of declarations.
pub const CONFIRMS: u16 = 1;
pub const ISOLATED: u16 = 2;
pub const DECLARATIONS: u16 = 3;

/// The channel of the consuming connection.
pub const MESSAGES: u16 = 1;

/// One of the two connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Consuming,
    Publishing,
}

pub struct Session {
    pub consuming: Connection,
    pub publishing: Connection,
    /// The number of the last message that was published.
    pub published: u64,
}

impl Session {
    /// Connects twice, and opens the channels that stay open.
    pub fn open(settings: &Settings) -> Result<Self, AmqpError> {
        let limit = settings.request_timeout;
        let open = |name| Connection::open(&settings.url, settings.tls.as_ref(), name, limit);
        let (mut publishing, consuming) =
            (open("waybill trigger (publish)")?, open("waybill trigger (consume)")?);
        publishing.open_channel(CONFIRMS)?;
        let select = Writer::default().u8(0);
        publishing.ask(CONFIRMS, id::CONFIRM_SELECT, select, id::CONFIRM_SELECT_OK)?;
        publishing.open_channel(ISOLATED)?;
        Ok(Self { consuming, publishing, published: 0 })
    }

    /// The next frame of that connection, at most until then. Both are kept alive meanwhile. Of the consuming one nothing is read
    /// before its messages are wanted.
    pub fn next(&mut self, side: Side, until: Instant) -> Result<Option<Frame>, AmqpError> {
        loop {
            self.publishing.beat()?;
            self.consuming.beat()?;
            let frame = match side {
                Side::Publishing => self.publishing.frame()?,
                Side::Consuming => {
                    // Nothing is asked there now: a frame is late, or says that the connection is lost.
                    while self.publishing.frame()?.is_some() {}
                    self.consuming.frame()?
                }
            };
            if frame.is_some() || Instant::now() >= until {
                return Ok(frame);
            }
            let beats = [self.publishing.next_beat(), self.consuming.next_beat()];
            let until = beats.into_iter().flatten().fold(until, Instant::min);
            let publishing = self.publishing.readable();
            match side {
                Side::Publishing => wait(&[&publishing], until),
                Side::Consuming => wait(&[&publishing, &self.consuming.readable()], until),
            }
        }
    }

    /// Lets time pass, with both connections kept alive.
    pub fn pause(&mut self, pause: Duration) -> Result<(), AmqpError> {
        let until = Instant::now() + pause;
        while self.next(Side::Publishing, until)?.is_some() {}
        Ok(())
    }

    /// Says on both connections that we are alive, since nothing can be said while a message is handled.
    pub fn beat_before_handling(&mut self) -> Result<(), AmqpError> {
        const RECENT: Duration = Duration::from_secs(5);
        self.publishing.beat_after(RECENT)?;
        self.consuming.beat_after(RECENT)
    }

    /// What has arrived while a message was handled has not been read yet, so that neither connection was silent.
    pub fn listen_again(&mut self) {
        self.publishing.listen_again();
        self.consuming.listen_again();
    }

    pub fn connection(&mut self, side: Side) -> &mut Connection {
        match side {
            Side::Consuming => &mut self.consuming,
            Side::Publishing => &mut self.publishing,
        }
    }

    /// Subscribes to the queue, with so many messages sent ahead.
    pub fn subscribe(&mut self, queue: &str, prefetch: u16) -> Result<(), AmqpError> {
        self.consuming.open_channel(MESSAGES)?;
        let qos = Writer::default().u32(0).u16(prefetch).u8(0);
        self.consuming.ask(MESSAGES, id::BASIC_QOS, qos, id::BASIC_QOS_OK)?;
        let consume = Writer::default().u16(0).short_string(queue).short_string("").u8(0);
        let consume = consume.table(&amq_protocol_types::FieldTable::default());
        self.consuming.ask(MESSAGES, id::BASIC_CONSUME, consume, id::BASIC_CONSUME_OK).map(drop)
    }

    /// Fetches one message: the fields of `get-ok`, or `None` if there is none.
    pub fn get(&mut self, queue: &str, limit: Duration) -> Result<Option<Vec<u8>>, AmqpError> {
        let get = Writer::default().u16(0).short_string(queue).u8(0);
        self.publishing.send_method(ISOLATED, id::BASIC_GET, get)?;
        let until = Instant::now() + limit;
        while let Some(frame) = self.next(Side::Publishing, until)? {
            match frame.method()? {
                Some((id::BASIC_GET_OK, _)) => return Ok(Some(frame.payload[4..].to_vec())),
                Some((id::BASIC_GET_EMPTY, _)) => return Ok(None),
                _ => {}
            }
        }
        Err(AmqpError::lost(format!("RabbitMQ did not say in time what is in queue `{queue}`")))
    }

    pub fn acknowledge(&mut self, side: Side, channel: u16, tag: u64) -> Result<(), AmqpError> {
        let fields = Writer::default().u64(tag).u8(0);
        self.connection(side).send_method(channel, id::BASIC_ACK, fields)
    }

    /// The next frame with content of that channel, which has to come now.
    pub fn content(&mut self, side: Side, channel: u16, limit: Duration) -> Result<Frame, AmqpError> {
        let until = Instant::now() + limit;
        loop {
            match self.next(side, until)? {
                Some(frame) if frame.channel == channel => return Ok(frame),
                Some(_) => {}
                None => return Err(AmqpError::lost("RabbitMQ did not send the rest of a message in time")),
            }
        }
    }
}

/// The delivery's tag and routing key, from the fields of `deliver` or `get-ok`.
pub fn tag_and_key(mut fields: Reader<'_>, is_delivery: bool) -> Result<(u64, String), AmqpError> {
    if is_delivery {
        fields.short_string()?;
    }
    let tag = fields.u64()?;
    let (_is_redelivered, _exchange) = (fields.u8()?, fields.short_string()?);
    Ok((tag, fields.short_string()?.to_string()))
}
