//! Which case has which text form.

use std::str::FromStr;

use bytes::{BufMut, BytesMut};
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::literal::{self, Refusal, put};
use super::pg_value::PgValue;
use super::{HashableF64, array, decode_f32, numeric};

/// A `numeric` in text form; for an integer type it must be a whole number, which goes in text form too.
fn number(out: &mut BytesMut, text: &str, ty: &Type) -> Result<(), Refusal> {
    let is_integer = matches!(*ty, Type::INT2 | Type::INT4 | Type::INT8);
    if *ty != Type::MONEY && !numeric::is_valid(text) || is_integer && i64::from_str(text).is_err() {
        return Err(format!("{text:?} is not such a number"));
    }
    out.put_slice(text.as_bytes());
    Ok(())
}

fn uuid(out: &mut BytesMut, text: &str) -> Result<(), Refusal> {
    let uuid = Uuid::try_parse(text).map_err(|error| format!("{text:?} is not a UUID: {error}"))?;
    out.put_slice(uuid.hyphenated().encode_lower(&mut Uuid::encode_buffer()).as_bytes());
    Ok(())
}

/// Any text: checked where the check is cheap, so that the error names the parameter.
fn word(out: &mut BytesMut, text: &[u8], ty: &Type) -> Result<(), Refusal> {
    match (ty, std::str::from_utf8(text)) {
        (_, Err(_)) => return Err("the text is not UTF-8".to_owned()),
        (&Type::UUID, Ok(text)) => return uuid(out, text),
        (&Type::NUMERIC, Ok(text)) => return number(out, text.trim(), ty),
        (_, Ok(text)) if text.contains('\0') => return Err("the text contains a zero byte".to_owned()),
        _ => out.put_slice(text),
    }
    Ok(())
}

fn single(out: &mut BytesMut, value: HashableF64) -> Result<(), Refusal> {
    put!(out, "{:?}", decode_f32(value)?)
}

