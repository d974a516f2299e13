//! The file `.env`: lines of `NAME=value`, whose variables count where the environment has none of that name.

use std::path::Path;

use dotenvy::Error;

/// Reads the file into the environment; a missing one is the ordinary case. The error says what is wrong, and shows no value.
pub fn load(file: &Path) -> Result<(), String> {
    match dotenvy::from_path(file) {
        Err(error) if !error.not_found() => Err(fault(file, &error)),
        _ => Ok(()),
    }
}

/// The library's own words repeat the line or the end of it, which may be a password: it is only looked for in the file.
fn fault(file: &Path, error: &Error) -> String {
    match error {
        Error::LineParse(part, _) => {
            let text = std::fs::read_to_string(file).unwrap_or_default();
            let number = text.find(part.as_str()).map(|at| text[..at].matches('\n').count() + 1);
            let place = number.map_or_else(|| "a line".to_owned(), |number| format!("line {number}"));
            format!(
                "the file .env cannot be read: {place} is not NAME=value; put a value with blanks, quotes, # or $ between single quotes, \
                 for example NAME='value'"
            )
        }
        Error::Io(error) => format!("the file .env cannot be read: {error}"),
        _ => "the file .env cannot be read: a variable has a name or value that no environment can have"
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::load;

    #[test]
    fn a_line_that_cannot_be_read_is_numbered_and_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".env");
        for line in [
            r#"ORDERS_DATABASE_URL=postgresql://a:p a"ge$heim@h/db"#,
            "ORDERS_DATABASE_URL='postgresql://u:geheim@h",
            "export ORDERS_DATABASE_URL=\"geheim",
            "ORDERS_DATABASE_URL = AAAA BBBB geheim",
        ] {
            std::fs::write(&file, format!("WAYBILL_TEST_OF_ENV_FILE=1\n{line}\n")).unwrap();
            let fault = load(&file).unwrap_err();
            assert!(fault.contains("line 2 is not NAME=value"), "{fault}");
            assert!(["heim", "AAAA", "BBBB"].iter().all(|secret| !fault.contains(secret)), "{fault}");
        }
        std::fs::write(&file, "p@ss geheim").unwrap();
        assert!(!load(&file).unwrap_err().contains("geheim"));
        assert_eq!(load(&folder.path().join("missing")), Ok(()));
    }
}
