//! Statements that Spin can run.
//!
//! Spin's synchronous `query` never returns when a statement yields no row (4.0 and 4.1). So every statement that may yield
//! none is rewritten to yield one row more than it has, or rather one row when it has none:
//!
//! ```sql
//! WITH spin_rows AS (
//! <the statement>
//! ), spin_numbered AS (SELECT row_number() OVER () AS spin_number, r.* FROM spin_rows AS r)
//! SELECT n.* FROM (SELECT 1) AS one LEFT JOIN spin_numbered AS n ON true ORDER BY n.spin_number
//! ```
//!
//! The row whose first column is null stands for none. A `WITH` of the statement's own stays outermost, because PostgreSQL
//! takes data-modifying parts nowhere else.

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

/// How a statement is run.
#[derive(Debug, PartialEq, Eq)]
pub enum Plan {
    /// By `query`: this statement, which always yields a row.
    Rows {
        /// Its text.
        statement: String,
        /// Whether it was rewritten.
        is_padded: bool,
    },
    /// By `execute`: this statement, which yields none.
    Effect(String),
}

/// What begins a query, which returns rows.
const QUERIES: [&str; 4] = ["SELECT", "VALUES", "TABLE", "("];

/// Statements that return rows if they have a `RETURNING`.
const CHANGES: [&str; 4] = ["INSERT", "UPDATE", "DELETE", "MERGE"];

/// Statements that always return at least one row.
const REPORTS: [&str; 2] = ["SHOW", "EXPLAIN"];

/// Statements that return no row. Any that is in none of these lists is refused: it would change the session, which others share
/// (an open transaction, a setting, a cursor).
const EFFECTS: [&str; 19] = [
    "ALTER",
    "ANALYZE",
    "CALL",
    "CHECKPOINT",
    "CLUSTER",
    "COMMENT",
    "CREATE",
    "DO",
    "DROP",
    "GRANT",
    "IMPORT",
    "NOTIFY",
    "REASSIGN",
    "REFRESH",
    "REINDEX",
    "REVOKE",
    "SECURITY",
    "TRUNCATE",
    "VACUUM",
];

/// How to run a statement; the error says what is wrong with it.
pub fn plan(sql: &str) -> Result<Plan, String> {
    let statement = Statement::read(sql)?;
    let text = || statement.text.to_owned();
    Ok(match statement.kind()? {
        Kind::Query { main } => Plan::Rows { statement: statement.padded(main), is_padded: true },
        Kind::Report => Plan::Rows { statement: text(), is_padded: false },
        Kind::Effect => Plan::Effect(text()),
    })
}

/// The one statement of a text as it stands, without semicolons after it; the error says what is wrong with it.
pub fn single(sql: &str) -> Result<&str, String> {
    let statement = Statement::read(sql)?;
    statement.kind()?;
    Ok(statement.text)
}

/// What a statement yields.
enum Kind {
    /// Rows, perhaps none; the statement itself begins at the token `main`, after its `WITH`.
    Query { main: usize },
    /// At least one row.
    Report,
    /// No row.
    Effect,
}

/// A statement and its tokens, without spaces, comments and semicolons after it.
struct Statement<'a> {
    text: &'a str,
    tokens: Vec<TokenWithSpan>,
}

impl<'a> Statement<'a> {
    fn read(sql: &'a str) -> Result<Self, String> {
        let tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize_with_location();
        let mut tokens = tokens.map_err(|error| format!("the statement cannot be read: {error}"))?;
        tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
        let mut text = sql;
        while let Some(last) = tokens.pop_if(|token| token.token == Token::SemiColon) {
            text = &sql[..offset(sql, last.span.start)];
        }
        if tokens.is_empty() {
            return Err("there is no statement".to_owned());
        }
        if tokens.iter().any(|token| token.token == Token::SemiColon) {
            return Err(
                "these are several statements; Spin runs one at a time, so that they would not be one \
                        transaction"
                    .to_owned(),
            );
        }
        let statement = Self { text, tokens };
        // An unmatched closing parenthesis would end those that are put around the statement.
        if statement.after_parentheses(0, statement.tokens.len()).is_none() {
            return Err("the parentheses do not match".to_owned());
        }
        Ok(statement)
    }

