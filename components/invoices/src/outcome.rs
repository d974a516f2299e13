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
    /// The outcome, by the number of rows that the event's statement wrote.
    pub fn of(written: i32) -> Self {
        if written == 1 { Self::Done } else { Self::DoneBefore }
    }
}
