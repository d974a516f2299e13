//! Lists in pages, newest first.
//!
//! Identifiers are `UUIDv7`, which grow with time, so a page is "the next so many rows below this identifier" and needs the
//! primary key only: the thousandth page costs as much as the first, and rows that are added meanwhile shift nothing.

use serde::Serialize;
use uuid::Uuid;

use crate::fields::{self, Faults, Rule};

/// How many rows a page has when the client does not say.
pub const DEFAULT_LIMIT: u8 = 20;

/// The most rows that a page has.
pub const MAX_LIMIT: u8 = 100;

/// The page that a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    limit: u8,
    below: Uuid,
}

impl PageRequest {
    /// Reads the parameters `limit` and `cursor`.
    pub fn read(limit: Option<&str>, cursor: Option<&str>, faults: &mut Faults) -> Self {
        let limit = faults.note("limit", limit.map_or(Ok(DEFAULT_LIMIT), read_limit));
        let below = faults.note("cursor", cursor.map_or(Ok(Uuid::max()), read_cursor));
        // After a fault the page is never read.
        Self { limit: limit.unwrap_or(DEFAULT_LIMIT), below: below.unwrap_or(Uuid::max()) }
    }

    /// The same page of the rows below this identifier only.
    #[must_use]
    pub fn before(self, identifier: Uuid) -> Self {
        Self { below: self.below.min(identifier), ..self }
    }

    /// The identifier that is above all rows of the page. For the first page, no row has it.
    pub fn below(&self) -> Uuid {
        self.below
    }

    /// How many rows to read: one more than the page has, which shows whether another page follows.
    pub fn limit(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Takes the row too many off the page and says where the next page begins, if there is one.
    pub fn cut<T>(&self, rows: &mut Vec<T>, id: impl Fn(&T) -> &str) -> NextCursor {
        if rows.len() <= usize::from(self.limit) {
            return NextCursor(None);
        }
        rows.truncate(usize::from(self.limit));
        NextCursor(rows.last().map(|row| id(row).to_owned()))
    }
}

/// The cursor of the next page, or `null`. It is the last row's identifier, but clients shall not rely on that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NextCursor(Option<String>);

fn read_limit(text: &str) -> Result<u8, Rule> {
    const RULE: Rule = "must be an integer from 1 to 100";
    // The parser alone would also take a plus sign.
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(RULE);
    }
    match text.parse() {
        Ok(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        _ => Err(RULE),
    }
}

fn read_cursor(text: &str) -> Result<Uuid, Rule> {
    fields::uuid(text).map_err(|_| "must be the nextCursor of an earlier page")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d";

    fn read(limit: Option<&str>, cursor: Option<&str>) -> Result<PageRequest, Vec<String>> {
        let mut faults = Faults::default();
        let page = PageRequest::read(limit, cursor, &mut faults);
        match faults.refuse_any() {
            Ok(()) => Ok(page),
            Err(problem) => Err(problem.errors().iter().map(|error| error.field.to_string()).collect()),
        }
    }

    #[test]
    fn a_page_has_20_rows_unless_told_otherwise() {
        assert_eq!(read(None, None).unwrap(), PageRequest { limit: 20, below: Uuid::max() });
        assert_eq!(read(Some("1"), Some(ID)).unwrap(), PageRequest { limit: 1, below: ID.parse().unwrap() });
        assert_eq!(read(Some("100"), None).unwrap().limit, 100);
    }

    #[test]
    fn a_bad_limit_or_cursor_is_named() {
        for limit in ["0", "101", "256", "-1", "+5", "1.0", "1e1", "ten", "", " 5"] {
            assert_eq!(read(Some(limit), None).unwrap_err(), ["limit"], "{limit}");
        }
        for cursor in ["", "1", "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d'"] {
            assert_eq!(read(None, Some(cursor)).unwrap_err(), ["cursor"], "{cursor}");
        }
        assert_eq!(read(Some("x"), Some("y")).unwrap_err(), ["limit", "cursor"]);
    }

    #[test]
    fn the_row_too_many_is_cut_off_and_makes_the_cursor() {
        let page = read(Some("2"), None).unwrap();
        assert_eq!(page.limit(), 3);
        let mut rows = vec!["c", "b", "a"];
        assert_eq!(page.cut(&mut rows, |row| row), NextCursor(Some("b".into())));
        assert_eq!(rows, ["c", "b"]);
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let page = read(Some("2"), None).unwrap();
        for mut rows in [vec![], vec!["b"], vec!["b", "a"]] {
            assert_eq!(page.cut(&mut rows, |row| row), NextCursor(None));
        }
    }
}
