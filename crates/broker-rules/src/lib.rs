//! What all consumers of Waybill's queues do the same: which queues there are and how they are declared, what follows an attempt,
//! and what a copy of a message carries.
//!
//! `waybill-broker` follows these rules over lapin, and the component `rabbitmq-trigger` over a WASI socket. Both can consume the same
//! queue at the same time, so there is one text of the rules. There is no connection here.

mod broker_url;
mod config_error;
mod copy;
pub mod headers;
mod queues;
mod retry;
mod table;
mod trace_in_body;
pub mod url_grammar;

pub use broker_url::{BrokerUrl, FRAME_MAX, FRAME_MIN};
pub use config_error::ConfigError;
pub use copy::{dead_letter, failed_once_more, moved};
pub use queues::{
    DEAD_LETTER_QUEUE, QueueType, dead_letter_arguments, dead_letter_queue, isolated_arguments,
    isolated_queue, main_arguments, retry_arguments, retry_queue, validate_names, validate_retry_delays,
};
pub use retry::{Cause, Limits, Outcome, Source, next, refuse, unreadable_headers};
pub use table::{MAX_LEVELS, is_readable_table};
pub use trace_in_body::with_trace;
