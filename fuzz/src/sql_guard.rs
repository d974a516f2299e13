//! The refusal of statements that would change a shared session. The second reader is the tokenizer.

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer};
use waybill_postgres::fuzzing::refuse_session_statements;

const REFUSED: [&str; 10] =
    ["BEGIN", "COMMIT", "ROLLBACK", "SET", "RESET", "COPY", "PREPARE", "DISCARD", "LISTEN", "LOCK"];

pub fn check(data: &[u8]) {
    let Ok(sql) = std::str::from_utf8(data) else { return };
    let refused = refuse_session_statements(sql);
    // Spaces and comments before a statement, and semicolons after it, change nothing.
    for same in [format!(" \n{sql}"), format!("/* a /* b */ */{sql}"), format!("-- c\n{sql}")] {
        assert_eq!(refuse_session_statements(&same).is_ok(), refused.is_ok(), "{same:?}");
    }
    if let Err(error) = &refused {
        // The error names the keyword and repeats nothing else of the statement, which may hold a secret.
        assert!(error.to_string().len() < 200, "{error}");
    }
    let Some(word) = first_word(sql) else { return };
    if REFUSED.contains(&word.as_str()) {
        assert!(refused.is_err(), "{sql:?} is {word}");
    }
}

/// The keyword that a statement begins with.
fn first_word(sql: &str) -> Option<String> {
    let tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize().ok()?;
    let first = tokens
        .into_iter()
        .find(|token| !matches!(token, Token::Whitespace(_) | Token::SemiColon | Token::LParen))?;
    match first {
        Token::Word(word) if word.quote_style.is_none() => Some(word.value.to_ascii_uppercase()),
        _ => None,
    }
}
