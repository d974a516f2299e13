//! Content negotiation by the headers `Accept` and `Accept-Language` (RFC 9110, section 12.5).

use http::HeaderMap;
use http::header::{ACCEPT, ACCEPT_LANGUAGE};

/// The offered media type that the client prefers; among equals, the first offered. `None` if it accepts none of them. Without
/// the header everything is accepted.
pub fn preferred(headers: &HeaderMap, offers: &[&'static str]) -> Option<&'static str> {
    let ranges: Vec<Range> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| split(value, ','))
        .filter_map(Range::read)
        .collect();
    if ranges.is_empty() {
        return offers.first().copied();
    }
    let mut best = None;
    let mut best_weight = 0;
    for offer in offers {
        let weight = weight_of(offer, &ranges);
        if weight > best_weight {
            (best, best_weight) = (Some(*offer), weight);
        }
    }
    best
}

/// The offered language that the client prefers, found by lookup (RFC 4647, section 3.4): a region is ignored, so a client that
/// asks for `de-AT` gets `de`. If none matches, the first offered: a text in another language is better than none.
pub fn preferred_language(headers: &HeaderMap, offers: &[&'static str]) -> &'static str {
    let first = offers.first().copied().unwrap_or_default();
    let mut best = first;
    let mut best_weight = 0;
    let values = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    for (range, weight) in values.flat_map(|value| split(value, ',')).filter_map(weighted) {
        let language = range.split('-').next().unwrap_or_default();
        let offer = match language {
            "*" => Some(first),
            language => offers.iter().copied().find(|offer| offer.eq_ignore_ascii_case(language)),
        };
        if let Some(offer) = offer.filter(|_| weight > best_weight) {
            (best, best_weight) = (offer, weight);
        }
    }
    best
}

/// The parameters of each media range that names a media type, the preferred first.
pub fn ranges_of<'a>(headers: &'a HeaderMap, media_type: &str) -> Vec<Parameters<'a>> {
    let values = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut found: Vec<(u16, Parameters)> = values
        .flat_map(|value| split(value, ','))
        .filter_map(|element| {
            let range = Range::read(element)?;
            let is_named = range.closeness(media_type) == Some(2) && range.weight > 0;
            is_named.then_some((range.weight, Parameters(element)))
        })
        .collect();
    // The sort is stable: ranges of equal weight keep their order.
    found.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    found.into_iter().map(|(_, parameters)| parameters).collect()
}

/// The parameters of a media range, such as `charset=utf-8`.
#[derive(Clone, Copy, Debug)]
pub struct Parameters<'a>(&'a str);

impl<'a> Parameters<'a> {
    /// The value of a parameter, without quotation marks.
    pub fn get(self, name: &str) -> Option<&'a str> {
        split(self.0, ';').skip(1).find_map(|parameter| {
            let (own, value) = parameter.split_once('=')?;
            own.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
        })
    }
}

/// Splits at a separator, but for those within quoted strings (RFC 9110, section 5.6.4).
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |letter| {
        is_quoted ^= letter == '"' && !is_escaped;
        is_escaped = is_quoted && letter == '\\' && !is_escaped;
        letter == separator && !is_quoted
    })
}

/// Splits an element of a header into its value and its weight in thousandths; `None` if the weight is malformed.
fn weighted(element: &str) -> Option<(&str, u16)> {
    let mut parts = split(element, ';').map(str::trim);
    let range = parts.next()?;
    let weight = parts
        .find_map(|parameter| parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")))
        .map_or(Some(1000), read_weight)?;
    Some((range, weight))
}

/// One element of the header: a media range and its weight in thousandths.
struct Range<'a> {
    media_range: &'a str,
    weight: u16,
}

impl<'a> Range<'a> {
    fn read(element: &'a str) -> Option<Self> {
        let (media_range, weight) = weighted(element).filter(|(range, _)| range.contains('/'))?;
        Some(Range { media_range, weight })
    }

    /// How closely the range describes a media type: 2 by name, 1 by `type/*`, 0 by `*/*`.
    fn closeness(&self, media_type: &str) -> Option<u8> {
        if self.media_range.eq_ignore_ascii_case(media_type) {
            return Some(2);
        }
        let (kind, "*") = self.media_range.split_once('/')? else { return None };
        match kind {
            "*" => Some(0),
            kind if media_type.split('/').next().is_some_and(|own| own.eq_ignore_ascii_case(kind)) => Some(1),
            _ => None,
        }
    }
}

/// The weight that the closest range gives to a media type; 0 is "not acceptable".
fn weight_of(media_type: &str, ranges: &[Range]) -> u16 {
    ranges
        .iter()
        .filter_map(|range| Some((range.closeness(media_type)?, range.weight)))
        .max()
        .map_or(0, |(_, weight)| weight)
}

