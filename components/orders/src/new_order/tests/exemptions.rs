use super::*;

#[test]
fn the_code_of_a_reason_belongs_to_the_category() {
    let with = |category: &str, code: &str| {
        let tax =
            format!(r#""taxRateBasisPoints":0,"taxCategory":"{category}","exemptionReasonCode":"{code}""#);
        let delivery = r#","delivery":{"date":"2026-11-27","country":"FR"}"#;
        order(&format!(r#""quantity":1,"unitPrice":10000,{tax}"#), delivery)
    };
    for (category, code) in [
        ("AE", "VATEX-EU-AE"),
        ("AE", "VATEX-FR-AE"),
        ("K", "VATEX-EU-IC"),
        ("G", "VATEX-EU-G"),
        ("O", "VATEX-EU-O"),
        ("E", "VATEX-EU-132-1I"),
        ("E", "VATEX-EU-79-C"),
        ("E", "VATEX-EU-F"),
    ] {
        assert!(read(&with(category, code)).is_ok(), "{category} {code}");
    }
    for (category, code) in [
        ("AE", "VATEX-EU-132-1I"),
        ("K", "VATEX-EU-132"),
        ("G", "VATEX-EU-146-1E"),
        ("O", "VATEX-EU-79-C"),
        ("K", "VATEX-EU-G"),
        ("E", "VATEX-EU-AE"),
        ("AE", "VATEX-EU-F"),
    ] {
        assert_eq!(refusal(&with(category, code)).1, ["lines[0].exemptionReasonCode"], "{category} {code}");
    }
}
