//! Reading PostgreSQL's binary forms: a cursor over one value's bytes.

/// Why a value could not be read.
pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// The bytes that have not been read yet.
#[derive(Clone, Copy)]
pub(super) struct Wire<'a>(pub(super) &'a [u8]);

impl<'a> Wire<'a> {
    /// The next `count` bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let (head, rest) = self.0.split_at_checked(count).ok_or("the value is shorter than its type")?;
        self.0 = rest;
        Ok(head)
    }

    /// The next bytes as an array.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (head, rest) = self.0.split_first_chunk().ok_or("the value is shorter than its type")?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Fault> {
        self.array().map(|[byte]| byte)
    }

    pub(super) fn i16(&mut self) -> Result<i16, Fault> {
        self.array().map(i16::from_be_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Fault> {
        self.array().map(u16::from_be_bytes)
    }

    pub(super) fn i32(&mut self) -> Result<i32, Fault> {
        self.array().map(i32::from_be_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        self.array().map(u32::from_be_bytes)
    }

    pub(super) fn i64(&mut self) -> Result<i64, Fault> {
        self.array().map(i64::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        self.array().map(u64::from_be_bytes)
    }

    /// A count or length, which is never negative.
    pub(super) fn count(&mut self) -> Result<usize, Fault> {
        usize::try_from(self.i32()?).map_err(|_| "the value has a negative length".into())
    }

    /// A length and so many bytes; a length of -1 is NULL.
    pub(super) fn field(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        match self.i32()? {
            -1 => Ok(None),
            length => {
                let length = usize::try_from(length).map_err(|_| "the value has a negative length")?;
                self.bytes(length).map(Some)
            }
        }
    }

    /// The bytes up to the next zero, which is read too.
    pub(super) fn terminated(&mut self) -> Result<&'a [u8], Fault> {
        let end = self.0.iter().position(|byte| *byte == 0).ok_or("the text has no end")?;
        let text = self.bytes(end)?;
        self.bytes(1)?;
        Ok(text)
    }

    /// Fails when something is left: the value is not what it was taken for.
    pub(super) fn end(self) -> Result<(), Fault> {
        if self.0.is_empty() { Ok(()) } else { Err("the value is longer than its type".into()) }
    }
}

/// Reads one whole value.
pub(super) fn whole<'a, T>(
    raw: &'a [u8],
    read: impl FnOnce(&mut Wire<'a>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let mut wire = Wire(raw);
    let value = read(&mut wire)?;
    wire.end()?;
    Ok(value)
}

/// Text, which tokio-postgres has made sure is UTF-8 on both ends.
pub(super) fn text(raw: &[u8]) -> Result<String, Fault> {
    Ok(std::str::from_utf8(raw)?.to_owned())
}
