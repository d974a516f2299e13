//! Columns as values.
//!
//! Each type has one case, the one that is named after it (`bigint` gives `int8`, `integer` gives `int4`, `varchar`
//! gives `varchar` without a length, `char(n)` gives `char` with its length in bytes). Beside these:
//!
//! - enums, `citext` and untyped literals give `text`, their arrays `text-array`; `oid` gives `int8`; `void` gives `null`;
//! - `timestamptz` is given at UTC, `timetz` with its offset;
//! - `daterange` gives `interval`, if it has both bounds; a path is given without being open or closed.
//!
//! What has no case that holds it exactly is an error that says to cast the column to text: `interval` (months, days and
//! microseconds), `money` (its decimals are known to the server only), `line`, ranges, composites, arrays with NULLs or
//! more than one dimension.

use std::error::Error;
use std::net::{Ipv4Addr, Ipv6Addr};

use tokio_postgres::types::{FromSql, Kind, Type};

use super::pg_value::PgValue;
use super::wire::{Fault, Wire, text, whole};
use super::{
    Date, HashableF64, Interval, Lexeme, LexemeWeight, MacAddressEui48, MacAddressEui64, Point, array,
    calendar, encode_f32, encode_f64, numeric,
};

impl<'a> FromSql<'a> for PgValue {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        read(ty, raw)
    }

    fn from_sql_null(_: &Type) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self::Null)
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

#[allow(clippy::enum_glob_use, reason = "the cases fill the table; the prefix would hide it")]
fn read(ty: &Type, raw: &[u8]) -> Result<PgValue, Fault> {
    use PgValue::*;
    Ok(match *ty {
        Type::BOOL => Bool(bool(raw)?),
        Type::INT2 => Int2(whole(raw, Wire::i16)?),
        Type::INT4 => Int4(whole(raw, Wire::i32)?),
        Type::INT8 => Int8(whole(raw, Wire::i64)?),
        Type::OID => Int8(whole(raw, Wire::u32)?.into()),
        Type::FLOAT4 => Float4(float4(raw)?),
        Type::FLOAT8 => Float8(whole(raw, float8)?),
        Type::NUMERIC => Numeric(whole(raw, numeric::read)?),
        Type::TEXT | Type::UNKNOWN => Text(text(raw)?),
        Type::VARCHAR => Varchar((None, raw.to_vec())),
        Type::BPCHAR | Type::CHAR => Char(char(raw)?),
        Type::NAME => Name(text(raw)?),
        Type::BYTEA => Bytea(raw.to_vec()),
        Type::UUID => Uuid(uuid(raw)?),
        Type::JSON => Json(text(raw)?),
        Type::JSONB => Jsonb(jsonb(raw)?),
        Type::XML => Xml(text(raw)?),
        Type::DATE => Date(date(raw)?),
        Type::TIME => Time(calendar::time(whole(raw, Wire::i64)?)),
        Type::TIMETZ => TimeTz(whole(raw, |wire| Ok(calendar::time_tz(wire.i64()?, wire.i32()?)))?),
        Type::TIMESTAMP => Timestamp(calendar::timestamp(whole(raw, Wire::i64)?)),
        Type::TIMESTAMPTZ => TimestampTz(calendar::timestamp_tz(whole(raw, Wire::i64)?)),
        Type::DATE_RANGE => Interval(interval(raw)?),
        Type::INET => Inet(network(raw)?),
        Type::CIDR => Cidr(network(raw)?),
        Type::MACADDR => Macaddr(mac(raw)?),
        Type::MACADDR8 => Macaddr8(mac8(raw)?),
        Type::BIT => Bit(whole(raw, bits)?),
        Type::VARBIT => Varbit(whole(raw, bits).map(|(count, bytes)| (Some(count), bytes))?),
        Type::POINT => Point(whole(raw, point)?),
        Type::LSEG => Lseg(whole(raw, |wire| Ok((point(wire)?, point(wire)?)))?),
        Type::BOX => Box(corners(raw)?),
        Type::CIRCLE => Circle(whole(raw, |wire| Ok((point(wire)?, float8(wire)?)))?),
        Type::PATH => Path(path(raw)?),
        Type::POLYGON => Polygon(whole(raw, points)?),
        Type::PG_LSN => PgLsn(whole(raw, Wire::u64)?),
        Type::PG_SNAPSHOT | Type::TXID_SNAPSHOT => PgSnapshot(whole(raw, snapshot)?),
        Type::TS_VECTOR => TsVector(whole(raw, lexemes)?),
        Type::INT2_VECTOR => Int2Vector(array::read(raw, |raw| whole(raw, Wire::i16))?),
        Type::VOID => Null,
        _ => match ty.kind() {
            Kind::Array(item) => read_array(item, raw)?,
            Kind::Enum(_) => Text(text(raw)?),
            Kind::Domain(base) => read(base, raw)?,
            Kind::Simple if ty.name() == "citext" => Text(text(raw)?),
            Kind::Simple if ty.name() == "hstore" => Hstore(whole(raw, hstore)?),
            _ => return Err("no case of the interface holds this type".into()),
        },
    })
}

