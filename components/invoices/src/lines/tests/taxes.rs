use super::{document, line, lines};
use crate::taxes::Tax;

/// A line of 100.00 with these taxes, as an order's event says it.
fn taxed(taxes: &str) -> String {
    let members = format!(r#""taxCategory":"S","taxes":[{taxes}]}}"#);
    line("a", "A", "1", "10000", "0").replace('}', &format!(",{members}"))
}

#[test]
fn taxes_are_billed_by_their_own_names() {
    let taxes = r#"{"name":"GST","rateBasisPoints":500},{"name":"QST","rateBasisPoints":997.5}"#;
    let stored = document(11_498, &lines(&[taxed(taxes)])).unwrap();
    let sums: Vec<Tax> = stored.bill.taxes.iter().map(Tax::from).collect();
    assert_eq!(
        serde_json::to_string(&sums).unwrap(),
        concat!(
            r#"[{"name":"GST","rateBasisPoints":500,"netAmount":10000,"taxAmount":500,"category":"S"},"#,
            r#"{"name":"QST","rateBasisPoints":997.5,"netAmount":10000,"taxAmount":998,"category":"S"}]"#
        )
    );
    // Other producers may leave the category out.
    let uncategorized = taxed(taxes).replace(r#""taxCategory":"S","#, "");
    assert_eq!(document(11_498, &lines(&[uncategorized])).unwrap().bill.tax, 1498);
    assert!(document(11_497, &lines(&[taxed(taxes)])).unwrap_err().ends_with("they sum up to 11498"));
}

#[test]
fn taxes_that_cannot_be_billed_are_rejected_with_the_reason() {
    let gst = r#"{"name":"GST","rateBasisPoints":500}"#;
    let unnamed = r#"{"name":" ","rateBasisPoints":500}"#;
    let charge =
        format!(r#","charges":[{{"amount":1,"reason":"a","taxRateBasisPoints":0,"taxes":[{unnamed}]}}]"#);
    for (members, reason) in [
        (lines(&[taxed(unnamed)]), "lines[0]: the name of a tax must be a string of 1 to 1000 characters"),
        (lines(&[taxed(r#"{"name":"GST"}"#)]), "lines must be as its contract says"),
        (
            lines(&[taxed(r#"{"name":"GST","rateBasisPoints":-10000}"#)]) + r#","pricesIncludeTax":true"#,
            "lines[0].taxes[0].rateBasisPoints must be more than 0, and at most 10000",
        ),
        (
            lines(&[taxed(gst).replace(r#""taxRateBasisPoints":0"#, r#""taxRateBasisPoints":500"#)]),
            "lines[0].taxRateBasisPoints must be 0 where there are taxes",
        ),
        (lines(&[taxed(gst)]) + &charge, "the name of a tax must be a string of 1 to 1000 characters"),
    ] {
        let error = document(10_500, &members).unwrap_err();
        assert!(error.starts_with(reason), "{error}");
    }
}
