//! The statements of the orders database, one for each file in `sql/`.

use waybill_service::statement;

statement!(
    /// Writes an order and the event that tells of it.
    CREATE_ORDER,
    "create_order"
);
statement!(
    /// A page of orders, newest first.
    LIST_ORDERS,
    "list_orders"
);
statement!(
    /// One order.
    SHOW_ORDER,
    "show_order"
);
