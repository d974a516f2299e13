//! What Waybill promises wherever it runs: one suite of behaviours, over HTTP and in the databases, that holds on every
//! host.
//!
//! A [`System`] is Waybill on some host ([`Host`] starts the known ones, `wasmcloud/tests` wasmCloud 1.9). [`run`] checks every behaviour of [`behaviours`]
//! against it. What a system does not show, such as its databases, is reported as not checked, never as kept.

#![allow(missing_docs, reason = "a name says enough where nothing outside the project links it")]

pub mod behaviours;
mod hosts;
mod report;
mod system;

pub use hosts::{Elsewhere, Host};
pub use report::{Report, run};
pub use system::{Databases, EVENTS_TOKEN, System, Traces, Verdict};
