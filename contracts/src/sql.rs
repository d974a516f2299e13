//! What crosses the SQL link between a component and its host: the types of values, the texts of errors, and the settings of a session.
//!
//! | value | `pg-value` | parameter type | column types |
//! | --- | --- | --- | --- |
//! | [`SqlValue::Null`] | `null` | any | any of those below |
//! | [`SqlValue::Bool`] | `bool`, `boolean` | `boolean` | `boolean` |
//! | [`SqlValue::Int2`] | `int2`, `small-int` | `smallint` | `smallint` |
//! | [`SqlValue::Int4`] | `int4`, `int`, `integer` | `integer` | `integer` |
//! | [`SqlValue::Int8`] | `int8`, `big-int` | `bigint` | `bigint` |
//! | [`SqlValue::Text`] | `text` | `text`, `varchar`, `char(n)` | `text`, `varchar`, `char(n)` |
//! | [`SqlValue::Uuid`] | `uuid` | `uuid` | `uuid` |
//!
//! A link refuses every other type with a sentence that names the type and the cast. PostgreSQL's text form of a type is exact
//! and the same on every host, so a statement casts what it needs, for example `CAST(CAST($1 AS text) AS jsonb)`.
//!
//! Each host generates its own types from the WIT; [`sql_link_types!`](crate::sql_link_types) converts between them and these.

mod failure;
mod fault;
mod session;
mod value;

pub use failure::{QueryFailure, Unexpected};
pub use fault::SqlFault;
pub use session::SESSION_SETTINGS;
pub use value::{SqlValue, UnsupportedCase, parameters, refused_column};