#[allow(clippy::enum_glob_use, reason = "the cases fill the table; the prefix would hide it")]
fn read_array(item: &Type, raw: &[u8]) -> Result<PgValue, Fault> {
    use PgValue::*;
    Ok(match *item {
        Type::BOOL => BoolArray(array::read(raw, bool)?),
        Type::INT2 => Int2Array(array::read(raw, |raw| whole(raw, Wire::i16))?),
        Type::INT4 => Int4Array(array::read(raw, |raw| whole(raw, Wire::i32))?),
        Type::INT8 => Int8Array(array::read(raw, |raw| whole(raw, Wire::i64))?),
        Type::OID => Int8Array(array::read(raw, |raw| Ok(whole(raw, Wire::u32)?.into()))?),
        Type::FLOAT4 => Float4Array(array::read(raw, float4)?),
        Type::FLOAT8 => Float8Array(array::read(raw, |raw| whole(raw, float8))?),
        Type::NUMERIC => NumericArray(array::read(raw, |raw| whole(raw, numeric::read))?),
        Type::TEXT | Type::UNKNOWN => TextArray(array::read(raw, text)?),
        Type::VARCHAR => VarcharArray(array::read(raw, |raw| Ok((None, raw.to_vec())))?),
        Type::BPCHAR | Type::CHAR => CharArray(array::read(raw, char)?),
        Type::NAME => NameArray(array::read(raw, text)?),
        Type::BYTEA => ByteaArray(array::read(raw, |raw| Ok(raw.to_vec()))?),
        Type::UUID => UuidArray(array::read(raw, uuid)?),
        Type::JSON => JsonArray(array::read(raw, text)?),
        Type::JSONB => JsonbArray(array::read(raw, jsonb)?),
        Type::XML => XmlArray(array::read(raw, text)?),
        Type::DATE => DateArray(array::read(raw, date)?),
        Type::TIME => TimeArray(array::read(raw, |raw| Ok(calendar::time(whole(raw, Wire::i64)?)))?),
        Type::TIMETZ => TimeTzArray(array::read(raw, |raw| {
            whole(raw, |wire| Ok(calendar::time_tz(wire.i64()?, wire.i32()?)))
        })?),
        Type::TIMESTAMP => {
            TimestampArray(array::read(raw, |raw| Ok(calendar::timestamp(whole(raw, Wire::i64)?)))?)
        }
        Type::TIMESTAMPTZ => {
            TimestampTzArray(array::read(raw, |raw| Ok(calendar::timestamp_tz(whole(raw, Wire::i64)?)))?)
        }
        Type::DATE_RANGE => IntervalArray(array::read(raw, interval)?),
        Type::INET => InetArray(array::read(raw, network)?),
        Type::CIDR => CidrArray(array::read(raw, network)?),
        Type::MACADDR => MacaddrArray(array::read(raw, mac)?),
        Type::MACADDR8 => Macaddr8Array(array::read(raw, mac8)?),
        Type::BIT => BitArray(array::read(raw, |raw| whole(raw, bits))?),
        Type::VARBIT => {
            VarbitArray(array::read(raw, |raw| whole(raw, bits).map(|(count, bytes)| (Some(count), bytes)))?)
        }
        Type::POINT => PointArray(array::read(raw, |raw| whole(raw, point))?),
        Type::LSEG => LsegArray(array::read(raw, |raw| whole(raw, |wire| Ok((point(wire)?, point(wire)?))))?),
        Type::BOX => BoxArray(array::read(raw, corners)?),
        Type::CIRCLE => {
            CircleArray(array::read(raw, |raw| whole(raw, |wire| Ok((point(wire)?, float8(wire)?))))?)
        }
        Type::PATH => PathArray(array::read(raw, path)?),
        Type::POLYGON => PolygonArray(array::read(raw, |raw| whole(raw, points))?),
        Type::PG_LSN => PgLsnArray(array::read(raw, |raw| whole(raw, Wire::u64))?),
        Type::INT2_VECTOR => {
            Int2VectorArray(array::read(raw, |raw| array::read(raw, |raw| whole(raw, Wire::i16)))?)
        }
        _ => match item.kind() {
            Kind::Domain(base) => read_array(base, raw)?,
            Kind::Enum(_) => TextArray(array::read(raw, text)?),
            Kind::Simple if item.name() == "citext" => TextArray(array::read(raw, text)?),
            _ => return Err("no case of the interface holds this type".into()),
        },
    })
}

fn bool(raw: &[u8]) -> Result<bool, Fault> {
    Ok(whole(raw, Wire::u8)? != 0)
}

fn float4(raw: &[u8]) -> Result<HashableF64, Fault> {
    Ok(encode_f32(f32::from_bits(whole(raw, Wire::u32)?)))
}

fn float8(wire: &mut Wire<'_>) -> Result<HashableF64, Fault> {
    Ok(encode_f64(f64::from_bits(wire.u64()?)))
}

fn char(raw: &[u8]) -> Result<(u32, Vec<u8>), Fault> {
    Ok((u32::try_from(raw.len())?, raw.to_vec()))
}

