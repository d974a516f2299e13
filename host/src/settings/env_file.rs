//! The file `.env`: lines of `NAME=value`, whose variables count where the environment has none of that name.

use std::io::ErrorKind;
use std::path::Path;

use dotenvy::Error;

/// What some editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads the file into the environment; a missing one is the ordinary case. The error says what is wrong, and shows no value.
pub fn load(file: &Path) -> Result<(), String> {
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(fault(&[], &Error::Io(error))),
    };
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&text);
    // The library's own `load` panics at a NUL, and shows the value.
    if let Some(at) = text.iter().position(|byte| *byte == 0) {
        return Err(format!(
            "the file .env cannot be read: line {} has a NUL character; write the line anew, and save the file as UTF-8",
            line(text, at)
        ));
    }
    dotenvy::from_read(text).map_err(|error| fault(text, &error))
}

/// The library's own words repeat the line or the end of it, which may be a password: it is only looked for in the file.
fn fault(text: &[u8], error: &Error) -> String {
    match error {
        Error::LineParse(part, _) => {
            let at = str::from_utf8(text).ok().and_then(|text| text.find(part.as_str()));
            let place = at.map_or_else(|| "a line".to_owned(), |at| format!("line {}", line(text, at)));
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

/// The number of the line that the byte at `at` is in.
fn line(text: &[u8], at: usize) -> usize {
    text.iter().take(at).filter(|byte| **byte == b'\n').count() + 1
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
        // No environment can have a NUL. It is also what every second byte of UTF-16 is.
        for line in [
            "ORDERS_DATABASE_URL='geheim\0'",
            "ORDERS_DATABASE_URL=geheim\0",
            "ORDERS\0=geheim",
            "# \0geheim",
        ] {
            std::fs::write(&file, format!("WAYBILL_TEST_OF_ENV_FILE=1\n{line}\n")).unwrap();
            let fault = load(&file).unwrap_err();
            assert!(fault.contains("line 2 has a NUL character") && !fault.contains("heim"), "{fault}");
        }
        std::fs::write(&file, b"WAYBILL_TEST_OF_ENV_FILE=1\n\xff\xfe=geheim\n").unwrap();
        assert!(!load(&file).unwrap_err().contains("geheim"));
        std::fs::write(&file, "\u{feff}WAYBILL_TEST_OF_ENV_FILE=1\n").unwrap();
        assert_eq!(load(&file), Ok(()));
        std::fs::write(&file, "p@ss geheim").unwrap();
        assert!(!load(&file).unwrap_err().contains("geheim"));
        assert_eq!(load(&folder.path().join("missing")), Ok(()));
    }
}
