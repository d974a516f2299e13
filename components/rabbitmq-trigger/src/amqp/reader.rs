use amq_protocol_types::parsing::parse_field_table;
use amq_protocol_types::{FieldTable, ShortString};

use super::error::AmqpError;

/// Reads the fields of a method or of a content header. A field that is not complete loses the connection.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub fn u8(&mut self) -> Result<u8, AmqpError> {
        self.array().map(u8::from_be_bytes)
    }

    pub fn u16(&mut self) -> Result<u16, AmqpError> {
        self.array().map(u16::from_be_bytes)
    }

    pub fn u32(&mut self) -> Result<u32, AmqpError> {
        self.array().map(u32::from_be_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, AmqpError> {
        self.array().map(u64::from_be_bytes)
    }

    pub fn short_string(&mut self) -> Result<ShortString, AmqpError> {
        let length = self.u8()?;
        let text = String::from_utf8_lossy(self.bytes(usize::from(length))?).into_owned();
        // Replaced characters may make it too long.
        ShortString::try_new(text).map_err(|_| malformed())
    }

    pub fn table(&mut self) -> Result<FieldTable, AmqpError> {
        let (rest, table) = parse_field_table(self.0).map_err(|_| malformed())?;
        self.0 = rest;
        Ok(table)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], AmqpError> {
        self.bytes(N)?.try_into().map_err(|_| malformed())
    }

    fn bytes(&mut self, count: usize) -> Result<&'a [u8], AmqpError> {
        let (bytes, rest) = self.0.split_at_checked(count).ok_or_else(malformed)?;
        self.0 = rest;
        Ok(bytes)
    }
}

fn malformed() -> AmqpError {
    AmqpError::lost("RabbitMQ sent a frame that cannot be read")
}
