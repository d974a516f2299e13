//! What an API key may do. The host checks by it, and the OpenAPI documents tell each operation's scope by it.

use std::fmt;
use std::str::FromStr;

/// A thing that an API key may do. To write does not include to read: a shop that places orders need not see those of others.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Scope {
    /// See orders.
    OrdersRead,
    /// Place orders, and have them paid and canceled.
    OrdersWrite,
    /// See customers.
    CustomersRead,
    /// Make and change customers.
    CustomersWrite,
    /// See invoices and credit notes, which nobody writes by the API.
    InvoicesRead,
    /// See where webhooks go, and what was delivered.
    WebhooksRead,
    /// Say where webhooks go, and have them delivered again.
    WebhooksWrite,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::OrdersRead,
        Self::OrdersWrite,
        Self::CustomersRead,
        Self::CustomersWrite,
        Self::InvoicesRead,
        Self::WebhooksRead,
        Self::WebhooksWrite,
    ];

    /// Its name, as it is kept, shown and asked for.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OrdersRead => "orders:read",
            Self::OrdersWrite => "orders:write",
            Self::CustomersRead => "customers:read",
            Self::CustomersWrite => "customers:write",
            Self::InvoicesRead => "invoices:read",
            Self::WebhooksRead => "webhooks:read",
            Self::WebhooksWrite => "webhooks:write",
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

/// The scopes of a resource.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ResourceScopes {
    /// What it takes to see it.
    pub read: Scope,
    /// What it takes to change it; none where nobody does so by the API.
    pub write: Option<Scope>,
}

/// The scopes of a resource, which is the first segment of its path: `orders` of `/orders/{id}/pay`. None for one that there
/// is not.
pub fn scopes_of(resource: &str) -> Option<ResourceScopes> {
    let (read, write) = match resource {
        "orders" => (Scope::OrdersRead, Some(Scope::OrdersWrite)),
        "customers" => (Scope::CustomersRead, Some(Scope::CustomersWrite)),
        "invoices" | "credit-notes" => (Scope::InvoicesRead, None),
        "webhook-endpoints" => (Scope::WebhooksRead, Some(Scope::WebhooksWrite)),
        _ => return None,
    };
    Some(ResourceScopes { read, write })
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

    #[test]
    fn each_scope_is_some_resources_scope() {
        let resources = ["orders", "customers", "invoices", "credit-notes", "webhook-endpoints"];
        let used: Vec<Scope> = resources
            .into_iter()
            .filter_map(scopes_of)
            .flat_map(|scopes| [Some(scopes.read), scopes.write])
            .flatten()
            .collect();
        for scope in Scope::ALL {
            assert!(used.contains(&scope), "{scope}");
        }
        assert_eq!(scopes_of("nothing"), None);
    }
}
