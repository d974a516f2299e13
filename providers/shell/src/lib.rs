//! What Waybill's wasmCloud providers share, so that each of them is its capability and nothing else: settings of links
//! and providers ([`Settings`]), the serving of calls ([`serve`]), trace context in the calls' headers ([`trace`]), and
//! start and end ([`start`]).

mod serving;
mod settings;
mod start;
pub mod trace;
mod until_ended;

pub use serving::{Calls, serve};
pub use settings::{SettingError, Settings};
pub use start::start;
pub use until_ended::until_ended;
pub use wasmcloud_provider_sdk as sdk;
