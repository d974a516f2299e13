//! What RabbitMQ sends to the trigger of wasmCloud 2: frames, and the content headers in them, whose tables senders write.

use waybill_rabbitmq_trigger::fuzzing::{HEADER_BYTES, copies, frames, method};

pub fn check(data: &[u8]) {
    let whole = frames(data, data.len());
    for piece_bytes in [1, 7, 4096] {
        assert_eq!(frames(data, piece_bytes), whole, "frames are the same however they arrive");
    }
    for (_, payload) in whole.unwrap_or_default() {
        check_payload(&payload);
    }
    check_payload(data);
}

fn check_payload(payload: &[u8]) {
    method(payload);
    let error = String::from_utf8_lossy(payload);
    let Some((moved, letter)) = copies(payload, &error) else { return };
    let (again, _) = copies(&moved, "").expect("what is written is read");
    assert!(again == moved, "the copy of a copy is the copy");
    let (_, again) = copies(&letter, &error).expect("a dead letter is read");
    for header in [moved, letter, again] {
        assert!(header.len() <= HEADER_BYTES, "{} bytes", header.len());
    }
}
