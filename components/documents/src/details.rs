//! Where the parties are reached electronically.

/// The addresses of the parties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// The seller's (BT-34).
    pub seller: Option<Endpoint>,
    /// The buyer's (BT-49).
    pub buyer: Option<Endpoint>,
}

/// An address in a network for invoices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The kind of the identifier: a code of the list EAS, such as `0204` for a Leitweg-ID or `9930` for a German VAT identifier.
    pub scheme: String,
    /// The identifier.
    pub id: String,
}
