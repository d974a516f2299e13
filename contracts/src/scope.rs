//! What an API key may do. Each endpoint declares its scope, the OpenAPI documents state it, and the host checks by it.

use std::fmt;
use std::str::FromStr;

/// A permission of an API key. Write does not imply read: a shop that places orders need not see those of others.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// See orders.
    OrdersRead,
    /// Place orders, and have them paid and canceled.
    OrdersWrite,
    /// See customers.
    CustomersRead,
    /// Create and change customers.
    CustomersWrite,
    /// See invoices and credit notes, which the API does not write.
    InvoicesRead,
    /// See where webhooks go, and what was delivered.
    WebhooksRead,
    /// Say where webhooks go, and have them delivered again.
    WebhooksWrite,
    /// See the seller with its account.
    SellerRead,
    /// Set the seller with its account.
    SellerWrite,
    /// See how numbers and dates of documents are formed.
    SeriesRead,
    /// Set how numbers and dates of documents are formed.
    SeriesWrite,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::OrdersRead,
        Self::OrdersWrite,
        Self::CustomersRead,
        Self::CustomersWrite,
        Self::InvoicesRead,
        Self::WebhooksRead,
        Self::WebhooksWrite,
        Self::SellerRead,
        Self::SellerWrite,
        Self::SeriesRead,
        Self::SeriesWrite,
    ];

    /// Its name, as it is stored, shown and required.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrdersRead => "orders:read",
            Self::OrdersWrite => "orders:write",
            Self::CustomersRead => "customers:read",
            Self::CustomersWrite => "customers:write",
            Self::InvoicesRead => "invoices:read",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
            Self::SellerRead => "seller:read",
            Self::SellerWrite => "seller:write",
            Self::SeriesRead => "series:read",
            Self::SeriesWrite => "series:write",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// A name that no scope has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct UnknownScope;

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(name: &str) -> Result<Self, UnknownScope> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name).ok_or(UnknownScope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_by_its_whole_name_only() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
        }
        for name in ["", "orders", "orders:", "orders:*", "*", "ORDERS:READ", " orders:read"] {
            assert_eq!(name.parse::<Scope>(), Err(UnknownScope), "{name}");
        }
    }
}
