/// Settings of PostgreSQL that the statements of a component depend on, whatever the database or the role says, and that every
/// version of PostgreSQL knows. Each host gives them to its sessions.
pub const SESSION_SETTINGS: [(&str, &str); 10] = [
    // An acknowledged order is on the disk.
    ("synchronous_commit", "on"),
    // Waiting for another transaction is not a failure: no statement sees two snapshots.
    ("default_transaction_isolation", "read committed"),
    // The time limit of a statement is the only one.
    ("lock_timeout", "0"),
    // How values are read and written as text.
    ("standard_conforming_strings", "on"),
    ("TimeZone", "UTC"),
    ("DateStyle", "ISO, MDY"),
    ("IntervalStyle", "postgres"),
    ("bytea_output", "hex"),
    ("extra_float_digits", "1"),
    ("transform_null_equals", "off"),
];
