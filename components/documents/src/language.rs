//! The languages of pages and PDFs, and how amounts, dates and rates are written in them.
//!
//! The data is from CLDR 47 (`common/main/{de,en,es,fr,pt_PT}.xml`), for each language in one region; Portuguese is Portugal's,
//! as its words are. A table of five is a few lines; a library of all languages would be larger than everything else of the
//! component.

use waybill_contracts::{Decimal, minor_unit_digits};

use crate::Date;

/// A language that documents are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
    /// German.
    De,
    /// Spanish.
    Es,
    /// French.
    Fr,
    /// Portuguese, as Portugal has it.
    Pt,
}

/// A no-break space.
const NBSP: char = '\u{a0}';

/// A narrow no-break space.
const NARROW_NBSP: char = '\u{202f}';

impl Language {
    /// The languages that a reader can ask for, by their tags (RFC 5646). English comes first: it is the default.
    pub const TAGS: [&str; 5] = ["en", "de", "es", "fr", "pt"];

    /// The language of a tag; English for a tag that is not in [`Language::TAGS`].
    pub fn of(tag: &str) -> Self {
        match tag {
            "de" => Self::De,
            "es" => Self::Es,
            "fr" => Self::Fr,
            "pt" => Self::Pt,
            _ => Self::En,
        }
    }

