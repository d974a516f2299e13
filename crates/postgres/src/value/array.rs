//! Arrays, in both directions: written as text, read from the binary form.

use bytes::{BufMut, BytesMut};

use super::literal::{self, Refusal};
use super::wire::{Fault, Wire, whole};

/// Writes `{"…","…"}`. Quotes are always allowed, and a quoted `NULL` is a word.
pub(super) fn write<T>(
    out: &mut BytesMut,
    items: &[T],
    item: impl Fn(&mut BytesMut, &T) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    write_separated(out, b',', items, item)
}

/// The same with another separator: `box` has the semicolon.
pub(super) fn write_separated<T>(
    out: &mut BytesMut,
    separator: u8,
    items: &[T],
    item: impl Fn(&mut BytesMut, &T) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut text = BytesMut::new();
    out.put_u8(b'{');
    for (index, value) in items.iter().enumerate() {
        if index > 0 {
            out.put_u8(separator);
        }
        text.clear();
        item(&mut text, value)?;
        literal::quoted(out, &text);
    }
    out.put_u8(b'}');
    Ok(())
}

/// Reads an array of one dimension without NULLs: the interface's lists hold nothing else.
pub(super) fn read<'a, T>(
    raw: &'a [u8],
    item: impl Fn(&'a [u8]) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    whole(raw, |wire| {
        let dimensions = wire.i32()?;
        let (_has_nulls, _element_type) = (wire.i32()?, wire.u32()?);
        match dimensions {
            0 => return Ok(Vec::new()),
            1 => {}
            _ => return Err("the array has more than one dimension".into()),
        }
        let count = wire.count()?;
        let _lower_bound = wire.i32()?;
        items(wire, count, item)
    })
}

fn items<'a, T>(
    wire: &mut Wire<'a>,
    count: usize,
    item: impl Fn(&'a [u8]) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    // Each item has a length of four bytes, so a wrong count cannot make this large.
    let mut items = Vec::with_capacity(count.min(wire.0.len() / 4));
    for _ in 0..count {
        let raw = wire.field()?.ok_or("the array contains NULL, which a list cannot hold")?;
        items.push(item(raw)?);
    }
    Ok(items)
}
