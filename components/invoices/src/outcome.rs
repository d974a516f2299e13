//! What taking in an event led to.

/// What taking in an event led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It had its effect now.
    Done,
    /// It had its effect before; nothing changed.
    DoneBefore,
}

impl Outcome {
    /// By how many rows the event's statement has written first.
    pub fn of(written: i32) -> Self {
        if written == 1 { Self::Done } else { Self::DoneBefore }
    }
}
