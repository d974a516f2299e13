//! What the targets in `fuzz/` see of this crate.

/// What is shown of a receiver's answer.
pub fn reason(body: &[u8]) -> String {
    crate::cloud_event::reason(body)
}
