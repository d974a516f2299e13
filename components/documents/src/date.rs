use std::fmt;

/// A calendar day. Its text is that of RFC 3339, `2026-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// From 0 to 9999.
    pub year: u16,
    /// From 1 to 12.
    pub month: u8,
    /// From 1 to 31.
    pub day: u8,
}

impl Date {
    /// Parses a date, or the date at the beginning of an RFC 3339 timestamp; `None` if the text has none.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.get(..10)?.split('-');
        let [year, month, day] = [parts.next()?, parts.next()?, parts.next()?];
        let date = Self { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        let is_one = parts.next().is_none() && (1..=12).contains(&date.month) && (1..=31).contains(&date.day);
        is_one.then_some(date)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_with_or_without_its_time() {
        let date = Date { year: 2026, month: 1, day: 31 };
        assert_eq!(Date::read("2026-01-31T23:59:59.999Z"), Some(date));
        assert_eq!(Date::read("2026-01-31"), Some(date));
        assert_eq!(date.to_string(), "2026-01-31");
        for text in ["", "2026", "2026-13-01", "2026-00-01", "2026-01-32", "26-01-01-1", "yesterday!"] {
            assert_eq!(Date::read(text), None, "{text}");
        }
    }
}
