//! The commands of the program, one file for each: it reads its settings, starts what it needs in a [`Process`](crate::process::Process)
//! and waits for the end.

pub mod audit;
pub mod compile;
pub mod completions;
pub mod dead_letters;
pub mod dev;
pub mod doctor;
pub mod fonts;
pub mod health;
pub mod invoices;
pub mod keys;
pub mod manual;
pub mod migrate;
pub mod orders;
pub mod push;
pub mod relay;
pub mod seller;
pub mod series;
pub mod serve;
mod service_settings;
pub mod up;
pub mod webhooks;
