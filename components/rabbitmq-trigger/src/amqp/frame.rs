use super::error::AmqpError;
use super::method::Id;
use super::reader::Reader;

/// The bytes of a frame around its payload.
pub const OVERHEAD: usize = 8;
const END: u8 = 0xce;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Method,
    Header,
    Body,
    Heartbeat,
}

#[derive(Debug, PartialEq)]
pub struct Frame {
    pub kind: Kind,
    pub channel: u16,
    pub payload: Vec<u8>,
}

impl Frame {
    /// The method, and a reader of its fields, if it is a method.
    pub fn method(&self) -> Result<Option<(Id, Reader<'_>)>, AmqpError> {
        if self.kind != Kind::Method {
            return Ok(None);
        }
        let mut fields = Reader::new(&self.payload);
        Ok(Some(((fields.u16()?, fields.u16()?), fields)))
    }

    /// Takes a complete frame from the beginning of what was received.
    pub fn take(received: &mut Vec<u8>, frame_max: usize) -> Result<Option<Self>, AmqpError> {
        let Some(head) = received.first_chunk::<7>() else { return Ok(None) };
        let &[kind, high, low, size @ ..] = head;
        let kind = match kind {
            1 => Kind::Method,
            2 => Kind::Header,
            3 => Kind::Body,
            8 => Kind::Heartbeat,
            b'A' => return Err(AmqpError::lost("the server speaks another version of AMQP than 0-9-1")),
            _ => return Err(AmqpError::lost("what answers there does not speak AMQP")),
        };
        let size = u32::from_be_bytes(size) as usize;
        if size + OVERHEAD > frame_max {
            return Err(AmqpError::lost(format!("RabbitMQ sent a frame of {size} bytes, more than agreed")));
        }
        if received.len() < size + OVERHEAD {
            return Ok(None);
        }
        if received[size + 7] != END {
            return Err(AmqpError::lost("RabbitMQ sent a frame without its end"));
        }
        let payload = received[7..size + 7].to_vec();
        received.drain(..size + OVERHEAD);
        Ok(Some(Self { kind, channel: u16::from_be_bytes([high, low]), payload }))
    }

    /// Appends a frame with this payload, which is within the size that was agreed.
    pub fn write(kind: Kind, channel: u16, payload: &[u8], into: &mut Vec<u8>) {
        into.push(match kind {
            Kind::Method => 1,
            Kind::Header => 2,
            Kind::Body => 3,
            Kind::Heartbeat => 8,
        });
        into.extend(channel.to_be_bytes());
        into.extend(u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes());
        into.extend(payload);
        into.push(END);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME_MAX: usize = 4096;

    #[test]
    fn a_frame_is_read_as_it_was_written_however_it_arrives() {
        let mut sent = Vec::new();
        Frame::write(Kind::Body, 7, b"abc", &mut sent);
        Frame::write(Kind::Heartbeat, 0, b"", &mut sent);
        let mut received = Vec::new();
        let mut frames = Vec::new();
        for byte in sent {
            received.push(byte);
            frames.extend(Frame::take(&mut received, FRAME_MAX).unwrap());
        }
        let first = Frame { kind: Kind::Body, channel: 7, payload: b"abc".to_vec() };
        assert_eq!(frames, [first, Frame { kind: Kind::Heartbeat, channel: 0, payload: Vec::new() }]);
        assert!(received.is_empty());
    }

    #[test]
    fn what_is_no_frame_is_refused_at_its_first_bytes() {
        for bytes in [
            &b"HTTP/1.1 400 Bad Request"[..],
            b"AMQP\0\0\x09\x01",
            &[3, 0, 1, 255, 255, 255, 255],
            &[8, 0, 0, 0, 0, 0, 0, 1],
        ] {
            assert!(Frame::take(&mut bytes.to_vec(), FRAME_MAX).is_err(), "{bytes:?}");
        }
    }
}
