//! Values as PostgreSQL's input text, for the types whose text form is as good as the binary one.
//!
//! Every writer appends to `out` and fails, with a reason for a person, only on what no server would take.

use bytes::{BufMut, BytesMut};

use super::calendar::{days_in_month, zone};
use super::{
    Date, HashableF64, Interval, Lexeme, LexemeWeight, Offset, Point, Time, TimeTz, Timestamp, TimestampTz,
    decode_f64,
};

/// Why a value has no text form.
pub(super) type Refusal = String;

/// Appends what can be displayed.
macro_rules! put {
    ($out:expr, $($part:tt)+) => {
        std::fmt::Write::write_fmt($out, format_args!($($part)+)).map_err(|error| error.to_string())
    };
}
pub(super) use put;

pub(super) fn float(out: &mut BytesMut, value: HashableF64) -> Result<(), Refusal> {
    put!(out, "{:?}", decode_f64(value)?)
}

pub(super) fn bytea(out: &mut BytesMut, bytes: &[u8]) -> Result<(), Refusal> {
    out.put_slice(b"\\x");
    bytes.iter().try_for_each(|byte| put!(out, "{byte:02x}"))
}

/// One byte of address in hexadecimal, separated by colons.
pub(super) fn mac(out: &mut BytesMut, bytes: &[u8]) -> Result<(), Refusal> {
    bytes
        .iter()
        .enumerate()
        .try_for_each(|(index, byte)| put!(out, "{}{byte:02x}", if index == 0 { "" } else { ":" }))
}

/// `count` bits, the first one in the highest bit of the first byte.
pub(super) fn bits(out: &mut BytesMut, count: u32, bytes: &[u8]) -> Result<(), Refusal> {
    let count = count as usize;
    if count.div_ceil(8) != bytes.len() {
        return Err(format!("{count} bits take {} bytes, not {}", count.div_ceil(8), bytes.len()));
    }
    out.reserve(count);
    for bit in 0..count {
        out.put_u8(b'0' + (bytes[bit / 8] >> (7 - bit % 8) & 1));
    }
    Ok(())
}

/// The same, where the number of bits may be left out: then all of them count.
pub(super) fn varying_bits(out: &mut BytesMut, count: Option<u32>, bytes: &[u8]) -> Result<(), Refusal> {
    let all = || u32::try_from(bytes.len() * 8).map_err(|_| "there are too many bits".to_owned());
    bits(out, count.map_or_else(all, Ok)?, bytes)
}

/// A day without its era, and whether it lies before year 1.
fn day(out: &mut BytesMut, (year, month, day): (i32, u32, u32)) -> Result<bool, Refusal> {
    if !(1..=12).contains(&month) || day == 0 || day > days_in_month(year, month) {
        return Err(format!("there is no day {year}-{month}-{day}"));
    }
    let before = year <= 0;
    let year = if before { 1 - i64::from(year) } else { year.into() };
    put!(out, "{year:04}-{month:02}-{day:02}")?;
    Ok(before)
}

pub(super) fn date(out: &mut BytesMut, date: Date) -> Result<(), Refusal> {
    match date {
        Date::PositiveInfinity => put!(out, "infinity"),
        Date::NegativeInfinity => put!(out, "-infinity"),
        Date::Ymd(ymd) => {
            let before = day(out, ymd)?;
            put!(out, "{}", if before { " BC" } else { "" })
        }
    }
}

pub(super) fn time(out: &mut BytesMut, time: Time) -> Result<(), Refusal> {
    let Time { hour, min, sec, micro } = time;
    if hour > 24 || min > 59 || sec > 60 || micro > 999_999 {
        return Err(format!("there is no time {hour}:{min}:{sec} and {micro} microseconds"));
    }
    put!(out, "{hour:02}:{min:02}:{sec:02}.{micro:06}")
}

pub(super) fn time_tz(out: &mut BytesMut, value: &TimeTz) -> Result<(), Refusal> {
    let zone = value.timesonze.as_str();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-:/_".contains(&byte);
    if zone.is_empty() || !zone.bytes().all(is_plain) {
        return Err("the zone must be an offset such as +02:00, or a name such as UTC".to_owned());
    }
    time(out, value.time)?;
    put!(out, " {zone}")
}

pub(super) fn timestamp(out: &mut BytesMut, value: Timestamp) -> Result<(), Refusal> {
    moment(out, value, None)
}

