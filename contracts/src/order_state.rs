//! The states of an order.

/// Neither paid nor canceled yet.
pub const PENDING: &str = "pending";

/// Paid.
pub const PAID: &str = "paid";

/// Canceled, before or after it was paid.
pub const CANCELED: &str = "canceled";

/// All states.
pub const ALL: [&str; 3] = [PENDING, PAID, CANCELED];
