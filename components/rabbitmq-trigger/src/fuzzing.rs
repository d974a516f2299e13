//! What the targets in `fuzz/` see of this crate.

use waybill_broker_rules::headers::subject;
use waybill_broker_rules::{Cause, FRAME_MIN, dead_letter, moved};

use crate::amqp::{ContentHeader, Frame, OVERHEAD};

/// The most that a content header may have, in bytes.
pub const HEADER_BYTES: usize = FRAME_MIN as usize - OVERHEAD;

/// Channels and payloads of the frames that these bytes begin with, if they arrive in pieces of that size; `None` if there is something else
/// among them.
pub fn frames(bytes: &[u8], piece_bytes: usize) -> Option<Vec<(u16, Vec<u8>)>> {
    let (mut received, mut frames) = (Vec::new(), Vec::new());
    for piece in bytes.chunks(piece_bytes.max(1)) {
        received.extend(piece);
        while let Some(Frame { channel, payload, .. }) =
            Frame::take(&mut received, FRAME_MIN as usize).ok()?
        {
            frames.push((channel, payload));
        }
    }
    Some(frames)
}

/// Whether the method in a payload is read, whatever is in it.
pub fn method(payload: &[u8]) -> bool {
    let frame = Frame { kind: crate::amqp::Kind::Method, channel: 0, payload: payload.to_vec() };
    frame.method().is_ok_and(|method| method.is_some())
}

/// Copies of the message with this content header: the header as it is moved to another queue, and that of the dead letter.
pub fn copies(payload: &[u8], error: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let ContentHeader { properties, body_bytes, .. } = ContentHeader::parse(payload).ok()?;
    let headers = properties.headers.as_ref();
    let (kind, id) = (&properties.kind, &properties.message_id);
    let subject = subject(kind.as_ref().map(|kind| kind.as_str()), headers, "orders");
    let id = id.as_ref().map(|id| id.as_str());
    let letter = dead_letter(headers, id, &subject, "orders", Cause::Rejected, error);
    let moved = properties.carried(moved(headers, &subject), body_bytes);
    Some((moved, properties.carried(letter, body_bytes)))
}
