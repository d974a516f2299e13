//! Lists in pages, newest first.
//!
//! Identifiers are `UUIDv7`, which grow with time, so a page is "the next so many rows below this identifier" and needs the
//! primary key only: the thousandth page costs as much as the first, and rows that are added meanwhile shift nothing.

use serde::Serialize;
use uuid::Uuid;

use crate::Fields;
use crate::rules::{Integer, Text, uuid};

/// Rows of a page by default.
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
    /// The page of the parameters `limit` and `cursor`.
    pub fn new(limit: Option<u8>, cursor: Option<Uuid>) -> Self {
        Self { limit: limit.unwrap_or(DEFAULT_LIMIT), below: cursor.unwrap_or(Uuid::max()) }
    }

    /// Only the rows of the page below this identifier.
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

    /// Removes the extra row from the page, and returns the cursor of the next page if there is one.
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

/// The rule of `limit`.
pub const LIMIT: Integer<u8> = Integer::new(1, MAX_LIMIT).of("an integer", "");

/// The rule of `cursor` in lists by identifier.
pub const CURSOR: Text<Uuid> = Text {
    rule: "must be the nextCursor of an earlier page",
    read: uuid,
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some(crate::rules::UUID_PATTERN)),
};

/// Which page of a list.
#[derive(Debug, Fields)]
pub struct PageQuery {
    /// How many there are on a page, 20 if not given.
    #[rule(LIMIT)]
    limit: Option<u8>,
    /// The `nextCursor` of an earlier page.
    #[rule(CURSOR)]
    cursor: Option<Uuid>,
}

impl From<PageQuery> for PageRequest {
    fn from(query: PageQuery) -> Self {
        Self::new(query.limit, query.cursor)
    }
}

/// Declares a page of a list: `page!(OrdersPage, "A page of orders, newest first.", orders: Order)`.
#[macro_export]
macro_rules! page {
    ($page:ident, $comment:literal, $rows:ident: $row:ty) => {
        #[doc = $comment]
        #[cfg_attr(not(target_family = "wasm"), derive(::utoipa::ToSchema))]
        #[derive(::serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct $page {
            /// The rows of the page.
            $rows: Vec<$row>,
            /// The `cursor` of the next page, if there is one.
            #[cfg_attr(not(target_family = "wasm"), schema(required = true, value_type = Option<String>))]
            next_cursor: $crate::page::NextCursor,
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Problem;
    use crate::fields::Fields as _;

    const ID: &str = "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d";

    fn read(query: &str) -> Result<PageRequest, Vec<String>> {
        match PageQuery::from_query(Some(query)) {
            Ok(page) => Ok(page.into()),
            Err(faults) => {
                Err(Problem::from(faults).errors().iter().map(|error| error.field.to_string()).collect())
            }
        }
    }

    #[test]
    fn a_page_has_20_rows_if_the_client_does_not_say() {
        assert_eq!(read("").unwrap(), PageRequest { limit: 20, below: Uuid::max() });
        let (limit, below) = (1, ID.parse().unwrap());
        assert_eq!(read(&format!("limit=1&cursor={ID}")).unwrap(), PageRequest { limit, below });
        assert_eq!(read("limit=100").unwrap().limit, 100);
    }

    #[test]
    fn a_bad_limit_or_cursor_is_named() {
        for limit in ["0", "101", "256", "-1", "%2B5", "1.0", "1e1", "ten", "", " 5"] {
            assert_eq!(read(&format!("limit={limit}")).unwrap_err(), ["limit"], "{limit}");
        }
        for cursor in ["", "1", "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d'"] {
            assert_eq!(read(&format!("cursor={cursor}")).unwrap_err(), ["cursor"], "{cursor}");
        }
        assert_eq!(read("limit=x&cursor=y").unwrap_err(), ["limit", "cursor"]);
    }

    #[test]
    fn the_row_too_many_is_cut_off_and_makes_the_cursor() {
        let page = read("limit=2").unwrap();
        assert_eq!(page.limit(), 3);
        let mut rows = vec!["c", "b", "a"];
        assert_eq!(page.cut(&mut rows, |row| row), NextCursor(Some("b".into())));
        assert_eq!(rows, ["c", "b"]);
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let page = read("limit=2").unwrap();
        for mut rows in [vec![], vec!["b"], vec!["b", "a"]] {
            assert_eq!(page.cut(&mut rows, |row| row), NextCursor(None));
        }
    }
}
