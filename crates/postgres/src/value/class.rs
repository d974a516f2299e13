//! Which case binds to which types: the table in the docs of [`super::bind`].

use tokio_postgres::types::{Kind, Type};

use super::pg_value::PgValue;

/// What a value is, as far as the choice of types goes.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Class {
    Null,
    Bool,
    Integer,
    Float,
    Numeric,
    Money,
    Text,
    Bytea,
    /// Its own type, and text.
    OrText(&'static [Type]),
    /// Its own type only.
    Only(&'static [Type]),
    /// A type of an extension, known by name.
    Named(&'static str),
    /// Nothing.
    Unbindable,
}

/// The class of a value or of its items, and whether it is an array.
#[allow(clippy::enum_glob_use, reason = "the cases fill the table; the prefix would hide it")]
pub(super) fn class(value: &PgValue) -> (Class, bool) {
    use PgValue::*;
    const JSON_TYPES: &[Type] = &[Type::JSON, Type::JSONB];
    const NETWORKS: &[Type] = &[Type::INET, Type::CIDR];
    const BITS: &[Type] = &[Type::BIT, Type::VARBIT];
    const SNAPSHOTS: &[Type] = &[Type::PG_SNAPSHOT, Type::TXID_SNAPSHOT];
    let one = |class| (class, false);
    let many = |class| (class, true);
    match value {
        Null => one(Class::Null),
        Bool(_) | Boolean(_) => one(Class::Bool),
        BoolArray(_) => many(Class::Bool),
        BigInt(_) | Int8(_) | BigSerial(_) | Serial8(_) | Integer(_) | Int(_) | Int4(_) | Serial(_)
        | Serial4(_) | SmallInt(_) | Int2(_) | SmallSerial(_) | Serial2(_) => one(Class::Integer),
        Int8Array(_) | Int4Array(_) | Int2Array(_) => many(Class::Integer),
        Double(_) | Float8(_) | Real(_) | Float4(_) => one(Class::Float),
        Float8Array(_) | Float4Array(_) => many(Class::Float),
        Numeric(_) | Decimal(_) => one(Class::Numeric),
        NumericArray(_) => many(Class::Numeric),
        Money(_) => one(Class::Money),
        MoneyArray(_) => many(Class::Money),
        Text(_) | Varchar(_) | Char(_) | Name(_) => one(Class::Text),
        TextArray(_) | VarcharArray(_) | CharArray(_) | NameArray(_) => many(Class::Text),
        Bytea(_) => one(Class::Bytea),
        ByteaArray(_) => many(Class::Bytea),
        Uuid(_) => one(Class::OrText(&[Type::UUID])),
        UuidArray(_) => many(Class::OrText(&[Type::UUID])),
        Json(_) | Jsonb(_) => one(Class::OrText(JSON_TYPES)),
        JsonArray(_) | JsonbArray(_) => many(Class::OrText(JSON_TYPES)),
        Xml(_) => one(Class::OrText(&[Type::XML])),
        XmlArray(_) => many(Class::OrText(&[Type::XML])),
        Cidr(_) | Inet(_) => one(Class::OrText(NETWORKS)),
        CidrArray(_) | InetArray(_) => many(Class::OrText(NETWORKS)),
        Bit(_) | BitVarying(_) | Varbit(_) => one(Class::Only(BITS)),
        BitArray(_) | VarbitArray(_) => many(Class::Only(BITS)),
        Int2Vector(_) => one(Class::Only(&[Type::INT2_VECTOR])),
        Int2VectorArray(_) => many(Class::Only(&[Type::INT2_VECTOR])),
        Macaddr(_) => one(Class::Only(&[Type::MACADDR])),
        MacaddrArray(_) => many(Class::Only(&[Type::MACADDR])),
        Macaddr8(_) => one(Class::Only(&[Type::MACADDR8])),
        Macaddr8Array(_) => many(Class::Only(&[Type::MACADDR8])),
        Box(_) => one(Class::Only(&[Type::BOX])),
        BoxArray(_) => many(Class::Only(&[Type::BOX])),
        Circle(_) => one(Class::Only(&[Type::CIRCLE])),
        CircleArray(_) => many(Class::Only(&[Type::CIRCLE])),
        Line(_) => one(Class::Only(&[Type::LINE])),
        LineArray(_) => many(Class::Only(&[Type::LINE])),
        Lseg(_) => one(Class::Only(&[Type::LSEG])),
        LsegArray(_) => many(Class::Only(&[Type::LSEG])),
        Path(_) => one(Class::Only(&[Type::PATH])),
        PathArray(_) => many(Class::Only(&[Type::PATH])),
        Point(_) => one(Class::Only(&[Type::POINT])),
        PointArray(_) => many(Class::Only(&[Type::POINT])),
        Polygon(_) => one(Class::Only(&[Type::POLYGON])),
        PolygonArray(_) => many(Class::Only(&[Type::POLYGON])),
        Date(_) => one(Class::Only(&[Type::DATE])),
        DateArray(_) => many(Class::Only(&[Type::DATE])),
        Interval(_) => one(Class::Only(&[Type::DATE_RANGE])),
        IntervalArray(_) => many(Class::Only(&[Type::DATE_RANGE])),
        Time(_) => one(Class::Only(&[Type::TIME])),
        TimeArray(_) => many(Class::Only(&[Type::TIME])),
        TimeTz(_) => one(Class::Only(&[Type::TIMETZ])),
        TimeTzArray(_) => many(Class::Only(&[Type::TIMETZ])),
        Timestamp(_) => one(Class::Only(&[Type::TIMESTAMP])),
        TimestampArray(_) => many(Class::Only(&[Type::TIMESTAMP])),
        TimestampTz(_) => one(Class::Only(&[Type::TIMESTAMPTZ])),
        TimestampTzArray(_) => many(Class::Only(&[Type::TIMESTAMPTZ])),
        PgLsn(_) => one(Class::Only(&[Type::PG_LSN])),
        PgLsnArray(_) => many(Class::Only(&[Type::PG_LSN])),
        PgSnapshot(_) => one(Class::Only(SNAPSHOTS)),
        TsQuery(_) => one(Class::Only(&[Type::TSQUERY])),
        TsVector(_) => one(Class::Only(&[Type::TS_VECTOR])),
        Hstore(_) => one(Class::Named("hstore")),
        TxidSnapshot(_) => one(Class::Unbindable),
    }
}

fn is_text(ty: &Type) -> bool {
    matches!(*ty, Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN)
        || ty.name() == "citext"
}

/// A domain is bound as the type below it.
pub(super) fn base(ty: &Type) -> &Type {
    match ty.kind() {
        Kind::Domain(base_type) => base(base_type),
        _ => ty,
    }
}

pub(super) fn accepts(class: Class, ty: &Type) -> bool {
    let is_machine_type = matches!(
        *ty,
        Type::BOOL
            | Type::INT2
            | Type::INT4
            | Type::INT8
            | Type::OID
            | Type::FLOAT4
            | Type::FLOAT8
            | Type::BYTEA
    );
    match class {
        Class::Null => true,
        Class::Bool => *ty == Type::BOOL,
        Class::Integer | Class::Float => {
            is_machine_type && !matches!(*ty, Type::BOOL | Type::BYTEA) || *ty == Type::NUMERIC
        }
        Class::Numeric | Class::Money => {
            matches!(*ty, Type::NUMERIC | Type::MONEY | Type::INT2 | Type::INT4 | Type::INT8)
        }
        Class::Text => {
            let is_container = matches!(ty.kind(), Kind::Array(_) | Kind::Composite(_) | Kind::Pseudo);
            is_text(ty) || !is_machine_type && !is_container
        }
        Class::Bytea => *ty == Type::BYTEA,
        Class::OrText(types) => types.contains(ty) || is_text(ty),
        Class::Only(types) => types.contains(ty),
        Class::Named(name) => ty.name() == name,
        Class::Unbindable => false,
    }
}
