//! Invoices and credit notes as documents: as a page to read and print, as PDF, and as UBL and CII by EN 16931.
//!
//! All are made from one [`Document`], so that they cannot disagree. This crate knows neither HTTP nor a database nor a clock:
//! equal documents in one language give equal bytes.

mod address;
pub mod cii;
mod date;
mod document;
mod edition;
#[cfg(not(target_family = "wasm"))]
pub mod example;
mod exemption;
mod language;
mod money;
pub mod page;
mod parties;
mod payment_means;
mod payment_request;
mod payment_terms;
pub mod pdf;
mod profile;
mod references;
mod refusal;
mod requirements;
mod rows;
mod terms;
pub mod ubl;
mod words;
mod xml;

pub use date::Date;
pub use document::{Document, Kind, Settlement};
pub use edition::EDITION;
pub use language::Language;
pub use parties::{Customer, ElectronicAddress, Seller};
pub use profile::Profile;
pub use refusal::Refusal;
pub use waybill_billing::Bill;
