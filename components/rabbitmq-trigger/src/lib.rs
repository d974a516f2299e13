//! A service component of wasmCloud 2: it consumes a queue of RabbitMQ and calls the component of its workload with each message,
//! by the same rules as Waybill's own consumer. The README beside it shows how.

mod amqp;
#[allow(unsafe_code, clippy::all, clippy::pedantic)]
mod bindings;
mod consumer;
mod delivery;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod handler;
mod log;
mod processor;
mod publisher;
mod session;
mod settings;
mod topology;
mod trust;

use crate::settings::Settings;

/// Runs until a setting is wrong.
pub fn run() {
    match Settings::read(std::env::vars()) {
        Ok(settings) => consumer::run(settings),
        Err(error) => {
            log::error(&error.to_string());
            std::process::exit(1);
        }
    }
}
