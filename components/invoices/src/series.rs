//! How the numbers and dates of invoices and credit notes are formed from now on.

pub mod replace_series;
pub mod show_series;

mod format;
mod settings;
