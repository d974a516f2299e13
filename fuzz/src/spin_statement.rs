//! How a statement is run on Spin. The second reader is the tokenizer over what is made of it.

use postgres_on_spin::statement::{Plan, plan, single};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::tokenizer::{Token, Tokenizer};

pub fn check(data: &[u8]) {
    let Ok(sql) = std::str::from_utf8(data) else { return };
    let single = single(sql);
    let plan = plan(sql);
    assert_eq!(single.is_ok(), plan.is_ok() || single.is_ok() && plan.is_err());
    let Ok(text) = single else { return assert!(plan.is_err()) };
    assert!(sql.starts_with(text));
    assert_eq!(postgres_on_spin::statement::single(text), Ok(text));
    let Ok(plan) = plan else { return };
    let (Plan::Rows { statement: made, .. } | Plan::Effect(made)) = &plan;
    let made_tokens = tokens(made).unwrap_or_else(|| panic!("{made} cannot be read"));
    assert_eq!(made_tokens.iter().filter(|token| **token == Token::SemiColon).count(), 0, "{made}");
    assert_eq!(depth(&made_tokens), Some(0), "{made}");
    match &plan {
        Plan::Rows { is_padded: true, .. } => {
            let own = tokens(text).unwrap();
            let added = made_tokens.len() - own.len();
            // Every token of the statement is still there, in its order.
            let mut rest = made_tokens.iter();
            assert!(own.iter().all(|token| rest.any(|other| other == token)), "{made}");
            assert!(added > 40, "{made}");
            // A rewritten statement is a statement, and its names are its own.
            let again = postgres_on_spin::statement::plan(made);
            assert!(matches!(again, Ok(Plan::Rows { is_padded: true, .. })), "{made}: {again:?}");
        }
        Plan::Rows { .. } | Plan::Effect(_) => assert_eq!(made, text),
    }
}

fn tokens(sql: &str) -> Option<Vec<Token>> {
    let mut tokens = Tokenizer::new(&PostgreSqlDialect {}, sql).tokenize().ok()?;
    tokens.retain(|token| !matches!(token, Token::Whitespace(_)));
    Some(tokens)
}

/// The parentheses that are still open at the end; `None` if one closes what is not open.
fn depth(tokens: &[Token]) -> Option<usize> {
    tokens.iter().try_fold(0_usize, |depth, token| match token {
        Token::LParen => Some(depth + 1),
        Token::RParen => depth.checked_sub(1),
        _ => Some(depth),
    })
}
