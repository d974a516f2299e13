//! `Accept` and `Accept-Language`. Each line is one header.

use http::header::{ACCEPT, ACCEPT_LANGUAGE};
use http::{HeaderMap, HeaderName, HeaderValue};
use waybill_service::accept::{preferred, preferred_language};

const OFFERS: [&str; 4] = ["application/json", "text/html", "application/pdf", "application/xml"];
const LANGUAGES: [&str; 2] = ["en", "de"];

pub fn check(data: &[u8]) {
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let found = preferred(&headers(ACCEPT, &lines), &OFFERS);
    assert!(found.is_none_or(|found| OFFERS.contains(&found)));
    assert_eq!(preferred(&HeaderMap::new(), &OFFERS), Some(OFFERS[0]));

    let upper = data.to_ascii_uppercase();
    let upper: Vec<&[u8]> = upper.split(|byte| *byte == b'\n').collect();
    assert_eq!(preferred(&headers(ACCEPT, &upper), &OFFERS), found, "media types have no case");
    let backwards: Vec<&[u8]> = lines.iter().rev().copied().collect();
    assert_eq!(preferred(&headers(ACCEPT, &backwards), &OFFERS), found, "the order of ranges says nothing");
    for offer in OFFERS {
        let mut only = headers(ACCEPT, &lines);
        only.append(ACCEPT, HeaderValue::from_static(offer));
        // By its name with weight 1 it is liked as much as anything can be.
        assert_eq!(preferred(&only, &[offer]), Some(offer));
    }

    let language = preferred_language(&headers(ACCEPT_LANGUAGE, &lines), &LANGUAGES);
    assert!(LANGUAGES.contains(&language));
    assert_eq!(preferred_language(&headers(ACCEPT_LANGUAGE, &upper), &LANGUAGES), language);
}

fn headers(name: HeaderName, lines: &[&[u8]]) -> HeaderMap {
    lines.iter().filter_map(|line| Some((name.clone(), HeaderValue::from_bytes(line).ok()?))).fold(
        HeaderMap::new(),
        |mut headers, (name, value)| {
            headers.append(name, value);
            headers
        },
    )
}
