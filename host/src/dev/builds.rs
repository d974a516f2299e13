use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::watch;

use crate::settings::ComponentName;

/// What is known of the builds. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Builds(watch::Sender<BuildState>);

#[derive(Clone, Debug, Default)]
pub struct BuildState {
    /// When the build began that runs.
    pub running_since: Option<SystemTime>,
    /// Why the last build made no components that serve.
    pub fault: Option<Arc<BuildFault>>,
    /// The last good build.
    pub last: Option<GoodBuild>,
    /// A migration that has changed since the start.
    pub migration: Option<String>,
    /// Whether changes are not seen any more.
    pub is_unwatched: bool,
}

#[derive(Clone, Debug)]
pub struct GoodBuild {
    pub at: SystemTime,
    /// From the beginning of the build until its components were in place; of the first build, until its end.
    pub took: Duration,
    pub placed: Placed,
}

/// Which components of a build serve.
#[derive(Clone, Debug)]
pub enum Placed {
    /// It was the first one: the program started with what it made.
    AtTheStart,
    /// These took the place of others. None if the build made the same ones.
    Swapped(Vec<ComponentName>),
}

/// Why there are no new components.
#[derive(Debug)]
pub struct BuildFault {
    pub at: SystemTime,
    /// The beginning of a sentence.
    pub summary: String,
    /// What the build printed, without colours and bounded.
    pub output: String,
}

impl BuildFault {
    pub fn new(summary: impl Into<String>, output: String) -> Self {
        Self { at: SystemTime::now(), summary: summary.into(), output }
    }

    /// What was built is no component that this program can run.
    pub fn of_component(error: &anyhow::Error) -> Self {
        Self::new(format!("what was built cannot serve: {error:#}"), String::new())
    }
}

impl Builds {
    pub fn now(&self) -> BuildState {
        self.0.borrow().clone()
    }

    pub fn changes(&self) -> watch::Receiver<BuildState> {
        self.0.subscribe()
    }

    pub(super) fn begin(&self) {
        self.begin_at(SystemTime::now());
    }

    pub(super) fn begin_at(&self, time: SystemTime) {
        self.0.send_modify(|state| state.running_since = Some(time));
    }

    pub(super) fn succeed(&self, placed: Placed, took: Duration) {
        let last = GoodBuild { at: SystemTime::now(), took, placed };
        self.0.send_modify(|state| {
            state.running_since = None;
            state.fault = None;
            state.last = Some(last);
        });
    }

    pub(super) fn fail(&self, fault: BuildFault) {
        self.0.send_modify(|state| {
            state.running_since = None;
            state.fault = Some(Arc::new(fault));
        });
    }

    pub(super) fn end_watch(&self) {
        self.0.send_modify(|state| state.is_unwatched = true);
    }

    pub(super) fn note_migration(&self, file: &str) {
        self.0.send_modify(|state| state.migration = Some(file.to_owned()));
    }
}
