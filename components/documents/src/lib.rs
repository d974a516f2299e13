//! Invoices and credit notes as documents: as a page to read and print, as PDF, and as UBL by EN 16931.
//!
//! All are made from one [`Document`], so that they cannot disagree. This crate knows neither HTTP nor a database nor a clock:
//! equal documents in one language give equal bytes.

mod address;
mod date;
mod document;
mod exemption;
mod language;
pub mod page;
mod parties;
pub mod pdf;
mod references;
mod rows;
pub mod ubl;
mod words;

#[cfg(test)]
mod example;

pub use date::Date;
pub use document::{Document, Kind, Settlement};
pub use language::Language;
pub use parties::{Customer, ElectronicAddress, Seller};
pub use waybill_billing::Bill;
