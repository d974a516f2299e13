//! Invoices and credit notes as documents: as a page to read and print, as PDF, and as UBL and CII by EN 16931.
//!
//! All are made from one [`Document`], so that they cannot disagree. This crate knows neither HTTP nor a database nor a clock:
//! equal documents in one language give equal bytes.

mod bill;
pub mod cii;
mod date;
mod details;
mod document;
#[cfg(not(target_family = "wasm"))]
pub mod example;
mod language;
mod money;
pub mod page;
mod parties;
pub mod pdf;
mod profile;
mod refusal;
mod requirements;
mod terms;
pub mod ubl;
mod words;
mod xml;

pub use bill::{Bill, BillLine, Item, RateSum};
pub use date::Date;
pub use details::{Delivery, Details, Endpoint, Period, Place};
pub use document::{Document, Kind, Settlement};
pub use language::Language;
pub use parties::{Customer, Seller};
pub use profile::Profile;
pub use refusal::Refusal;
