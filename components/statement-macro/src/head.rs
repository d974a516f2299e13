//! The comment at the top of an SQL file.

/// What the head declares.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The first paragraph.
    pub meaning: String,
    pub parameters: Vec<Field>,
    pub columns: Vec<Field>,
    /// The lines of the head, so that errors in the statement count from the top of the file.
    pub lines: usize,
}

/// A parameter or a column.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub kind: String,
    pub is_nullable: bool,
    pub meaning: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Section {
    Prose,
    Parameters,
    Returns,
}

impl Head {
    /// Splits a file into its head and its statement. An error names the line.
    pub fn read(file: &str) -> Result<(Self, &str), String> {
        let mut head = Self::default();
        let mut section = Section::Prose;
        let mut is_first_paragraph = true;
        let mut statement = file;
        while let Some(line) = statement.strip_prefix("--") {
            let (line, rest) = line.split_once('\n').unwrap_or((line, ""));
            statement = rest;
            head.lines += 1;
            let at_line = |fault: String| format!("{}: {fault}", head.lines);
            section = match line.trim() {
                "" => Section::Prose,
                "Parameters:" => Section::Parameters,
                "Returns:" => Section::Returns,
                text if section == Section::Prose => {
                    if is_first_paragraph {
                        head.meaning.push_str(text);
                        head.meaning.push('\n');
                    }
                    continue;
                }
                text => {
                    let fields = match section {
                        Section::Parameters => &mut head.parameters,
                        _ => &mut head.columns,
                    };
                    let field = Field::read(text).map_err(at_line)?;
                    if fields.iter().any(|other| other.name == field.name) {
                        return Err(at_line(format!("{} is declared twice", field.name)));
                    }
                    fields.push(field);
                    continue;
                }
            };
            is_first_paragraph = false;
        }
        Ok((head, statement))
    }
}

impl Field {
    fn read(line: &str) -> Result<Self, String> {
        let mut words = line.split_whitespace();
        let (Some(name), Some(kind)) = (words.next(), words.next()) else {
            return Err(format!("{line} must have a name and a type"));
        };
        let is_name = name.starts_with(|first: char| first.is_ascii_lowercase())
            && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if !is_name {
            return Err(format!("{name} is not a name in lower case"));
        }
        let mut rest: Vec<_> = words.collect();
        let is_nullable = rest.starts_with(&["or", "null"]);
        if is_nullable {
            rest.drain(..2);
        }
        Ok(Self { name: name.to_owned(), kind: kind.to_owned(), is_nullable, meaning: rest.join(" ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_declares_parameters_and_columns() {
        let file = "-- One order,\n-- as shown.\n--\n-- Why so.\n-- Parameters:\n--   id     uuid\n\
            --   state  text or null  of the order\n-- Returns:\n--   is_there bool\nSELECT\n-- not the head\n1";
        let (head, statement) = Head::read(file).unwrap();
        assert_eq!(statement, "SELECT\n-- not the head\n1");
        assert_eq!((head.meaning.as_str(), head.lines), ("One order,\nas shown.\n", 9));
        let field = |name: &str, kind: &str, is_nullable, meaning: &str| Field {
            name: name.into(),
            kind: kind.into(),
            is_nullable,
            meaning: meaning.into(),
        };
        assert_eq!(
            head.parameters,
            [field("id", "uuid", false, ""), field("state", "text", true, "of the order")]
        );
        assert_eq!(head.columns, [field("is_there", "bool", false, "")]);
    }

    #[test]
    fn an_error_names_its_line() {
        for (file, fault) in [
            ("-- Parameters:\n--   id\nSELECT 1", "2: id must have a name and a type"),
            ("-- Parameters:\n--   Id uuid\nSELECT 1", "2: Id is not a name in lower case"),
            ("-- Parameters:\n--   id uuid\n--   id text\nSELECT 1", "3: id is declared twice"),
        ] {
            assert_eq!(Head::read(file).unwrap_err(), fault);
        }
    }
}
