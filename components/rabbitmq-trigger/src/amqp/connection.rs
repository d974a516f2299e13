//! One connection: opened, kept alive by heartbeats, asked, and read.

use std::sync::Arc;
use std::time::{Duration, Instant};

use amq_protocol_types::{AMQPValue, FieldTable};
use rustls::ClientConfig;
use wasip2::io::poll::Pollable;
use waybill_broker_rules::{BrokerUrl, FRAME_MAX, FRAME_MIN};

use super::error::AmqpError;
use super::frame::{Frame, Kind, OVERHEAD};
use super::method::{Id, id};
use super::reader::Reader;
use super::socket::wait;
use super::stream::Stream;
use super::writer::Writer;

/// How often both sides say that they are alive, in seconds, unless the URL says otherwise. Nothing is said while the component
/// handles a message, and RabbitMQ closes a connection after two such times of silence at the earliest.
const HEARTBEAT_S: u16 = 60;

/// How long RabbitMQ may take no bytes.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

pub struct Connection {
    stream: Stream,
    received: Vec<u8>,
    frame_max: usize,
    heartbeat: Option<Duration>,
    sent_at: Instant,
    heard_at: Instant,
    /// RabbitMQ takes no messages until it has memory or disk again.
    is_blocked: bool,
    /// How long a request may take.
    limit: Duration,
}

impl Connection {
    /// Connects, by TLS if there is a configuration of it, and opens the virtual host.
    pub fn open(
        url: &BrokerUrl,
        tls: Option<&Arc<ClientConfig>>,
        name: &str,
        limit: Duration,
    ) -> Result<Self, AmqpError> {
        let uri = url.uri();
        let limit = uri.query.connection_timeout.map_or(limit, Duration::from_millis);
        let (host, port) = (&uri.authority.host, uri.authority.port);
        let stream = Stream::connect(host, port, tls, Instant::now() + limit)?;
        let heartbeat_s = uri.query.heartbeat.unwrap_or(HEARTBEAT_S);
        let mut connection = Self {
            stream,
            received: Vec::new(),
            frame_max: FRAME_MAX as usize,
            heartbeat: None,
            sent_at: Instant::now(),
            heard_at: Instant::now(),
            is_blocked: false,
            limit,
        };
        connection.send(b"AMQP\x00\x00\x09\x01")?;
        connection.answer(0, id::CONNECTION_START)?;
        let user = &uri.authority.userinfo;
        let response = format!("\0{}\0{}", user.username, user.password);
        let start = Writer::default()
            .table(&client_properties(name))
            .short_string("PLAIN")
            .long_string(response.as_bytes())
            .short_string("en_US");
        connection.send_method(0, id::CONNECTION_START_OK, start)?;
        let tune = connection.answer(0, id::CONNECTION_TUNE)?;
        let mut fields = Reader::new(&tune);
        let (channel_max, frame_max) = (fields.u16()?, fields.u32()?);
        let frame_max = [frame_max, uri.query.frame_max.unwrap_or(0)]
            .into_iter()
            .filter(|bytes| *bytes != 0)
            .fold(FRAME_MAX, u32::min);
        if frame_max < FRAME_MIN {
            return Err(AmqpError::Lost(format!(
                "RabbitMQ takes frames of up to {frame_max} bytes, less than {FRAME_MIN}; raise its `frame_max`"
            )));
        }
        let tuned = Writer::default().u16(channel_max).u32(frame_max).u16(heartbeat_s);
        connection.send_method(0, id::CONNECTION_TUNE_OK, tuned)?;
        connection.frame_max = frame_max as usize;
        connection.heartbeat = (heartbeat_s > 0).then(|| Duration::from_secs(heartbeat_s.into()));
        let open = Writer::default().short_string(&uri.vhost).short_string("").u8(0);
        connection.ask(0, id::CONNECTION_OPEN, open, id::CONNECTION_OPEN_OK)?;
        Ok(connection)
    }

    pub fn open_channel(&mut self, channel: u16) -> Result<(), AmqpError> {
        self.ask(channel, id::CHANNEL_OPEN, Writer::default().short_string(""), id::CHANNEL_OPEN_OK).map(drop)
    }

