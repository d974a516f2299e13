//! The statements of the orders database, one for each file in `sql/`.

use waybill_service::statement;

statement!(
    /// Writes an order, its lines, and the event that tells of it.
    CREATE_ORDER,
    "create_order"
);
statement!(
    /// A page of orders, newest first.
    LIST_ORDERS,
    "list_orders"
);
statement!(
    /// A page of the orders of a customer.
    LIST_ORDERS_OF_CUSTOMER,
    "list_orders_of_customer"
);
statement!(
    /// A page of the orders in a state.
    LIST_ORDERS_OF_STATUS,
    "list_orders_of_status"
);
statement!(
    /// A page of the orders of a customer that are in a state.
    LIST_ORDERS_OF_CUSTOMER_AND_STATUS,
    "list_orders_of_customer_and_status"
);
statement!(
    /// One order, as it is shown.
    SHOW_ORDER,
    "show_order"
);
statement!(
    /// Gives an order its next state, and writes the event that tells of it.
    CHANGE_ORDER,
    "change_order"
);
statement!(
    /// Writes a customer.
    CREATE_CUSTOMER,
    "create_customer"
);
statement!(
    /// A page of customers, newest first.
    LIST_CUSTOMERS,
    "list_customers"
);
statement!(
    /// One customer.
    SHOW_CUSTOMER,
    "show_customer"
);
statement!(
    /// Gives a customer other data.
    CHANGE_CUSTOMER,
    "change_customer"
);
