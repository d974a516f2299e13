//! Addresses, in the lines in which their country writes them.

pub(crate) use country_names::country_name;
use formats::Format;

mod country_names;
mod formats;

/// The parts of an address below the name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Address<'a> {
    /// Street and number.
    pub street: Option<&'a str>,
    /// A second line, such as a building or a department.
    pub more: Option<&'a str>,
    /// The town.
    pub town: Option<&'a str>,
    /// The state, province or region.
    pub subdivision: Option<&'a str>,
    /// The postal code.
    pub postal_code: Option<&'a str>,
    /// ISO 3166-1, two letters.
    pub country: Option<&'a str>,
}

impl Address<'_> {
    /// The lines without the country's name. A country writes the prefix of its postal codes on mail from abroad only.
    pub fn lines(&self, is_from_abroad: bool) -> Vec<String> {
        let format = Format::of(self.country.unwrap_or_default());
        let street = [self.street, self.more].into_iter().flatten().map(str::to_owned);
        let mut lines = Vec::new();
        if !format.lines.contains('A') {
            lines.extend(street.clone());
        }
        for line in format.lines.split('|') {
            match line {
                "A" => lines.extend(street.clone()),
                line => lines.push(self.line(line, format, is_from_abroad)),
            }
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    /// One line of the format. Text between two parts is written only if both parts exist.
    fn line(&self, line: &str, format: Format, is_from_abroad: bool) -> String {
        let (mut text, mut between) = (String::new(), String::new());
        for char in line.chars() {
            let part = match char {
                'C' => self.town.map(|town| capitals(town, format.is_town_in_capitals)),
                'S' => self.subdivision.map(|part| capitals(part, format.is_subdivision_in_capitals)),
                'Z' => self.postal_code.map(|code| prefixed(code, format.prefix, is_from_abroad)),
                // Puerto Rico's letters are part of what stands between.
                other => {
                    between.push(other);
                    continue;
                }
            };
            if let Some(part) = part {
                if !text.is_empty() {
                    text.push_str(&between);
                }
                text.push_str(&part);
            }
            between.clear();
        }
        text
    }
}

fn capitals(text: &str, is_in_capitals: bool) -> String {
    if is_in_capitals { text.to_uppercase() } else { text.to_owned() }
}

fn prefixed(code: &str, prefix: &str, is_from_abroad: bool) -> String {
    if is_from_abroad && code.starts_with(|first: char| first.is_ascii_digit()) {
        format!("{prefix}{code}")
    } else {
        code.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of an address with these parts: town, subdivision, postal code.
    fn lines(country: &str, [town, subdivision, postal_code]: [&str; 3], is_from_abroad: bool) -> String {
        let part = |text| Some(text).filter(|text: &&str| !text.is_empty());
        let address = Address {
            street: Some("Street 1"),
            more: None,
            town: part(town),
            subdivision: part(subdivision),
            postal_code: part(postal_code),
            country: part(country),
        };
        address.lines(is_from_abroad).join(" / ")
    }

    #[test]
    fn an_address_is_written_as_its_country_does() {
        for (country, parts, expected) in [
            ("DE", ["Köln", "NRW", "50667"], "Street 1 / 50667 Köln"),
            ("US", ["New York", "NY", "10118"], "Street 1 / New York, NY 10118"),
            ("US", ["New York, NY", "", "10118"], "Street 1 / New York, NY 10118"),
            ("CA", ["Ottawa", "ON", "K1A 0B1"], "Street 1 / OTTAWA ON K1A 0B1"),
            ("GB", ["London", "", "SW1A 2AA"], "Street 1 / LONDON / SW1A 2AA"),
            ("AU", ["Sydney", "NSW", "2000"], "Street 1 / SYDNEY NSW 2000"),
            ("FR", ["Paris", "", "75001"], "Street 1 / 75001 PARIS"),
            ("IT", ["Roma", "RM", "00184"], "Street 1 / 00184 ROMA RM"),
            ("JP", ["Chiyoda", "Tokyo", "100-0001"], "Street 1 / Chiyoda, TOKYO / 100-0001"),
            ("HU", ["Budapest", "", "1051"], "BUDAPEST / Street 1 / 1051"),
            ("BR", ["São Paulo", "SP", "01310-000"], "Street 1 / SÃO PAULO-SP / 01310-000"),
            ("TR", ["Kadıköy", "İstanbul", "34710"], "Street 1 / 34710 Kadıköy/İstanbul"),
            ("PR", ["San Juan", "", "00901"], "Street 1 / SAN JUAN PR 00901"),
            ("IE", ["Dublin", "Co. Dublin", "D02 AF30"], "Street 1 / Dublin / Co. Dublin / D02 AF30"),
            ("HK", ["Central", "Hong Kong Island", ""], "Street 1 / Central / HONG KONG ISLAND"),
            ("AO", ["Luanda", "", ""], "Street 1 / Luanda"),
            ("", ["Ort", "", "1"], "Street 1 / 1 Ort"),
        ] {
            assert_eq!(lines(country, parts, false), expected, "{country}");
        }
    }

    #[test]
    fn a_missing_part_leaves_no_separator() {
        for (country, parts, expected) in [
            ("US", ["", "NY", "10118"], "Street 1 / NY 10118"),
            ("US", ["New York", "NY", ""], "Street 1 / New York, NY"),
            ("CO", ["Bogotá", "", "110111"], "Street 1 / Bogotá, 110111"),
            ("TR", ["Kadıköy", "", "34710"], "Street 1 / 34710 Kadıköy"),
            ("MX", ["", "", "06000"], "Street 1 / 06000"),
            ("DE", ["", "", ""], "Street 1"),
        ] {
            assert_eq!(lines(country, parts, false), expected, "{country}");
        }
    }

    #[test]
    fn mail_from_abroad_has_the_prefix_of_the_postal_code() {
        for (country, code, abroad) in [
            ("CH", "3000", "CH-3000 Town"),
            ("LU", "1009", "L-1009 Town"),
            ("LU", "L-1009", "L-1009 Town"),
            ("DE", "10115", "10115 Town"),
        ] {
            assert_eq!(lines(country, ["Town", "", code], true), format!("Street 1 / {abroad}"));
            assert_eq!(lines(country, ["Town", "", code], false), format!("Street 1 / {code} Town"));
        }
    }
}
