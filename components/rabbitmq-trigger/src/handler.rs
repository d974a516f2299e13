use waybill_contracts::DeliveryError;

use crate::bindings::wasmcloud::messaging::handler;
use crate::bindings::wasmcloud::messaging::types::BrokerMessage;

/// Calls the workload's component with a message, and waits for its answer.
pub fn handle(subject: &str, body: &[u8]) -> Result<(), DeliveryError> {
    let message = BrokerMessage { subject: subject.to_owned(), body: body.to_vec(), reply_to: None };
    handler::handle_message(&message).map_err(|text| DeliveryError::parse(&text))
}