    fn kind(&self) -> Result<Kind, String> {
        let first = self.word(0).unwrap_or_default();
        let main = if first == "WITH" { self.after_with()? } else { 0 };
        let word = self.word(main).unwrap_or_default();
        let word = word.as_str();
        if QUERIES.contains(&word) || CHANGES.contains(&word) && self.has_returning(main) {
            Ok(Kind::Query { main })
        } else if CHANGES.contains(&word) || main == 0 && EFFECTS.contains(&word) {
            Ok(Kind::Effect)
        } else if main == 0 && REPORTS.contains(&word) {
            Ok(Kind::Report)
        } else {
            Err(format!(
                "{word} is not run here: it would change the session, which others share, or is not a statement"
            ))
        }
    }

    /// The keyword at this place, in capitals, or an opening parenthesis; `None` for anything else, such as a quoted name.
    fn word(&self, index: usize) -> Option<String> {
        match &self.tokens.get(index)?.token {
            Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_ascii_uppercase()),
            Token::LParen => Some("(".to_owned()),
            _ => None,
        }
    }

    /// Where the statement itself begins after its `WITH` and all that this defines.
    fn after_with(&self) -> Result<usize, String> {
        let mut index = 1;
        if self.word(index).as_deref() == Some("RECURSIVE") {
            index += 1;
        }
        loop {
            // NAME [(COLUMNS)] AS [[NOT] MATERIALIZED] (STATEMENT)
            index += 1;
            index = self.after_group(index).unwrap_or(index);
            for optional in ["AS", "NOT", "MATERIALIZED"] {
                index += usize::from(self.word(index).as_deref() == Some(optional));
            }
            index = self.after_group(index).ok_or("the statement cannot be read after its WITH")?;
            if matches!(self.word(index).as_deref(), Some("SEARCH" | "CYCLE")) {
                return Err("SEARCH and CYCLE are not taken here; put the WITH into a subquery: \
                            SELECT * FROM (WITH …) AS inner_query"
                    .to_owned());
            }
            match self.tokens.get(index) {
                Some(token) if token.token == Token::Comma => index += 1,
                _ => return Ok(index),
            }
        }
    }

    /// The place after the closing parenthesis that belongs to the opening one at `index`.
    fn after_group(&self, index: usize) -> Option<usize> {
        (self.tokens.get(index)?.token == Token::LParen).then(|| self.after_parentheses(index, index + 1))?
    }

    /// The first place after `at_least` where all parentheses since `start` are closed; `None` if one has no opening one.
    fn after_parentheses(&self, start: usize, at_least: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (index, token) in self.tokens.iter().enumerate().skip(start) {
            match token.token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 && index + 1 >= at_least {
                return Some(index + 1);
            }
        }
        None
    }

    /// Whether the statement that begins at `main` has a `RETURNING` of its own, outside of parentheses.
    fn has_returning(&self, main: usize) -> bool {
        let mut depth = 0_usize;
        (main..self.tokens.len()).any(|index| {
            match self.tokens[index].token {
                Token::LParen => depth += 1,
                Token::RParen => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && self.word(index).as_deref() == Some("RETURNING")
        })
    }

    fn padded(&self, main: usize) -> String {
        let start = if main == 0 { 0 } else { offset(self.text, self.tokens[main].span.start) };
        let (before, statement) = self.text.split_at(start);
        let before = if main == 0 { "WITH".to_owned() } else { format!("{before},") };
        // The lines around it keep a comment at its end from swallowing the parenthesis.
        format!(
            "{before} spin_rows AS (\n{statement}\n), \
             spin_numbered AS (SELECT row_number() OVER () AS spin_number, r.* FROM spin_rows AS r) \
             SELECT n.* FROM (SELECT 1) AS one LEFT JOIN spin_numbered AS n ON true ORDER BY n.spin_number"
        )
    }
}

/// The offset in bytes of a place that the tokenizer gives as line and column, both counted from 1, columns in characters.
fn offset(text: &str, place: Location) -> usize {
    let count = |number: u64| usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines.by_ref().take(count(place.line)).map(str::len).sum();
    let line = lines.next().unwrap_or_default();
    before + line.chars().take(count(place.column)).map(char::len_utf8).sum::<usize>()
}

#[cfg(test)]
mod tests;
