use serde::Serialize;

/// Orders and invoices, counted while nothing is in flight.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Orders in the database: those that were acknowledged, and those whose answer was lost.
    pub orders: i64,
    pub invoices: i64,
    /// Events that were not delivered yet.
    pub outbox: i64,
    /// Acknowledged orders that are not in the database, or with another amount.
    pub lost_orders: i64,
    /// Whether the orders that have invoices are the orders that there are, with the same amounts.
    pub sets_agree: bool,
    /// Invoices beyond the first of an order.
    pub duplicates: i64,
    /// Numbers that were left out of their series.
    pub gaps: i64,
    /// Messages that became dead letters.
    pub dead_letters: u32,
}

impl Counts {
    /// Whether nothing was lost, doubled or left out.
    pub fn is_sound(&self) -> bool {
        self.lost_orders == 0
            && self.orders == self.invoices
            && self.sets_agree
            && self.duplicates == 0
            && self.gaps == 0
            && self.dead_letters == 0
    }
}
