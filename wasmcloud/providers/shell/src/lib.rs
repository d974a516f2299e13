//! What Waybill's wasmCloud providers share, so that each of them is its capability and nothing else.
//!
//! A provider implements [`Provider`], and [`run`] runs it: it follows the messages of the host that started the program, gives the
//! provider its links and their [`Settings`], serves the calls of components over [`wrpc`], and ends the provider in order.
//!
//! This is the provider's side of wasmCloud 1.9 as `wasmcloud-provider-sdk` 0.17 has it, which is not used for three reasons:
//! it brings a WebAssembly runtime into every provider, its wRPC drops calls under load, and it never sets up a link that it
//! missed or that failed once.

mod commands;
mod host_data;
mod lattice;
mod link;
mod missed_links;
mod provider;
mod run;
mod serving;
mod settings;
pub mod wrpc;

pub use lattice::Lattice;
pub use link::{LinkKey, Side};
pub use provider::{Provider, Surroundings};
pub use run::run;
pub use serving::Calls;
pub use settings::{SettingError, Settings};
