//! `PUT /series`

use http::StatusCode;
use waybill_contracts::DEFAULT_SELLER_ID;
use waybill_service::idempotency::caller;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::no_such;
use waybill_service::rules::{Integer, OneOf};
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{FieldError, Fields, Problem, body, endpoint};

use super::format::{FORMAT, PREFIX, TIME_ZONE, filled, has_year, is_number_beside_digits, is_prefix};
use super::settings::{CONTINUOUS, SeriesSettings, YEARLY};
use super::show_series::settings;

statement!(ReplaceSeries, "series/sql/replace_series.sql");

/// Whether numbers begin anew each year.
const NUMBERING: OneOf = OneOf(&[YEARLY, CONTINUOUS]);

/// The first number of a series.
const START_NUMBER: Integer = Integer::new(1, 999_999_999_999);

const DEFAULT_FORMAT: &str = "{prefix}{year}-{number:6}";

/// How numbers and dates are formed. Members that are missing get the defaults.
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

/// Sets how the numbers and dates of invoices and credit notes of the default seller are formed from now on. What was issued keeps its
/// number and date.
#[endpoint(
    PUT "/series",
    scope = SeriesWrite,
    success(200, "The settings of the series as they are now.", SeriesSettings),
)]
pub fn replace_series(request: Request<NewSeries>) -> Result<Response, Problem> {
    replace(DEFAULT_SELLER_ID, request)
}

/// Sets the series of a seller; 404 if there is no such seller.
pub fn replace(seller_id: &str, request: Request<NewSeries>) -> Result<Response, Problem> {
    let (headers, body) = body::json(request)?;
    let api_key = caller(&headers)?;
    let new = body.read()?;
    refuse_any([without_year(&new), ambiguous(&new), unknown_prefixes(seller_id, &new)?].concat())?;
    let series = ReplaceSeries {
        seller_id,
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
    let found = series.query_one()?;
    if !found.is_seller_known {
        return Err(no_such("seller", seller_id));
    }
    refuse_any(faults_of(&found))?;
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

/// Formats by which two numbers could be printed alike.
fn ambiguous(new: &NewSeries) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (field, format, prefix) in [
        ("invoiceFormat", &new.invoice_format, &new.invoice_prefix),
        ("creditNoteFormat", &new.credit_note_format, &new.credit_note_prefix),
    ] {
        if is_number_beside_digits(format, prefix) {
            let rule = "must not have a digit or the year directly beside {number}, or two numbers could be printed alike";
            errors.push(FieldError { field: field.into(), rule: rule.into() });
        }
    }
    if filled(&new.invoice_format, &new.invoice_prefix)
        == filled(&new.credit_note_format, &new.credit_note_prefix)
    {
        let rule =
            "must distinguish the numbers of credit notes from those of invoices, or their format must";
        errors.push(FieldError { field: "creditNotePrefix".into(), rule: rule.into() });
    }
    errors
}

/// Prefixes that do not have the rule's characters and length. One that was set by SQL before there were settings may stay.
fn unknown_prefixes(seller_id: &str, new: &NewSeries) -> Result<Vec<FieldError>, Problem> {
    if is_prefix(&new.invoice_prefix) && is_prefix(&new.credit_note_prefix) {
        return Ok(Vec::new());
    }
    let now = settings(seller_id)?;
    let prefixes = [
        ("invoicePrefix", &new.invoice_prefix, &now.invoice_prefix),
        ("creditNotePrefix", &new.credit_note_prefix, &now.credit_note_prefix),
    ];
    let is_unknown = |(_, new, now): &(_, &String, &String)| !is_prefix(new) && new != now;
    let fault =
        |(field, _, _): (&'static str, _, _)| FieldError { field: field.into(), rule: PREFIX.rule.into() };
    Ok(prefixes.into_iter().filter(is_unknown).map(fault).collect())
}

/// The faults that the statement found. If there are any, it has written nothing.
fn faults_of(found: &ReplaceSeriesRow) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if !found.is_zone_known {
        errors.push(FieldError { field: "timeZone".into(), rule: TIME_ZONE.rule.into() });
    }
    for (field, first, most) in [
        ("invoiceStartNumber", found.invoice_first, found.invoice_most),
        ("creditNoteStartNumber", found.credit_note_first, found.credit_note_most),
    ] {
        let rule = match (first, most) {
            (Some(first), _) => {
                format!(
                    "must be {first} or more, since another series has the numbers below and may print the same"
                )
            }
            (None, Some(most)) => format!("must be {most} or less, a million above the last number"),
            (None, None) => continue,
        };
        errors.push(FieldError { field: field.into(), rule: rule.into() });
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
