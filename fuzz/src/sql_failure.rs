//! The errors of the SQL link. The first line is an SQLSTATE or not, the rest a message; and the whole is a text that came from
//! anywhere.

use postgres_on_spin::bindings::spin::postgres::postgres::{Error, QueryError};
use postgres_on_spin::error::{failure, is_full};
use waybill_contracts::sql::{QueryFailure, Unexpected};

pub fn check(data: &[u8]) {
    let Some((text, first, rest)) = crate::input::parts(data) else { return };
    read(text);
    written(first, rest);
    // Any text means something; what is not known means that the database is unavailable.
    failure(Error::QueryFailed(QueryError::Text(text.to_owned())));
    is_full(&Error::ConnectionFailed(text.to_owned()));
    assert!(failure(Error::ConnectionFailed(text.to_owned())).is_unavailable());
}

/// Writing what was read, and reading it again, is the same.
fn read(text: &str) {
    let parsed = Unexpected::parse(text);
    let written = parsed.to_string();
    assert_eq!(Unexpected::parse(&written), parsed, "{text:?} is written as {written:?}");
}

/// What a host writes of a refusal is what a component reads.
fn written(sqlstate: &str, message: &str) {
    let is_sqlstate = sqlstate.len() == 5 && sqlstate.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_sqlstate {
        assert!(QueryFailure::unavailable(sqlstate).is_unavailable());
        return;
    }
    for constraint in [None, Some("one_per_order")] {
        if let QueryFailure::Unexpected(text) = QueryFailure::refused(sqlstate, message, constraint)
            && let Some(constraint) = constraint
            && !QueryFailure::Unexpected(text.clone()).is_unavailable()
        {
            let parsed = Unexpected::parse(&text);
            assert_eq!(parsed.violates(constraint), sqlstate.starts_with("23"), "{text}");
        }
    }
}