    /// Closes a channel. What it has not settled goes back.
    pub fn close_channel(&mut self, channel: u16) -> Result<(), AmqpError> {
        let close = Writer::default().u16(200).short_string("OK").u16(0).u16(0);
        match self.ask(channel, id::CHANNEL_CLOSE, close, id::CHANNEL_CLOSE_OK) {
            Ok(_) | Err(AmqpError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sends a request and returns the fields of its answer. Anything else that comes on that channel before is dropped.
    pub fn ask(
        &mut self,
        channel: u16,
        request: Id,
        fields: Writer,
        answer: Id,
    ) -> Result<Vec<u8>, AmqpError> {
        self.send_method(channel, request, fields)?;
        self.answer(channel, answer)
    }

    fn answer(&mut self, channel: u16, wanted: Id) -> Result<Vec<u8>, AmqpError> {
        let until = Instant::now() + self.limit;
        loop {
            match self.frame()? {
                Some(frame) => {
                    let is_wanted = frame.method()?.is_some_and(|(id, _)| id == wanted);
                    if is_wanted && frame.channel == channel {
                        return Ok(frame.payload[4..].to_vec());
                    }
                }
                None if Instant::now() >= until => {
                    let (class, method) = wanted;
                    return Err(AmqpError::lost(format!(
                        "RabbitMQ did not answer in time (AMQP method {class}.{method})"
                    )));
                }
                None => wait(&[&self.readable()], until),
            }
        }
    }

    pub fn send_method(
        &mut self,
        channel: u16,
        (class, number): Id,
        fields: Writer,
    ) -> Result<(), AmqpError> {
        let mut payload = Writer::default().u16(class).u16(number).into_bytes();
        payload.extend(fields.into_bytes());
        self.send_frame(Kind::Method, channel, &payload)
    }

    /// Sends a content header, or a piece of a body, in as many frames as it takes.
    pub fn send_content(&mut self, kind: Kind, channel: u16, payload: &[u8]) -> Result<(), AmqpError> {
        payload.chunks(self.frame_max - OVERHEAD).try_for_each(|piece| self.send_frame(kind, channel, piece))
    }

    fn send_frame(&mut self, kind: Kind, channel: u16, payload: &[u8]) -> Result<(), AmqpError> {
        let mut bytes = Vec::with_capacity(payload.len() + OVERHEAD);
        Frame::write(kind, channel, payload, &mut bytes);
        self.send(&bytes)
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), AmqpError> {
        self.stream.write(bytes, Instant::now() + WRITE_LIMIT)?;
        self.sent_at = Instant::now();
        Ok(())
    }

    /// Says that we are alive, if nothing was sent for that long.
    pub fn beat_after(&mut self, silence: Duration) -> Result<(), AmqpError> {
        if self.heartbeat.is_some() && self.sent_at.elapsed() >= silence {
            self.send_frame(Kind::Heartbeat, 0, &[])?;
        }
        Ok(())
    }

    /// Says that we are alive, when it is time to.
    pub fn beat(&mut self) -> Result<(), AmqpError> {
        self.heartbeat.map_or(Ok(()), |heartbeat| self.beat_after(heartbeat / 2))
    }

    /// When it is time to say so.
    pub fn next_beat(&self) -> Option<Instant> {
        self.heartbeat.map(|heartbeat| self.sent_at + heartbeat / 2)
    }

    /// Counts silence from now on, because nobody has listened before.
    pub fn listen_again(&mut self) {
        self.heard_at = Instant::now();
    }

    pub fn is_blocked(&self) -> bool {
        self.is_blocked
    }

    pub fn readable(&self) -> Pollable {
        self.stream.readable()
    }

    /// The next frame, if it is here. Those about the connection itself are dealt with and passed over.
    pub fn frame(&mut self) -> Result<Option<Frame>, AmqpError> {
        loop {
            let frame = match Frame::take(&mut self.received, self.frame_max)? {
                Some(frame) => frame,
                None if self.receive()? => continue,
                None => return Ok(None),
            };
            if let Some(frame) = self.own(frame)? {
                return Ok(Some(frame));
            }
        }
    }

    /// Whether something has arrived.
    fn receive(&mut self) -> Result<bool, AmqpError> {
        let bytes = self.stream.read()?;
        if bytes.is_empty() {
            let is_silent = |heartbeat: Duration| self.heard_at.elapsed() > heartbeat * 2;
            if self.heartbeat.is_some_and(is_silent) {
                return Err(AmqpError::lost("RabbitMQ has sent nothing for two heartbeats"));
            }
            return Ok(false);
        }
        self.heard_at = Instant::now();
        self.received.extend(bytes);
        Ok(true)
    }

    /// Deals with a frame about the connection or the end of a channel, and returns any other.
    fn own(&mut self, frame: Frame) -> Result<Option<Frame>, AmqpError> {
        if frame.kind == Kind::Heartbeat {
            return Ok(None);
        }
        let Some((method, mut fields)) = frame.method()? else { return Ok(Some(frame)) };
        match method {
            id::CONNECTION_CLOSE => {
                let (code, text) = (fields.u16()?, fields.short_string()?);
                // The connection is lost, whether or not this arrives.
                let _ = self.send_method(0, id::CONNECTION_CLOSE_OK, Writer::default());
                Err(AmqpError::Lost(format!("{text} ({code})")))
            }
            id::CHANNEL_CLOSE => {
                let (code, text) = (fields.u16()?, fields.short_string()?.to_string());
                self.send_method(frame.channel, id::CHANNEL_CLOSE_OK, Writer::default())?;
                Err(AmqpError::Refused { code, text })
            }
            id::CONNECTION_BLOCKED | id::CONNECTION_UNBLOCKED => {
                self.is_blocked = method == id::CONNECTION_BLOCKED;
                Ok(None)
            }
            _ => Ok(Some(frame)),
        }
    }
}

fn client_properties(name: &str) -> FieldTable {
    let mut capabilities = FieldTable::default();
    for capability in [
        "authentication_failure_close",
        "basic.nack",
        "connection.blocked",
        "consumer_cancel_notify",
        "publisher_confirms",
    ] {
        capabilities.insert(capability.into(), AMQPValue::Boolean(true));
    }
    let mut properties = FieldTable::default();
    properties.insert("capabilities".into(), AMQPValue::FieldTable(capabilities));
    for (key, value) in [
        ("connection_name", name),
        ("product", "waybill-rabbitmq-trigger"),
        ("version", env!("CARGO_PKG_VERSION")),
    ] {
        properties.insert(key.into(), AMQPValue::LongString(value.into()));
    }
    properties
}
