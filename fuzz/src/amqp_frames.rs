//! What RabbitMQ sends to the trigger of wasmCloud 2, and to lapin: frames, and the content headers in them, whose tables senders write.

use waybill_broker::fuzzing::readable;
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
    check_readable(data);
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    for kind in [1, 2] {
        check_readable(&[&[kind, 0, 1][..], &length.to_be_bytes(), data, &[0xce]].concat());
    }
}

/// What lapin's parser has is the same however it arrives, and nothing in it has to be made readable again.
fn check_readable(bytes: &[u8]) {
    let whole = readable(bytes, bytes.len());
    for piece_bytes in [1, 7, 4096] {
        assert_eq!(readable(bytes, piece_bytes), whole, "the same in pieces of {piece_bytes}");
    }
    assert_eq!(readable(&whole, whole.len()), whole, "readable frames pass as they are");
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
