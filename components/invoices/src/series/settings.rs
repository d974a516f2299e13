//! The settings of the series, as the API shows them.

use serde::{Deserialize, Serialize};

/// Numbers begin anew each year.
pub const YEARLY: &str = "yearly";

/// Numbers never begin anew.
pub const CONTINUOUS: &str = "continuous";

/// How numbers and dates are formed.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SeriesSettings {
    /// The time zone of the business day (IANA): years, dates of issue and due dates are of it.
    pub time_zone: String,
    /// The form of an invoice's number, such as `{prefix}{year}-{number:6}`.
    pub invoice_format: String,
    /// What `{prefix}` stands for.
    pub invoice_prefix: String,
    /// `yearly` or `continuous`.
    pub invoice_numbering: String,
    /// The first number of a series; one that is below it goes on with it.
    pub invoice_start_number: i64,
    /// The form of a credit note's number.
    pub credit_note_format: String,
    /// What `{prefix}` stands for.
    pub credit_note_prefix: String,
    /// `yearly` or `continuous`.
    pub credit_note_numbering: String,
    /// The first number of a series; one that is below it goes on with it.
    pub credit_note_start_number: i64,
}
