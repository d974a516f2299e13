use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// File descriptors that connections of clients never get: those of databases, the broker, files, standard streams, the runtime, and
/// connections that are accepted or closed just now.
const RESERVED: usize = 192;

/// Raises the limit on open files to what the system allows this process. The usual soft limit of 1,024 is for programs that use
/// `select`.
pub(super) fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!("the limit on open files stays at {:?}: {error}", limit.current);
    }
}

/// How many connections of clients the limit leaves.
pub(super) fn connections_within_limit() -> usize {
    let limit = getrlimit(Resource::Nofile).current;
    let files = limit.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
    files.saturating_sub(RESERVED).max(files / 4)
}
