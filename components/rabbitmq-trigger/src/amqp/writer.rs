use amq_protocol_types::FieldTable;
use amq_protocol_types::generation::gen_field_table;

/// Writes the fields of a method or of a content header.
#[derive(Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    pub fn u8(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    pub fn u16(mut self, value: u16) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    pub fn u32(mut self, value: u32) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    pub fn u64(mut self, value: u64) -> Self {
        self.0.extend(value.to_be_bytes());
        self
    }

    /// At most 255 bytes, which every name here is (`Settings` checks them, and what RabbitMQ sent is no longer).
    pub fn short_string(mut self, text: &str) -> Self {
        let bytes = &text.as_bytes()[..text.len().min(255)];
        self.0.push(u8::try_from(bytes.len()).unwrap_or(u8::MAX));
        self.0.extend(bytes);
        self
    }

    pub fn long_string(mut self, bytes: &[u8]) -> Self {
        self.0.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        self.0.extend(bytes);
        self
    }

    pub fn table(mut self, table: &FieldTable) -> Self {
        // Writing into a vector cannot fail.
        if let Ok(written) = gen_field_table(table)(Vec::new().into()) {
            self.0.extend(written.write);
        }
        self
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}
