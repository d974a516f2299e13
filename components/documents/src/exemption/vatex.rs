//! What the codes of exemptions stand for (BT-121, the VATEX list): the article of the law.

use crate::Language;

/// The code of French small businesses.
pub const FRANCHISE_CODE: &str = "VATEX-FR-FRANCHISE";

/// The sentence that French small businesses have to print (CGI art. 293 E).
pub const FRANCHISE: &str = "TVA non applicable, article 293 B du CGI";

/// The article by which something is exempt; `None` for a code that names none.
pub fn article(code: &str, language: Language) -> Option<String> {
    if let Some(article) = code.strip_prefix("VATEX-EU-") {
        let (number, parts) = article.split_once('-').unwrap_or((article, ""));
        let is_article = number.bytes().all(|byte| byte.is_ascii_digit());
        return is_article.then(|| language.of_directive(&format!("{number}{}", in_brackets(parts))));
    }
    match code.strip_prefix("VATEX-FR-")? {
        "298SEXDECIESA" => Some("CGI, art. 298 sexdecies A".to_owned()),
        code => {
            let article = code.strip_prefix("CGI")?;
            let (article, paragraph) = article.split_once('-').unwrap_or((article, ""));
            let (number, letter) = article.split_at(article.trim_end_matches(char::is_alphabetic).len());
            let (paragraph, bis) = paragraph.strip_suffix("BIS").map_or((paragraph, ""), |it| (it, " bis"));
            let letter = if letter.is_empty() { String::new() } else { format!(" {letter}") };
            let paragraph = if paragraph.is_empty() { String::new() } else { format!(", {paragraph}{bis}") };
            Some(format!("CGI, art. {number}{letter}{paragraph}"))
        }
    }
}

/// `1I` is paragraph 1, point i: `(1)(i)`.
fn in_brackets(parts: &str) -> String {
    let (paragraph, point) = parts.split_at(parts.trim_end_matches(char::is_alphabetic).len());
    let in_brackets = |part: &str| if part.is_empty() { String::new() } else { format!("({part})") };
    in_brackets(paragraph) + &in_brackets(&point.to_lowercase())
}

impl Language {
    fn of_directive(self, article: &str) -> String {
        match self {
            Self::En => format!("Directive 2006/112/EC, art. {article}"),
            Self::De => format!("Richtlinie 2006/112/EG, Art. {article}"),
            Self::Es => format!("Directiva 2006/112/CE, art. {article}"),
            Self::Fr => format!("directive 2006/112/CE, art. {article}"),
            Self::Pt => format!("Diretiva 2006/112/CE, art. {article}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_names_its_article() {
        for (code, expected) in [
            ("VATEX-EU-132", "Directive 2006/112/EC, art. 132"),
            ("VATEX-EU-132-1I", "Directive 2006/112/EC, art. 132(1)(i)"),
            ("VATEX-EU-135-1", "Directive 2006/112/EC, art. 135(1)"),
            ("VATEX-EU-143-1FA", "Directive 2006/112/EC, art. 143(1)(fa)"),
            ("VATEX-EU-148-A", "Directive 2006/112/EC, art. 148(a)"),
            ("VATEX-EU-79-C", "Directive 2006/112/EC, art. 79(c)"),
            ("VATEX-FR-CGI261-4", "CGI, art. 261, 4"),
            ("VATEX-FR-CGI261A", "CGI, art. 261 A"),
            ("VATEX-FR-CGI261D-1BIS", "CGI, art. 261 D, 1 bis"),
            ("VATEX-FR-CGI275", "CGI, art. 275"),
            ("VATEX-FR-298SEXDECIESA", "CGI, art. 298 sexdecies A"),
        ] {
            assert_eq!(article(code, Language::En).as_deref(), Some(expected), "{code}");
        }
        for code in ["VATEX-EU-F", "VATEX-FR-CNWVAT", "VATEX-FR-FRANCHISE", ""] {
            assert_eq!(article(code, Language::En), None, "{code}");
        }
    }
}
