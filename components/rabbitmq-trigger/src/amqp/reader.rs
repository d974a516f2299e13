use amq_protocol_types::ShortString;

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
        let mut text = String::from_utf8_lossy(self.bytes(usize::from(length))?).into_owned();
        // What stands for bytes that are no text may make it longer.
        text.truncate(text.floor_char_boundary(usize::from(u8::MAX)));
        ShortString::try_new(text).map_err(|_| malformed())
    }

    /// The bytes of a table, its length first.
    pub fn table(&mut self) -> Result<&'a [u8], AmqpError> {
        let whole = self.0;
        let length = usize::try_from(self.u32()?).map_err(|_| malformed())?;
        self.bytes(length)?;
        whole.get(..length + 4).ok_or_else(malformed)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_no_utf_8_is_a_text_of_the_same_or_a_lesser_length() {
        let bytes = [&[u8::MAX][..], &[0xff; 255]].concat();
        let text = Reader::new(&bytes).short_string().unwrap();
        assert_eq!(text.as_str(), "\u{fffd}".repeat(85));
        assert!(Reader::new(&bytes[..255]).short_string().is_err());
    }
}