fn uuid(raw: &[u8]) -> Result<String, Fault> {
    Ok(uuid::Uuid::from_slice(raw)?.to_string())
}

fn jsonb(raw: &[u8]) -> Result<String, Fault> {
    match raw.split_first() {
        Some((1, json)) => text(json),
        _ => Err("this form of jsonb is unknown".into()),
    }
}

fn date(raw: &[u8]) -> Result<Date, Fault> {
    Ok(calendar::date(whole(raw, Wire::i32)?))
}

fn interval(raw: &[u8]) -> Result<Interval, Fault> {
    const EMPTY_OR_UNBOUNDED: u8 = 0x01 | 0x08 | 0x10;
    const LOWER_INCLUSIVE: u8 = 0x02;
    const UPPER_INCLUSIVE: u8 = 0x04;
    let mut wire = Wire(raw);
    let flags = wire.u8()?;
    if flags & EMPTY_OR_UNBOUNDED != 0 {
        return Err("the range is empty or has no bound on one side".into());
    }
    let mut bound = || date(wire.field()?.ok_or("the range has no bound")?);
    Ok(Interval {
        start: bound()?,
        start_inclusive: flags & LOWER_INCLUSIVE != 0,
        end: bound()?,
        end_inclusive: flags & UPPER_INCLUSIVE != 0,
    })
}

/// `inet` shows its prefix only where it is not the whole address, `cidr` always.
fn network(raw: &[u8]) -> Result<String, Fault> {
    whole(raw, |wire| {
        let [_family, prefix, is_cidr, length] = wire.array()?;
        let (address, full) = match length {
            4 => (Ipv4Addr::from(wire.array::<4>()?).to_string(), 32),
            16 => (Ipv6Addr::from(wire.array::<16>()?).to_string(), 128),
            _ => return Err("the address is neither IPv4 nor IPv6".into()),
        };
        Ok(if is_cidr == 0 && prefix == full { address } else { format!("{address}/{prefix}") })
    })
}

fn mac(raw: &[u8]) -> Result<MacAddressEui48, Fault> {
    Ok(MacAddressEui48 { bytes: whole(raw, Wire::array::<6>)?.into() })
}

fn mac8(raw: &[u8]) -> Result<MacAddressEui64, Fault> {
    Ok(MacAddressEui64 { bytes: whole(raw, Wire::array::<8>)?.into() })
}

fn bits(wire: &mut Wire<'_>) -> Result<(u32, Vec<u8>), Fault> {
    let count = wire.count()?;
    Ok((u32::try_from(count)?, wire.bytes(count.div_ceil(8))?.to_vec()))
}

fn point(wire: &mut Wire<'_>) -> Result<Point, Fault> {
    Ok((float8(wire)?, float8(wire)?))
}

fn points(wire: &mut Wire<'_>) -> Result<Vec<Point>, Fault> {
    let count = wire.count()?;
    // A point has 16 bytes, so a wrong count cannot make this large.
    let mut points = Vec::with_capacity(count.min(wire.0.len() / 16));
    for _ in 0..count {
        points.push(point(wire)?);
    }
    Ok(points)
}

fn path(raw: &[u8]) -> Result<Vec<Point>, Fault> {
    whole(raw, |wire| {
        let _is_closed = wire.u8()?;
        points(wire)
    })
}

/// PostgreSQL sends the upper right corner first.
fn corners(raw: &[u8]) -> Result<(Point, Point), Fault> {
    whole(raw, |wire| {
        let upper_right = point(wire)?;
        Ok((point(wire)?, upper_right))
    })
}

fn snapshot(wire: &mut Wire<'_>) -> Result<(i64, i64, Vec<i64>), Fault> {
    let count = wire.count()?;
    let (xmin, xmax) = (wire.i64()?, wire.i64()?);
    let mut running = Vec::with_capacity(count.min(wire.0.len() / 8));
    for _ in 0..count {
        running.push(wire.i64()?);
    }
    Ok((xmin, xmax, running))
}

/// A word that stands in several places gives one lexeme for each.
fn lexemes(wire: &mut Wire<'_>) -> Result<Vec<Lexeme>, Fault> {
    let mut lexemes = Vec::new();
    for _ in 0..wire.count()? {
        let data = text(wire.terminated()?)?;
        let positions = wire.u16()?;
        if positions == 0 {
            lexemes.push(Lexeme { position: None, weight: None, data: data.clone() });
        }
        for _ in 0..positions {
            let entry = wire.u16()?;
            let weight = match entry >> 14 {
                3 => LexemeWeight::A,
                2 => LexemeWeight::B,
                1 => LexemeWeight::C,
                _ => LexemeWeight::D,
            };
            lexemes.push(Lexeme { position: Some(entry & 0x3FFF), weight: Some(weight), data: data.clone() });
        }
    }
    Ok(lexemes)
}

fn hstore(wire: &mut Wire<'_>) -> Result<Vec<(String, Option<String>)>, Fault> {
    let mut pairs = Vec::new();
    for _ in 0..wire.count()? {
        let key = text(wire.field()?.ok_or("a key is NULL")?)?;
        pairs.push((key, wire.field()?.map(text).transpose()?));
    }
    Ok(pairs)
}