/// `0`, `0.5`, `1.000`: at most three digits after the point. Parsed without floats, which would enlarge the component.
fn read_weight(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = "application/json";
    const HTML: &str = "text/html";

    fn preferred_of(accept: &[&str]) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for value in accept {
            headers.append(ACCEPT, value.parse().unwrap());
        }
        preferred(&headers, &[JSON, HTML])
    }

    #[test]
    fn the_first_offer_is_the_default() {
        for accept in [&[][..], &[""], &["*/*"], &["application/*, text/*"], &["text/html, application/json"]]
        {
            assert_eq!(preferred_of(accept), Some(JSON), "{accept:?}");
        }
    }

    #[test]
    fn a_browser_gets_a_page() {
        let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8";
        assert_eq!(preferred_of(&[accept]), Some(HTML));
        assert_eq!(preferred_of(&["Text/HTML"]), Some(HTML));
        assert_eq!(preferred_of(&["text/*"]), Some(HTML));
        assert_eq!(preferred_of(&["text/html; charset=utf-8"]), Some(HTML));
    }

    #[test]
    fn weights_decide() {
        assert_eq!(preferred_of(&["application/json;q=0.5, text/html;q=0.51"]), Some(HTML));
        assert_eq!(preferred_of(&["application/json; q=0.999", "text/html;q=1.000"]), Some(HTML));
        assert_eq!(preferred_of(&["text/html;q=0.2, */*;q=0.1"]), Some(HTML));
    }

    #[test]
    fn the_closest_range_decides_the_weight() {
        assert_eq!(preferred_of(&["*/*, application/json;q=0"]), Some(HTML));
        assert_eq!(preferred_of(&["application/json;q=0.1, application/*, text/html;q=0.5"]), Some(HTML));
        assert_eq!(preferred_of(&["text/html;q=0, */*"]), Some(JSON));
    }

    #[test]
    fn what_is_not_accepted_is_not_offered() {
        for accept in ["image/png", "application/json;q=0, text/html;q=0.0", "*/*;q=0", "text/plain"] {
            assert_eq!(preferred_of(&[accept]), None, "{accept}");
        }
    }

    #[test]
    fn a_malformed_element_is_passed_over() {
        assert_eq!(preferred_of(&["application/json;q=2, html, text/html;q=0.1"]), Some(HTML));
        assert_eq!(preferred_of(&["application/json;q=0.1234, text/html;q=0.1"]), Some(HTML));
    }

    #[test]
    fn the_ranges_of_a_media_type_have_their_parameters() {
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT, "text/html;a=1;q=0.1, application/json;a=2, text/html;q=0".parse().unwrap());
        headers.append(ACCEPT, "*/*;a=3, TEXT/html; A=\"4\" ;q=0.2".parse().unwrap());
        let values: Vec<_> = ranges_of(&headers, HTML).iter().map(|range| range.get("a")).collect();
        assert_eq!(values, [Some("4"), Some("1")]);
        assert_eq!(ranges_of(&headers, HTML)[0].get("b"), None);
    }

    #[test]
    fn a_quoted_string_is_not_split() {
        let quoted = r#"text/html;a="x;q=0, application/json;\"y";q=0.7"#;
        assert_eq!(preferred_of(&[quoted]), Some(HTML));
        assert_eq!(preferred_of(&[quoted, "application/json;q=0.6"]), Some(HTML));
        assert_eq!(preferred_of(&[r#"text/html;a="b\\", application/json;q=0.6"#]), Some(HTML));
        let mut headers = HeaderMap::new();
        headers.append(ACCEPT, r#"text/html;a="x;y=1,z";y=2"#.parse().unwrap());
        let range = ranges_of(&headers, HTML)[0];
        assert_eq!((range.get("a"), range.get("y")), (Some("x;y=1,z"), Some("2")));
    }

    #[test]
    fn the_preferred_language_is_chosen() {
        for (accept, language) in [
            ("", "en"),
            ("de", "de"),
            ("de-AT", "de"),
            ("DE-at, en;q=0.9", "de"),
            ("nl, fr;q=0.3, de;q=0.8", "de"),
            ("nl, de;q=0.8, fr;q=0.8", "de"),
            ("fr;q=0, de;q=0.001", "de"),
            ("nl", "en"),
            ("*", "en"),
            ("de;q=0.5, *;q=0.1", "de"),
            ("de;q=2, fr;q=0.1", "fr"),
            ("deu", "en"),
            (",;=,-", "en"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, accept.parse().unwrap());
            assert_eq!(preferred_language(&headers, &["en", "de", "fr"]), language, "{accept}");
        }
        assert_eq!(preferred_language(&HeaderMap::new(), &["en", "de"]), "en");
    }
}
