//! A table, read in pages by its key.

use std::collections::VecDeque;

use tokio_postgres::Row;
use waybill_postgres::Error;

/// Rows that are read at once.
pub(super) const PAGE: i64 = 10_000;

/// The rows of a table in the order of their key, a page in memory at a time.
pub(super) struct Pages<K, T, F> {
    rows: VecDeque<T>,
    after: K,
    ended: bool,
    read: F,
    key: fn(&T) -> K,
}

impl<K: Clone, T, F: AsyncFn(K) -> Result<Vec<T>, Error>> Pages<K, T, F> {
    /// `read` reads the page that follows a key; `first` is a key that is before all others.
    pub(super) fn new(first: K, key: fn(&T) -> K, read: F) -> Self {
        Self { rows: VecDeque::new(), after: first, ended: false, read, key }
    }

    /// The next row, which stays.
    pub(super) async fn peek(&mut self) -> Result<Option<&T>, Error> {
        if self.rows.is_empty() && !self.ended {
            let page = (self.read)(self.after.clone()).await?;
            match page.last() {
                Some(last) => self.after = (self.key)(last),
                None => self.ended = true,
            }
            self.rows = page.into();
        }
        Ok(self.rows.front())
    }

    /// The next row.
    pub(super) async fn next(&mut self) -> Result<Option<T>, Error> {
        self.peek().await?;
        Ok(self.rows.pop_front())
    }
}

/// Reads a column; one of another type is a fault of ours.
pub(super) fn column<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    index: usize,
) -> Result<T, Error> {
    Ok(row.try_get(index)?)
}
