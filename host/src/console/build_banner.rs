use std::sync::Arc;

use super::shared::Shared;
use crate::dev::{BuildFault, BuildState};
use crate::pages::{Moment, duration};

/// What each page says of the builds.
pub(super) struct Banner {
    pub running_since: Option<Moment>,
    pub fault: Option<Fault>,
    pub last: Option<Last>,
    pub migration: Option<String>,
}

pub(super) struct Fault {
    pub at: Moment,
    pub found: Arc<BuildFault>,
}

pub(super) struct Last {
    pub at: Moment,
    pub took: String,
    /// What was put in place.
    pub components: String,
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
                components: last
                    .components
                    .iter()
                    .map(|name| name.as_str())
                    .collect::<Vec<_>>()
                    .join(" and "),
            }),
            migration: state.migration,
        }
    }
}
