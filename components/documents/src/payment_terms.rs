//! The terms of payment: lines of text, and cash discounts that a program reads.

use std::borrow::Cow;

use waybill_contracts::CashDiscount;

use crate::money::fixed;
use crate::parties::filled;
use crate::{Document, Language};

/// A line of the terms of payment.
#[derive(Debug, PartialEq, Eq)]
pub enum Term<'a> {
    /// In words.
    Text(&'a str),
    /// A cash discount as XRechnung writes it (BR-DE-18).
    Discount(Discount<'a>),
}

/// A cash discount: `#SKONTO#TAGE=14#PROZENT=2.00#`, with `BASISBETRAG=100.00#` where it is on a part of the total.
#[derive(Debug, PartialEq, Eq)]
pub struct Discount<'a> {
    days: u32,
    basis_points: i32,
    base: Option<&'a str>,
    /// What stands between the outer `#`.
    text: Cow<'a, str>,
}

/// The terms of a document; `None` if it has none, and `Err` with the text if a line of it looks like a discount and cannot be read.
pub fn of(document: &Document) -> Option<Result<Vec<Term<'_>>, &str>> {
    let (text, discounts) = document.payment_terms();
    let text = filled(text);
    // Where nothing is due, there is nothing to take a discount off.
    let discounts = discounts.iter().filter(|_| document.due() > 0);
    let mut terms: Vec<Term<'_>> = discounts.map(|it| Term::Discount(Discount::of(*it))).collect();
    if let Some(text) = text {
        match read(text) {
            Some(read) => terms.extend(read),
            None => return Some(Err(text)),
        }
    }
    (!terms.is_empty() || text.is_some()).then_some(Ok(terms))
}

fn read(text: &str) -> Option<Vec<Term<'_>>> {
    let mut terms = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with('#') {
            // Between two there are `# #` or `##`.
            for discount in line.split_inclusive("# ").flat_map(|part| part.split("##")) {
                terms.push(Term::Discount(Discount::read(discount.trim().trim_matches('#'))?));
            }
        } else {
            terms.push(Term::Text(line));
        }
    }
    Some(terms)
}

/// The terms as electronic invoices have them (BT-20): each discount is a line.
pub fn written(terms: &[Term<'_>]) -> String {
    match terms {
        [Term::Text(text)] => (*text).to_owned(),
        terms => terms.iter().map(Term::line).collect(),
    }
}

impl Term<'_> {
    fn line(&self) -> String {
        match self {
            Self::Text(text) => format!("{text}\n"),
            Self::Discount(discount) => format!("#{}#\n", discount.text),
        }
    }

    /// As people read it.
    pub fn in_words(&self, document: &Document, language: Language) -> String {
        match self {
            Self::Text(text) => (*text).to_owned(),
            Self::Discount(Discount { days, basis_points, base, .. }) => {
                let percent = language.percent(i64::from(*basis_points).into());
                let base = base.map(|base| format!(" ({} {})", language.decimal(base), document.currency));
                language.discount(&percent, *days) + &base.unwrap_or_default()
            }
        }
    }
}

impl<'a> Discount<'a> {
    fn of(given: CashDiscount) -> Self {
        let percent = fixed(given.rate_basis_points.into(), 2);
        let text = format!("SKONTO#TAGE={}#PROZENT={percent}", given.days).into();
        Self { days: given.days.unsigned_abs(), basis_points: given.rate_basis_points, base: None, text }
    }

    fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.split('#');
        let days = parts.next().filter(|word| *word == "SKONTO").and(parts.next())?.strip_prefix("TAGE=")?;
        let percent = parts.next()?.strip_prefix("PROZENT=")?;
        let base = parts.next().map(|part| part.strip_prefix("BASISBETRAG=").ok_or(())).transpose().ok()?;
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let is_decimal = |text: &str| {
            let (whole, fraction) = text.split_once('.').unwrap_or(("", ""));
            is_number(whole) && is_number(fraction) && fraction.len() == 2
        };
        let is_readable = is_number(days) && is_decimal(percent) && base.is_none_or(is_decimal);
        if !is_readable || parts.next().is_some() {
            return None;
        }
        let basis_points = percent.replace('.', "").parse().ok()?;
        Some(Self { days: days.parse().ok()?, basis_points, base, text: text.into() })
    }
}

impl Language {
    fn discount(self, percent: &str, days: u32) -> String {
        let counted = |one, more| if days == 1 { one } else { more };
        match self {
            Self::En => format!("{percent} discount for payment within {days} {}", counted("day", "days")),
            Self::De => {
                format!("{percent} Skonto bei Zahlung innerhalb von {days} {}", counted("Tag", "Tagen"))
            }
            Self::Es => format!(
                "{percent} de descuento por pronto pago en un plazo de {days} {}",
                counted("día", "días")
            ),
            Self::Fr => {
                format!("Escompte de {percent} pour paiement sous {days} {}", counted("jour", "jours"))
            }
            Self::Pt => {
                format!("Desconto de {percent} por pagamento no prazo de {days} {}", counted("dia", "dias"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::invoice;

    #[test]
    fn discounts_are_a_line_each() {
        let lines = |text: &str| read(text).map(|terms| written(&terms));
        let one = "#SKONTO#TAGE=14#PROZENT=2.00#";
        assert_eq!(lines(one), Some(format!("{one}\n")));
        let two = "#SKONTO#TAGE=21#PROZENT=1.00#BASISBETRAG=100.00#";
        for between in [" ", "", "\n", "\n \n"] {
            let expected = Some(format!("{one}\n{two}\n"));
            assert_eq!(lines(&format!("{one}{between}{two}")), expected, "{between:?}");
        }
        assert_eq!(lines(&format!("{one}\nsonst netto")), Some(format!("{one}\nsonst netto\n")));
        for text in ["", "2 % in 14 days", "Rechnung #4711"] {
            assert_eq!(lines(text).as_deref(), Some(text));
        }
        for other in [
            "#SKONTO#TAGE=14#",
            "#SKONTO#TAGE=x#PROZENT=2.00#",
            "#SKONTO#TAGE=1#PROZENT=2#",
            "netto\n#SKONTO#",
            "#SKONTO#TAGE=14#PROZENT=2.00# sonst netto",
        ] {
            assert_eq!(lines(other), None, "{other}");
        }
    }

    #[test]
    fn a_discount_is_read_in_words() {
        let terms = "#SKONTO#TAGE=14#PROZENT=2.50#BASISBETRAG=100.00#\nsonst netto";
        let words: Vec<String> =
            read(terms).unwrap().iter().map(|term| term.in_words(&invoice(), Language::De)).collect();
        assert_eq!(
            words,
            ["2,5\u{a0}% Skonto bei Zahlung innerhalb von 14 Tagen (100,00 EUR)", "sonst netto"]
        );
    }
}
