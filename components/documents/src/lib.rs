//! Invoices and credit notes as documents: as a page to read and print, as PDF, and as UBL by EN 16931.
//!
//! All of them are made of one [`Document`], so that they cannot say different things. This crate knows neither HTTP nor a
//! database, and asks for no time: the same document in the same language is the same bytes.

mod bill;
mod date;
mod document;
mod language;
pub mod page;
mod parties;
pub mod pdf;
pub mod ubl;
mod words;

#[cfg(test)]
mod example;

pub use bill::{Bill, BillLine, Item, RateSum};
pub use date::Date;
pub use document::{Course, Document, Kind};
pub use language::Language;
pub use parties::{Customer, Seller};