pub(super) fn timestamp_tz(out: &mut BytesMut, value: TimestampTz) -> Result<(), Refusal> {
    let east_secs = match value.offset {
        Offset::EasternHemisphereSecs(secs) => i64::from(secs),
        Offset::WesternHemisphereSecs(secs) => -i64::from(secs),
    };
    moment(out, value.timestamp, Some(east_secs))
}

fn moment(out: &mut BytesMut, value: Timestamp, east_secs: Option<i64>) -> Result<(), Refusal> {
    let Date::Ymd(ymd) = value.date else { return date(out, value.date) };
    let before = day(out, ymd)?;
    put!(out, " ")?;
    time(out, value.time)?;
    if let Some(secs) = east_secs {
        put!(out, "{}", zone(secs))?;
    }
    put!(out, "{}", if before { " BC" } else { "" })
}

/// A `daterange`: the interface's interval is a span between two days.
pub(super) fn interval(out: &mut BytesMut, value: Interval) -> Result<(), Refusal> {
    put!(out, "{}", if value.start_inclusive { '[' } else { '(' })?;
    date(out, value.start)?;
    put!(out, ",")?;
    date(out, value.end)?;
    put!(out, "{}", if value.end_inclusive { ']' } else { ')' })
}

pub(super) fn point(out: &mut BytesMut, (x, y): Point) -> Result<(), Refusal> {
    put!(out, "(")?;
    float(out, x)?;
    put!(out, ",")?;
    float(out, y)?;
    put!(out, ")")
}

/// Points between brackets of the given kind.
pub(super) fn points(out: &mut BytesMut, [open, close]: [char; 2], points: &[Point]) -> Result<(), Refusal> {
    put!(out, "{open}")?;
    for (index, value) in points.iter().enumerate() {
        if index > 0 {
            put!(out, ",")?;
        }
        point(out, *value)?;
    }
    put!(out, "{close}")
}

pub(super) fn circle(out: &mut BytesMut, center: Point, radius: HashableF64) -> Result<(), Refusal> {
    put!(out, "<")?;
    point(out, center)?;
    put!(out, ",")?;
    float(out, radius)?;
    put!(out, ">")
}

/// The two halves of a log sequence number.
pub(super) fn lsn(out: &mut BytesMut, value: u64) -> Result<(), Refusal> {
    put!(out, "{:X}/{:X}", value >> 32, value & 0xFFFF_FFFF)
}

pub(super) fn snapshot(out: &mut BytesMut, xmin: i64, xmax: i64, running: &[i64]) -> Result<(), Refusal> {
    put!(out, "{xmin}:{xmax}:")?;
    let separated = |(index, id): (usize, &i64)| put!(out, "{}{id}", if index == 0 { "" } else { "," });
    running.iter().enumerate().try_for_each(separated)
}

pub(super) fn int2_vector(out: &mut BytesMut, values: &[i16]) -> Result<(), Refusal> {
    let separated = |(index, value): (usize, &i16)| put!(out, "{}{value}", if index == 0 { "" } else { " " });
    values.iter().enumerate().try_for_each(separated)
}

pub(super) fn text_search_vector(out: &mut BytesMut, lexemes: &[Lexeme]) -> Result<(), Refusal> {
    for Lexeme { position, weight, data } in lexemes {
        put!(out, " '{}'", data.replace('\\', "\\\\").replace('\'', "''"))?;
        match (position, weight) {
            (Some(position), None | Some(LexemeWeight::D)) => put!(out, ":{position}")?,
            (Some(position), Some(weight)) => put!(out, ":{position}{weight:?}")?,
            (None, None) => {}
            (None, Some(_)) => return Err("a lexeme's weight needs a position".to_owned()),
        }
    }
    Ok(())
}

pub(super) fn hstore(out: &mut BytesMut, pairs: &[(String, Option<String>)]) -> Result<(), Refusal> {
    for (index, (key, value)) in pairs.iter().enumerate() {
        if index > 0 {
            put!(out, ",")?;
        }
        quoted(out, key.as_bytes());
        put!(out, "=>")?;
        match value {
            Some(value) => quoted(out, value.as_bytes()),
            None => put!(out, "NULL")?,
        }
    }
    Ok(())
}

/// Text between double quotes, as arrays and `hstore` take it.
pub(super) fn quoted(out: &mut BytesMut, text: &[u8]) {
    out.reserve(text.len() + 2);
    out.put_u8(b'"');
    for byte in text {
        if matches!(byte, b'"' | b'\\') {
            out.put_u8(b'\\');
        }
        out.put_u8(*byte);
    }
    out.put_u8(b'"');
}
