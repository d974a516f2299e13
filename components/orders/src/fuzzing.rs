//! The parsers of this component, for the targets in `fuzz/`.

pub use crate::create_customer::{CustomerChange, NewCustomer};
pub use crate::list_orders::OrdersQuery;
pub use crate::new_order::NewOrder;
