//! `PUT /series`

use http::StatusCode;
use waybill_service::idempotency::caller;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::rules::{Integer, OneOf};
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{FieldError, Fields, Problem, body, endpoint};

use super::format::{FORMAT, PREFIX, TIME_ZONE, has_year};
use super::settings::{CONTINUOUS, SeriesSettings, YEARLY};

statement!(ReplaceSeries, "series/sql/replace_series.sql");

/// Whether numbers begin anew each year.
const NUMBERING: OneOf = OneOf(&[YEARLY, CONTINUOUS]);

/// The first number of a series.
const START_NUMBER: Integer = Integer::new(1, 999_999_999_999);

const DEFAULT_FORMAT: &str = "{prefix}{year}-{number:6}";

/// How numbers and dates are formed. What is not given is as at the first start.
#[derive(Debug, Fields)]
pub struct NewSeries {
    /// The time zone of the business day (IANA): years, dates of issue and due dates are of it.
    #[rule(TIME_ZONE, default = "UTC", example = "Europe/Berlin")]
    time_zone: String,
    /// The form of an invoice's number. `{number:6}` has at least six digits.
    #[rule(FORMAT, default = DEFAULT_FORMAT)]
    invoice_format: String,
    /// What `{prefix}` stands for.
    #[rule(PREFIX, default = "", example = "INV-")]
    invoice_prefix: String,
    /// Whether numbers begin anew each year.
    #[rule(NUMBERING, default = YEARLY)]
    invoice_numbering: &'static str,
    /// The first number of a series, each year's if they begin anew. A series that is below it goes on with it; none goes back.
    #[rule(START_NUMBER, default = 1, example = 1001)]
    invoice_start_number: i64,
    /// The form of a credit note's number.
    #[rule(FORMAT, default = DEFAULT_FORMAT)]
    credit_note_format: String,
    /// What `{prefix}` stands for.
    #[rule(PREFIX, default = "CN-")]
    credit_note_prefix: String,
    /// Whether numbers begin anew each year.
    #[rule(NUMBERING, default = YEARLY)]
    credit_note_numbering: &'static str,
    /// The first number of a series.
    #[rule(START_NUMBER, default = 1)]
    credit_note_start_number: i64,
}

/// Sets how the numbers and dates of invoices and credit notes are formed from now on. What was issued keeps its number and date.
#[endpoint(
    PUT "/series",
    scope = SeriesWrite,
    success(200, "The settings of the series as they are now.", SeriesSettings),
)]
pub fn replace_series(request: Request<NewSeries>) -> Result<Response, Problem> {
    let (headers, body) = body::json(request)?;
    let api_key = caller(&headers)?;
    let new = body.read()?;
    refuse_any(without_year(&new))?;
    let series = ReplaceSeries {
        time_zone: &new.time_zone,
        invoice_format: &new.invoice_format,
        invoice_prefix: &new.invoice_prefix,
        invoice_is_yearly: new.invoice_numbering == YEARLY,
        invoice_start_number: new.invoice_start_number,
        credit_note_format: &new.credit_note_format,
        credit_note_prefix: &new.credit_note_prefix,
        credit_note_is_yearly: new.credit_note_numbering == YEARLY,
        credit_note_start_number: new.credit_note_start_number,
        api_key: api_key.as_deref(),
    };
    refuse_any(faults_of(&series.query_one()?))?;
    Ok(respond::json(StatusCode::OK, &SeriesSettings::from(new)))
}

fn refuse_any(errors: Vec<FieldError>) -> Result<(), Problem> {
    if errors.is_empty() { Ok(()) } else { Err(Problem::invalid_fields(errors)) }
}

fn without_year(new: &NewSeries) -> Vec<FieldError> {
    let formats = [
        ("invoiceFormat", &new.invoice_format, new.invoice_numbering),
        ("creditNoteFormat", &new.credit_note_format, new.credit_note_numbering),
    ];
    let lacks_year = |(_, format, numbering): &(_, &String, &str)| *numbering == YEARLY && !has_year(format);
    let rule = "must have {year} where numbers begin anew each year, or two documents would have one number";
    let fault = |(field, _, _): (&'static str, _, _)| FieldError { field: field.into(), rule: rule.into() };
    formats.into_iter().filter(lacks_year).map(fault).collect()
}

/// What the statement found, in which case it has written nothing.
fn faults_of(found: &ReplaceSeriesRow) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !found.is_zone_known {
        errors.push(FieldError { field: "timeZone".into(), rule: TIME_ZONE.rule.into() });
    }
    for (field, first) in
        [("invoiceStartNumber", found.invoice_first), ("creditNoteStartNumber", found.credit_note_first)]
    {
        if let Some(first) = first {
            let rule = format!(
                "must be {first} or more, since another series has the numbers below and may print the same"
            );
            errors.push(FieldError { field: field.into(), rule: rule.into() });
        }
    }
    errors
}

impl From<NewSeries> for SeriesSettings {
    fn from(new: NewSeries) -> Self {
        Self {
            time_zone: new.time_zone,
            invoice_format: new.invoice_format,
            invoice_prefix: new.invoice_prefix,
            invoice_numbering: new.invoice_numbering.to_owned(),
            invoice_start_number: new.invoice_start_number,
            credit_note_format: new.credit_note_format,
            credit_note_prefix: new.credit_note_prefix,
            credit_note_numbering: new.credit_note_numbering.to_owned(),
            credit_note_start_number: new.credit_note_start_number,
        }
    }
}

#[cfg(test)]
mod tests {
    use waybill_service::fields::from_json;

    use super::*;

    #[test]
    fn what_is_not_given_is_as_at_the_first_start() {
        let settings =
            from_json::<NewSeries>(br#"{"invoicePrefix":"INV-"}"#).map(SeriesSettings::from).unwrap();
        assert_eq!(
            (settings.time_zone.as_str(), settings.invoice_format.as_str(), settings.invoice_prefix.as_str()),
            ("UTC", DEFAULT_FORMAT, "INV-")
        );
        assert_eq!(
            (settings.credit_note_prefix.as_str(), settings.credit_note_numbering.as_str()),
            ("CN-", YEARLY)
        );
    }

    #[test]
    fn every_fault_is_named() {
        let faulty = r#"{"timeZone":"'","invoiceFormat":"{year}","invoicePrefix":"{","invoiceNumbering":"monthly","invoiceStartNumber":0}"#;
        let problem = from_json::<NewSeries>(faulty.as_bytes()).unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.to_string()).collect();
        assert_eq!(
            fields,
            ["timeZone", "invoiceFormat", "invoicePrefix", "invoiceNumbering", "invoiceStartNumber"]
        );
    }

    #[test]
    fn a_number_that_begins_anew_each_year_names_the_year() {
        let read = |json: &str| without_year(&from_json::<NewSeries>(json.as_bytes()).unwrap()).len();
        assert_eq!(read(r#"{"invoiceFormat":"{number}","creditNoteFormat":"{prefix}{number}"}"#), 2);
        assert_eq!(read(r#"{"invoiceFormat":"{number}","invoiceNumbering":"continuous"}"#), 0);
        assert_eq!(read(r#"{"invoiceFormat":"{number}/{year:2}"}"#), 0);
    }
}
