//! Which servers may be used: libpq's `target_session_attrs`.

/// What a server has to be.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Target {
    /// Anything.
    #[default]
    Any,
    /// One that takes writes.
    ReadWrite,
    /// One that takes none.
    ReadOnly,
    /// One that is not in recovery.
    Primary,
    /// One that is in recovery.
    Standby,
    /// One that is in recovery, or else anything.
    PreferStandby,
}

/// What a server says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ServerState {
    /// It replays another server's log, so it takes no writes.
    pub(crate) in_recovery: bool,
    /// Its transactions may not write.
    pub(crate) read_only: bool,
}

impl Target {
    pub(crate) const NAMES: [(&'static str, Self); 6] = [
        ("any", Self::Any),
        ("read-write", Self::ReadWrite),
        ("read-only", Self::ReadOnly),
        ("primary", Self::Primary),
        ("standby", Self::Standby),
        ("prefer-standby", Self::PreferStandby),
    ];

    /// The targets to look for among all servers, one after the other.
    pub(crate) fn passes(self) -> &'static [Self] {
        match self {
            Self::Any => &[Self::Any],
            Self::ReadWrite => &[Self::ReadWrite],
            Self::ReadOnly => &[Self::ReadOnly],
            Self::Primary => &[Self::Primary],
            Self::Standby => &[Self::Standby],
            Self::PreferStandby => &[Self::Standby, Self::Any],
        }
    }

    /// Whether a server meets the target.
    pub(crate) fn takes(self, server: ServerState) -> bool {
        match self {
            Self::Any | Self::PreferStandby => true,
            Self::ReadWrite => !server.read_only,
            Self::ReadOnly => server.read_only,
            Self::Primary => !server.in_recovery,
            Self::Standby => server.in_recovery,
        }
    }
}