    /// The tag of what is written in it.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Es => "es",
            Self::Fr => "fr",
            Self::Pt => "pt-PT",
        }
    }

    /// An amount in minor units without its currency: `1,234.50` of 123450 `EUR`, `5,000` of 5000 `JPY`.
    ///
    /// A currency that is not on the list any more has two digits, as nearly all have.
    pub fn amount(self, amount: i64, currency: &str) -> String {
        self.fixed(amount, minor_unit_digits(currency).unwrap_or(2))
    }

    /// An amount in minor units with its currency: `€1,234.50`, `-€0.50`, `1.234,50 €`, `-0,50 €`.
    pub fn money(self, amount: i64, currency: &str) -> String {
        let (amount, symbol) = (self.amount(amount, currency), self.symbol(currency));
        if self != Self::En {
            return format!("{amount}{NBSP}{symbol}");
        }
        let (sign, digits) = amount.strip_prefix('-').map_or(("", &*amount), |digits| ("-", digits));
        // A code is set apart from the digits, a symbol is not.
        let is_code = symbol.ends_with(char::is_alphabetic);
        if is_code { format!("{sign}{symbol}{NBSP}{digits}") } else { format!("{sign}{symbol}{digits}") }
    }

    /// A price in minor units and parts of them, without its currency: with the digits of the currency, or more where it has more.
    pub fn price(self, price: Decimal, currency: &str) -> String {
        let digits = minor_unit_digits(currency).unwrap_or(2);
        let text = price.shifted(-i32::try_from(digits).unwrap_or(2));
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        // Zeros beyond those of the currency say nothing.
        let needed = fraction.trim_end_matches('0').len().max(digits);
        let fraction = format!("{fraction:0<needed$}");
        self.decimal(&if needed == 0 { whole.to_owned() } else { format!("{whole}.{}", &fraction[..needed]) })
    }

    /// A number that is written with a point.
    pub fn decimal(self, text: &str) -> String {
        let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let mut text = format!("{sign}{}", self.grouped(whole));
        if !fraction.is_empty() {
            text.push(self.decimal_mark());
            text.push_str(fraction);
        }
        text
    }

    /// A rate in basis points: `19%`, `7,5 %`.
    pub fn percent(self, basis_points: Decimal) -> String {
        let rate = basis_points.shifted(-2);
        let rate = self.decimal(rate.trim_end_matches('0').trim_end_matches('.'));
        match self {
            Self::En | Self::Pt => format!("{rate}%"),
            Self::De | Self::Es | Self::Fr => format!("{rate}{NBSP}%"),
        }
    }

    /// A date, with its month in words.
    pub fn date(self, date: Date) -> String {
        let Date { year, day, .. } = date;
        let month = self.months().split(' ').nth(usize::from(date.month) - 1).unwrap_or_default();
        match self {
            Self::En => format!("{month}{NBSP}{day}, {year}"),
            Self::De => format!("{day}.{NBSP}{month} {year}"),
            Self::Fr => format!("{day}{NBSP}{month} {year}"),
            Self::Es | Self::Pt => format!("{day} de {month} de {year}"),
        }
    }

    /// Formats an integer of the smallest unit with this many digits after the decimal mark.
    fn fixed(self, number: i64, digits: usize) -> String {
        // It is padded so that at least one digit stands before the mark.
        let all = format!("{:0>width$}", number.unsigned_abs(), width = digits + 1);
        let (whole, fraction) = all.split_at(all.len() - digits);
        let sign = if number < 0 { "-" } else { "" };
        let mark = if digits == 0 { "" } else { "." };
        self.decimal(&format!("{sign}{whole}{mark}{fraction}"))
    }

    /// Digits in groups of three. Four digits make no group in Spanish and Portuguese.
    fn grouped(self, digits: &str) -> String {
        if digits.len() <= if matches!(self, Self::Es | Self::Pt) { 4 } else { 3 } {
            return digits.to_owned();
        }
        let mut text = String::with_capacity(digits.len() * 2);
        for (index, digit) in digits.char_indices() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                text.push(self.group_mark());
            }
            text.push(digit);
        }
        text
    }

    fn decimal_mark(self) -> char {
        if self == Self::En { '.' } else { ',' }
    }

    fn group_mark(self) -> char {
        match self {
            Self::En => ',',
            Self::Fr => NARROW_NBSP,
            Self::De | Self::Es => '.',
            Self::Pt => NBSP,
        }
    }

    /// The currency's symbol in this language, or its code.
    fn symbol(self, currency: &str) -> &str {
        match (self, currency) {
            (_, "EUR") => "€",
            (Self::En | Self::De | Self::Pt, "GBP") => "£",
            (Self::Fr, "GBP") => "£GB",
            (Self::En | Self::De, "USD") => "$",
            (Self::Fr, "USD") => "$US",
            (Self::Es | Self::Pt, "USD") => "US$",
            (Self::En | Self::De, "JPY") => "¥",
            (Self::Pt, "JPY") => "JP¥",
            (Self::En | Self::De | Self::Pt | Self::Fr, "BRL") => "R$",
            (Self::En | Self::De | Self::Pt, "CAD") => "CA$",
            (Self::Fr, "CAD") => "$CA",
            (Self::En, "AUD") => "A$",
            (Self::De | Self::Pt, "AUD") => "AU$",
            (Self::Fr, "AUD") => "$AU",
            (Self::En | Self::De | Self::Pt, "MXN") => "MX$",
            (Self::Fr, "MXN") => "$MX",
            (Self::En | Self::De | Self::Pt | Self::Fr, "INR") => "₹",
            (Self::En | Self::De | Self::Pt | Self::Fr, "KRW") => "₩",
            (_, code) => code,
        }
    }

    fn months(self) -> &'static str {
        match self {
            Self::En => {
                "January February March April May June July August September October November December"
            }
            Self::De => "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
            Self::Es => {
                "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
            }
            Self::Fr => {
                "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
            }
            Self::Pt => {
                "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_as_the_language_has_it() {
        for (language, currency, text) in [
            (Language::En, "EUR", "€1,234.56"),
            (Language::En, "CHF", "CHF\u{a0}1,234.56"),
            (Language::En, "USD", "$1,234.56"),
            (Language::De, "EUR", "1.234,56\u{a0}€"),
            (Language::De, "CHF", "1.234,56\u{a0}CHF"),
            (Language::Fr, "EUR", "1\u{202f}234,56\u{a0}€"),
            (Language::Fr, "USD", "1\u{202f}234,56\u{a0}$US"),
            (Language::Es, "EUR", "1234,56\u{a0}€"),
            (Language::Es, "USD", "1234,56\u{a0}US$"),
            (Language::Pt, "EUR", "1234,56\u{a0}€"),
            (Language::Pt, "BRL", "1234,56\u{a0}R$"),
        ] {
            assert_eq!(language.money(123_456, currency), text);
        }
        assert_eq!(Language::Es.money(1_234_567, "EUR"), "12.345,67\u{a0}€");
        assert_eq!(Language::Pt.money(1_234_567, "EUR"), "12\u{a0}345,67\u{a0}€");
        assert_eq!(Language::Pt.money(12_300, "EUR"), "123,00\u{a0}€");
        for (language, text) in [(Language::En, "-€5.00"), (Language::De, "-5,00\u{a0}€")] {
            assert_eq!(language.money(-500, "EUR"), text);
        }
        assert_eq!(Language::En.money(-500, "CHF"), "-CHF\u{a0}5.00");
    }

    #[test]
    fn the_mark_stands_where_the_currency_has_it() {
        for (amount, currency, text) in [
            (1, "EUR", "0.01"),
            (10, "EUR", "0.10"),
            (5000, "EUR", "50.00"),
            (123_450, "USD", "1,234.50"),
            (1, "JPY", "1"),
            (5000, "JPY", "5,000"),
            (1, "KWD", "0.001"),
            (1_234_567, "KWD", "1,234.567"),
            (123_456, "CLF", "12.3456"),
            (9_007_199_254_740_991, "EUR", "90,071,992,547,409.91"),
            (100_000, "XXX", "1,000.00"),
        ] {
            assert_eq!(Language::En.amount(amount, currency), text);
        }
    }

    #[test]
    fn a_price_has_the_digits_that_it_needs() {
        for (price, currency, text) in [
            ("1999", "EUR", "19,99"),
            ("28.75", "EUR", "0,2875"),
            ("0.1", "EUR", "0,001"),
            ("10000", "EUR", "100,00"),
            ("123456789.5", "EUR", "1.234.567,895"),
            ("333", "JPY", "333"),
            ("0.5", "JPY", "0,5"),
            ("1", "KWD", "0,001"),
        ] {
            assert_eq!(Language::De.price(price.parse().unwrap(), currency), text);
        }
    }

    #[test]
    fn rates_have_the_digits_that_they_need() {
        for (basis_points, english, german) in [
            ("0", "0%", "0\u{a0}%"),
            ("1900", "19%", "19\u{a0}%"),
            ("750", "7.5%", "7,5\u{a0}%"),
            ("2125", "21.25%", "21,25\u{a0}%"),
            ("1000", "10%", "10\u{a0}%"),
            ("10000", "100%", "100\u{a0}%"),
            ("997.5", "9.975%", "9,975\u{a0}%"),
            ("50", "0.5%", "0,5\u{a0}%"),
            ("0.000001", "0.00000001%", "0,00000001\u{a0}%"),
        ] {
            assert_eq!(Language::En.percent(basis_points.parse().unwrap()), english);
            assert_eq!(Language::De.percent(basis_points.parse().unwrap()), german);
        }
    }

    #[test]
    fn dates_have_their_month_in_words() {
        let dates = Language::TAGS
            .map(|tag| Language::of(tag).date(Date { year: 2026, month: 3, day: 2 }).replace(NBSP, " "));
        assert_eq!(
            dates,
            ["March 2, 2026", "2. März 2026", "2 de marzo de 2026", "2 mars 2026", "2 de março de 2026"]
        );
        for tag in Language::TAGS {
            assert!(Language::of(tag).tag().starts_with(tag));
            assert_eq!(Language::of(tag).months().split(' ').count(), 12);
        }
    }
}