/// Everything that travels as text. `ty` is the type of the value or, for arrays, of the items.
#[allow(clippy::enum_glob_use, reason = "the cases fill the table; the prefix would hide it")]
#[allow(clippy::too_many_lines, reason = "one line for each case is the shortest way to say it")]
pub(super) fn text(value: &PgValue, ty: &Type, out: &mut BytesMut) -> Result<(), Refusal> {
    use PgValue::*;
    const ROUND: [char; 2] = ['(', ')'];
    const SQUARE: [char; 2] = ['[', ']'];
    match value {
        Text(text) | Name(text) | Json(text) | Jsonb(text) | Xml(text) | Cidr(text) | Inet(text)
        | TsQuery(text) => word(out, text.as_bytes(), ty),
        Varchar((_, text)) | Char((_, text)) => word(out, text, ty),
        TextArray(items) | NameArray(items) | JsonArray(items) | JsonbArray(items) | XmlArray(items)
        | CidrArray(items) | InetArray(items) => {
            array::write(out, items, |out, text| word(out, text.as_bytes(), ty))
        }
        VarcharArray(items) => array::write(out, items, |out, (_, text)| word(out, text, ty)),
        CharArray(items) => array::write(out, items, |out, (_, text)| word(out, text, ty)),
        Uuid(text) => uuid(out, text),
        UuidArray(items) => array::write(out, items, |out, text| uuid(out, text)),
        Numeric(text) | Decimal(text) | Money(text) => number(out, text, ty),
        NumericArray(items) | MoneyArray(items) => {
            array::write(out, items, |out, text| number(out, text, ty))
        }
        BoolArray(items) => array::write(out, items, |out, item| put!(out, "{item}")),
        Int8Array(items) => array::write(out, items, |out, item| put!(out, "{item}")),
        Int4Array(items) => array::write(out, items, |out, item| put!(out, "{item}")),
        Int2Array(items) => array::write(out, items, |out, item| put!(out, "{item}")),
        Float8Array(items) => array::write(out, items, |out, item| literal::float(out, *item)),
        Float4Array(items) => array::write(out, items, |out, item| single(out, *item)),
        ByteaArray(items) => array::write(out, items, |out, item| literal::bytea(out, item)),
        Bit((count, bytes)) => literal::bits(out, *count, bytes),
        BitArray(items) => array::write(out, items, |out, (count, bytes)| literal::bits(out, *count, bytes)),
        BitVarying((count, bytes)) | Varbit((count, bytes)) => literal::varying_bits(out, *count, bytes),
        VarbitArray(items) => {
            array::write(out, items, |out, (count, bytes)| literal::varying_bits(out, *count, bytes))
        }
        Int2Vector(items) => literal::int2_vector(out, items),
        Int2VectorArray(items) => array::write(out, items, |out, item| literal::int2_vector(out, item)),
        Macaddr(address) => literal::mac(out, &<[u8; 6]>::from(address.bytes)),
        MacaddrArray(items) => {
            array::write(out, items, |out, item| literal::mac(out, &<[u8; 6]>::from(item.bytes)))
        }
        Macaddr8(address) => literal::mac(out, &<[u8; 8]>::from(address.bytes)),
        Macaddr8Array(items) => {
            array::write(out, items, |out, item| literal::mac(out, &<[u8; 8]>::from(item.bytes)))
        }
        Point(point) => literal::point(out, *point),
        PointArray(items) => array::write(out, items, |out, item| literal::point(out, *item)),
        Box((low, high)) => literal::points(out, ROUND, &[*high, *low]),
        BoxArray(items) => array::write_separated(out, b';', items, |out, (low, high)| {
            literal::points(out, ROUND, &[*high, *low])
        }),
        Circle((center, radius)) => literal::circle(out, *center, *radius),
        CircleArray(items) => {
            array::write(out, items, |out, (center, radius)| literal::circle(out, *center, *radius))
        }
        Line((start, end)) | Lseg((start, end)) => literal::points(out, SQUARE, &[*start, *end]),
        LineArray(items) | LsegArray(items) => {
            array::write(out, items, |out, (start, end)| literal::points(out, SQUARE, &[*start, *end]))
        }
        Path(points) => literal::points(out, SQUARE, points),
        PathArray(items) => array::write(out, items, |out, item| literal::points(out, SQUARE, item)),
        Polygon(points) => literal::points(out, ROUND, points),
        PolygonArray(items) => array::write(out, items, |out, item| literal::points(out, ROUND, item)),
        Date(date) => literal::date(out, *date),
        DateArray(items) => array::write(out, items, |out, item| literal::date(out, *item)),
        Interval(interval) => literal::interval(out, *interval),
        IntervalArray(items) => array::write(out, items, |out, item| literal::interval(out, *item)),
        Time(time) => literal::time(out, *time),
        TimeArray(items) => array::write(out, items, |out, item| literal::time(out, *item)),
        TimeTz(time) => literal::time_tz(out, time),
        TimeTzArray(items) => array::write(out, items, literal::time_tz),
        Timestamp(timestamp) => literal::timestamp(out, *timestamp),
        TimestampArray(items) => array::write(out, items, |out, item| literal::timestamp(out, *item)),
        TimestampTz(timestamp) => literal::timestamp_tz(out, *timestamp),
        TimestampTzArray(items) => array::write(out, items, |out, item| literal::timestamp_tz(out, *item)),
        PgLsn(lsn) => literal::lsn(out, *lsn),
        PgLsnArray(items) => array::write(out, items, |out, item| literal::lsn(out, *item)),
        PgSnapshot((xmin, xmax, running)) => literal::snapshot(out, *xmin, *xmax, running),
        TsVector(lexemes) => literal::text_search_vector(out, lexemes),
        Hstore(pairs) => literal::hstore(out, pairs),
        // What travels in binary form never comes here.
        _ => Err("it has no text form".to_owned()),
    }
}
