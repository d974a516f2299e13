//! What a SQLSTATE says.

/// Who is at fault when a server refuses a statement, by its SQLSTATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqlFault {
    /// The server cannot do its work now, whatever the statement.
    Server,
    /// The database lacks what the statement names: a table, a column, a function, a schema or a privilege. A caller whose
    /// statement is constant and tested takes the database for unavailable; others have mistyped it.
    Schema,
    /// The parameters do not fit.
    Parameters,
    /// The statement is wrong in another way.
    Statement,
    /// None of these, such as a violated constraint.
    Other,
}

impl SqlFault {
    /// Classifies a SQLSTATE.
    pub fn of(sqlstate: &str) -> Self {
        match (sqlstate.get(..2), sqlstate) {
            // Connection, resources, state (a lock that cannot be had), operator intervention (shutdown, cancelled by the time limit),
            // system, configuration, corruption; and a standby, or a primary that has become one, writes nothing.
            (Some("08" | "53" | "55" | "57" | "58" | "F0" | "XX"), _) | (_, "25006") => Self::Server,
            (_, "42501" | "42P01" | "42703" | "42704" | "42883" | "3F000") => Self::Schema,
            (Some("22"), _) => Self::Parameters,
            (Some("42"), _) => Self::Statement,
            _ => Self::Other,
        }
    }
}
