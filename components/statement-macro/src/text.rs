//! The names of parameters in a statement's text.

/// Puts `replace(name)` in place of each `:name`, but not in strings, quoted identifiers and comments. `replace` returns `None` for a
/// name that is not declared. An error names the line, counted from `first_line`.
pub fn replace_names(
    sql: &str,
    first_line: usize,
    mut replace: impl FnMut(&str) -> Option<String>,
) -> Result<String, String> {
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let at_line = |fault: &str| {
            let line = first_line + text.matches('\n').count();
            format!("{line}: {fault}")
        };
        let length = match first {
            '\'' => quoted(rest, '\'', is_escape_string(&text)),
            '"' => quoted(rest, '"', false),
            '-' if rest.starts_with("--") => Some(rest.find('\n').unwrap_or(rest.len())),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '$' => match dollar_tag(rest) {
                Some(tag) => rest[tag.len()..].find(tag).map(|end| end + 2 * tag.len()),
                None if rest[1..].starts_with(|next: char| next.is_ascii_digit()) && !ends_in_word(&text) => {
                    return Err(at_line("a parameter has a name, not a number"));
                }
                None => Some(1),
            },
            ':' if rest.starts_with("::") => Some(2),
            ':' => {
                let name = word(&rest[1..]);
                if !name.starts_with(|first: char| first.is_ascii_digit()) && !name.is_empty() {
                    let parameter = replace(name)
                        .ok_or_else(|| at_line(&format!(":{name} is not declared under \"Parameters:\"")))?;
                    text.push_str(&parameter);
                    rest = &rest[1 + name.len()..];
                    continue;
                }
                Some(1)
            }
            _ => Some(first.len_utf8()),
        };
        let length = length.ok_or_else(|| at_line("a string, a quoted name or a comment does not end"))?;
        text.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    Ok(text)
}

/// The length of a string or a quoted identifier. A doubled quote needs no case of its own: it ends one and begins the next.
fn quoted(sql: &str, quote: char, has_escapes: bool) -> Option<usize> {
    let mut characters = sql.char_indices().skip(1);
    while let Some((index, character)) = characters.next() {
        if character == quote {
            return Some(index + 1);
        }
        if has_escapes && character == '\\' {
            characters.next();
        }
    }
    None
}

/// Whether a quote that follows `before` begins a string with backslash escapes: `E'…'`, with no word before the `E`.
fn is_escape_string(before: &str) -> bool {
    before.strip_suffix(['e', 'E']).is_some_and(|before| !ends_in_word(before))
}

fn block_comment(sql: &str) -> Option<usize> {
    let (mut index, mut depth) = (0, 0);
    loop {
        let rest = sql.get(index..)?;
        match (rest.starts_with("/*"), rest.starts_with("*/")) {
            (true, _) => depth += 1,
            (_, true) => depth -= 1,
            _ => {
                index += rest.chars().next()?.len_utf8();
                continue;
            }
        }
        index += 2;
        if depth == 0 {
            return Some(index);
        }
    }
}

/// What begins and ends a string such as `$$…$$` or `$tag$…$tag$`; `None` if the dollar sign is another.
fn dollar_tag(sql: &str) -> Option<&str> {
    let name = word(&sql[1..]);
    let tag = sql.get(..name.len() + 2)?;
    (tag.ends_with('$') && !name.starts_with(|first: char| first.is_ascii_digit())).then_some(tag)
}

/// The word that the text begins with, which may be empty.
fn word(text: &str) -> &str {
    let length = text.find(|next: char| !is_in_word(next)).unwrap_or(text.len());
    &text[..length]
}

fn ends_in_word(text: &str) -> bool {
    text.ends_with(is_in_word)
}

fn is_in_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(sql: &str) -> Result<String, String> {
        replace_names(sql, 5, |name| match name {
            "id" => Some("$1".to_owned()),
            "order_id" => Some("$2".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn names_become_parameters() {
        for (sql, expected) in [
            ("SELECT :id, (:order_id)::text, :id", "SELECT $1, ($2)::text, $1"),
            ("a >=:id AND b = :id::uuid", "a >=$1 AND b = $1::uuid"),
            (":id", "$1"),
        ] {
            assert_eq!(replaced(sql).unwrap(), expected);
        }
    }

    #[test]
    fn what_is_no_parameter_stays() {
        for sql in [
            "'a :b' 'it''s :b' \":b\" \"a\"\":b\"",
            r"E'\' :b' 'c:\' e'\\:b'",
            "1 -- :b's\n+ 2",
            "/* :b /* :c */ ' :d */ 1",
            "$$ :b ' $$ $tag$ :b $$ :c $tag$",
            "x::text a[1:2] b := 1 x$1 'ü :b' ü",
        ] {
            assert_eq!(replaced(sql).unwrap(), sql);
        }
    }

    #[test]
    fn an_error_names_its_line() {
        for (sql, fault) in [
            ("SELECT\n:b", "6: :b is not declared under \"Parameters:\""),
            ("SELECT $1", "5: a parameter has a name, not a number"),
            ("SELECT 'a\n:id", "5: a string, a quoted name or a comment does not end"),
            ("/* /* */ :id", "5: a string, a quoted name or a comment does not end"),
            ("$a$ :id", "5: a string, a quoted name or a comment does not end"),
        ] {
            assert_eq!(replaced(sql).unwrap_err(), fault, "{sql}");
        }
    }
}
