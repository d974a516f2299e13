//! The outcome of an event.

/// The outcome of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It took effect now.
    Done,
    /// It took effect before; nothing changed.
    DoneBefore,
}

impl Outcome {
    /// By how many rows the event's statement has written first.
    pub fn of(written: i32) -> Self {
        if written == 1 { Self::Done } else { Self::DoneBefore }
    }
}
