use std::sync::Arc;

use super::shared::Shared;
use crate::dev::{BuildFault, BuildState, Placed};
use crate::pages::{Moment, duration};

/// What each page says of the builds.
pub(super) struct Banner {
    pub running_since: Option<Moment>,
    pub fault: Option<Fault>,
    pub last: Option<Last>,
    pub migration: Option<String>,
    pub is_unwatched: bool,
}

pub(super) struct Fault {
    pub at: Moment,
    pub found: Arc<BuildFault>,
}

pub(super) struct Last {
    pub at: Moment,
    pub took: String,
    /// What became of its components, as a sentence.
    pub placed: String,
}

impl Banner {
    pub(super) fn of(console: &Shared) -> Option<Self> {
        console.system.builds.as_ref().map(|builds| builds.now().into())
    }
}

impl From<BuildState> for Banner {
    fn from(state: BuildState) -> Self {
        Self {
            running_since: state.running_since.map(Moment::of),
            fault: state.fault.map(|found| Fault { at: Moment::of(found.at), found }),
            last: state.last.map(|last| Last {
                at: Moment::of(last.at),
                took: duration(last.took),
                placed: sentence(&last.placed),
            }),
            migration: state.migration,
            is_unwatched: state.is_unwatched,
        }
    }
}

fn sentence(placed: &Placed) -> String {
    match placed {
        Placed::AtTheStart => "It was the first one; the program started with its components.".to_owned(),
        Placed::Swapped(names) if names.is_empty() => "Its components are the same as before.".to_owned(),
        Placed::Swapped(names) => {
            let names: Vec<_> = names.iter().map(|name| name.as_str()).collect();
            format!("It put {} in place.", names.join(" and "))
        }
    }
}
