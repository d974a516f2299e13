//! How the numbers and dates of invoices and credit notes are formed from now on.

pub mod format;
pub mod replace_series;
pub mod replace_series_of_seller;
pub mod settings;
pub mod show_series;
pub mod show_series_of_seller;
