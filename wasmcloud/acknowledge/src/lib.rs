//! Answers requests over wasmCloud's NATS messaging (`messaging-nats`) with the result of the component behind it.
//!
//! That provider gives a message to a handler and drops the handler's result, so a sender cannot know whether its message was
//! handled. This component is in between: it passes the message to the component that does the work, by a link, and publishes
//! that component's result to the subject on which the sender waits.
//!
//! | The component behind returns | The answer |
//! | --- | --- |
//! | `ok` | empty |
//! | an error | its text |
//!
//! A message without a reply subject is passed on all the same.

/// The answer for a result.
pub fn answer(outcome: &Result<(), String>) -> Vec<u8> {
    match outcome {
        Ok(()) => Vec::new(),
        // An empty text would read as success.
        Err(text) if text.is_empty() => b"failed".to_vec(),
        Err(text) => text.clone().into_bytes(),
    }
}

#[cfg(target_family = "wasm")]
mod component {
    use self::bindings::exports::wasmcloud::messaging::handler::{BrokerMessage, Guest};
    use self::bindings::wasmcloud::messaging::{consumer, handler};
    use crate::answer;

    /// The interfaces in Rust, as `wit-bindgen` writes them.
    #[allow(missing_docs, unsafe_code, clippy::all, clippy::pedantic)]
    mod bindings {
        wit_bindgen::generate!({ path: "../../wit", world: "acknowledge", generate_all });

        export!(Component);

        use super::Component;
    }

    struct Component;

    impl Guest for Component {
        fn handle_message(message: BrokerMessage) -> Result<(), String> {
            let outcome = handler::handle_message(&message);
            if let Some(place) = message.reply_to {
                let answer = BrokerMessage { subject: place, body: answer(&outcome), reply_to: None };
                consumer::publish(&answer)?;
            }
            outcome
        }
    }
}

#[cfg(test)]
mod tests {
    use super::answer;

    #[test]
    fn only_success_is_empty() {
        assert_eq!(answer(&Ok(())), b"");
        assert_eq!(answer(&Err("rejected: amount".into())), b"rejected: amount");
        assert_ne!(answer(&Err(String::new())), b"");
    }
}
