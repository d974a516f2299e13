use waybill_contracts::MAX_AMOUNT;

use super::*;
use crate::faults::Faults;

fn json<C: Check>(check: &C, text: &str) -> Result<C::Value, Faults> {
    check.check(Given::Json(serde_json::from_str(text).unwrap()))
}

#[test]
fn an_amount_is_an_integer_from_1_to_2_pow_53_minus_1() {
    for (text, value) in [("1", 1), ("5000", 5000), ("9007199254740991", MAX_AMOUNT)] {
        assert_eq!(json(&AMOUNT, text), Ok(value));
    }
    let fault = Faults::from(
        "must be an integer of minor units (such as cents) from 1 to 9007199254740991, without fraction or exponent",
    );
    for text in [
        "0",
        "-0",
        "-1",
        "-5000",
        "9007199254740992",
        "9223372036854775807",
        "9223372036854775808",
        "100000000000000000000000000000000000000000",
        "1e400",
        "5000.5",
        "5000.0",
        "5e3",
        "5E3",
        "0.1",
        "\"5000\"",
        "\"\"",
        "null",
        "true",
        "false",
        "[]",
        "[5000]",
        "{}",
    ] {
        assert_eq!(json(&AMOUNT, text).as_ref(), Err(&fault), "{text}");
    }
}

#[test]
fn a_currency_is_an_active_code_in_upper_case() {
    assert_eq!(json(&CURRENCY, "\"EUR\"").unwrap(), "EUR");
    assert_eq!(json(&CURRENCY, "\"\\u0045UR\"").unwrap(), "EUR");
    for text in
        ["\"eur\"", "\"EURO\"", "\"XXX\"", "\"DEM\"", "\"\"", "\"EU\\u0000\"", "978", "null", "[\"EUR\"]"]
    {
        assert!(json(&CURRENCY, text).is_err(), "{text}");
    }
}

#[test]
fn a_uuid_has_one_spelling() {
    assert!(uuid("019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d").is_some());
    assert!(uuid("019A3C6E-7B1F-7C4E-9D55-0C2F5A1B2C3D").is_some());
    for text in [
        "",
        "1",
        "019a3c6e7b1f7c4e9d550c2f5a1b2c3d",
        "{019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d}",
        "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3g",
        "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d ",
    ] {
        assert!(uuid(text).is_none(), "{text}");
    }
}

#[test]
fn a_word_is_one_of_those_that_the_rule_names() {
    let check = OneOf(&["pending", "paid", "canceled"]);
    assert_eq!(check.check(Given::Parameter("paid")), Ok("paid"));
    for text in ["", "Paid", "canceled ", "cancelled"] {
        let fault = check.check(Given::Parameter(text)).unwrap_err();
        assert_eq!(fault, "must be pending, paid or canceled".into(), "{text}");
    }
}

#[test]
fn an_email_address_is_checked() {
    for text in [r#""jo@example.com""#, r#""Jo.Doe+x@mail.example""#, r#""jö@exämple.de""#] {
        assert!(json(&EMAIL, text).is_ok(), "{text}");
    }
    for text in
        [r#""""#, r#""jo""#, r#""@example.com""#, r#""jo@""#, r#""a@b@c""#, r#""jo@example.com\n""#, "1"]
    {
        assert!(json(&EMAIL, text).is_err(), "{text}");
    }
}

#[test]
fn a_country_is_an_assigned_code() {
    assert!(json(&COUNTRY, r#""DE""#).is_ok());
    for text in [r#""Germany""#, r#""de""#, r#""XX""#, "null"] {
        assert!(json(&COUNTRY, text).is_err(), "{text}");
    }
}

#[test]
fn a_plus_sign_of_a_time_in_a_query_may_arrive_as_a_space() {
    let read = |text| QueryTimestamp.check(Given::Parameter(text)).map(|moment| moment.to_string());
    for text in [
        "2026-01-01T02:00:00+02:00",
        "2026-01-01T02:00:00 02:00",
        "2026-01-01 02:00:00.0 02:00",
        "2025-12-31T22:00:00-02:00",
        "2026-01-01T00:00:00Z",
    ] {
        assert_eq!(read(text).as_deref(), Ok("2026-01-01T00:00:00.000Z"), "{text}");
    }
    for text in
        ["", " 02:00", "2026-01-01 02:00", "2026-01-01T00:00:00", "2026-01-01T00:00:00  02:00", "é 02:00"]
    {
        assert!(read(text).is_err(), "{text}");
    }
    assert!(json(&QueryTimestamp, "\"2026-01-01T02:00:00 02:00\"").is_err(), "JSON has no such spaces");
}

#[test]
fn a_number_is_a_decimal_in_its_range() {
    let number = Number::new(-10, 10).not_zero();
    for text in ["1", "-1", "1.5", "0.000001", "10", "-10"] {
        assert_eq!(json(&number, text).unwrap().to_string(), text);
    }
    let rule = "must be a number of at most 15 digits, 6 of them after the point, without exponent, from -10 to 10 and not 0";
    for text in ["0", "0.0", "10.1", "-11", "1e1", "\"1\"", "null", "true", "0.0000001", "[]"] {
        assert_eq!(json(&number, text), Err(rule.into()), "{text}");
    }
}

#[test]
fn a_rate_has_the_digits_of_exchange_rates() {
    let rate = Rate { max: 1_000_000 };
    for (text, written) in [("0.00003571", "0.00003571"), ("3.571e-05", "0.00003571"), ("1000000", "1000000")]
    {
        assert_eq!(json(&rate, text).unwrap().to_string(), written);
    }
    let rule =
        "must be a number above 0 of at most 15 digits, 12 of them after the point, and at most 1000000";
    for text in ["0", "-1", "1000000.1", "0.0000000000001", "\"1\"", "null", "[]"] {
        assert_eq!(json(&rate, text), Err(rule.into()), "{text}");
    }
}

#[test]
fn a_flag_is_a_boolean() {
    assert_eq!((json(&Flag, "true"), json(&Flag, "false")), (Ok(true), Ok(false)));
    for text in ["0", "\"true\"", "null"] {
        assert!(json(&Flag, text).is_err(), "{text}");
    }
}
