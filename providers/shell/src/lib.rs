//! What Waybill's wasmCloud providers share, so that each of them is its capability and nothing else: settings of links
//! and providers ([`Settings`]), trace context in the calls' headers ([`trace`]), and start and end: all of it for a
//! provider that is called ([`run`]), or step by step ([`start`], [`until_ended`]).

mod run;
mod serving;
mod settings;
mod start;
pub mod trace;
mod until_ended;

pub use run::run;
pub use serving::Calls;
pub use settings::{SettingError, Settings};
pub use start::start;
pub use until_ended::until_ended;
pub use wasmcloud_provider_sdk as sdk;
