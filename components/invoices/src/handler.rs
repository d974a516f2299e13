//! Events by message: `wasmcloud:messaging/handler`.

use waybill_service::sql::log;

use self::bindings::exports::wasmcloud::messaging::handler::{BrokerMessage, Guest};
use crate::handle_event::handle_event;

/// The interfaces in Rust, as `wit-bindgen` writes them.
#[allow(missing_docs, unsafe_code, clippy::all, clippy::pedantic)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "invoices",
        // The SQL capability is bound once, in the crate that wraps it.
        with: {
            "wasmcloud:postgres/query@0.1.1-draft":
                waybill_service::sql::bindings::wasmcloud::postgres::query,
            "wasmcloud:postgres/types@0.1.1-draft":
                waybill_service::sql::bindings::wasmcloud::postgres::types,
        },
        generate_all,
    });

    export!(Component);

    use super::Component;
}

struct Component;

impl Guest for Component {
    fn handle_message(message: BrokerMessage) -> Result<(), String> {
        match handle_event(&message.subject, &message.body) {
            Ok(_) => Ok(()),
            Err(refusal) => {
                // Some hosts drop the text of an error, so it is logged where it arises.
                log(&refusal);
                Err(refusal.to_string())
            }
        }
    }
}
