//! The statements of the orders database, one for each file in `sql/`.

use waybill_service::sql::statement;

use crate::customer::Customer;
use crate::order::Order;

statement!(CreateOrder, "sql/create_order.sql", execution: GroupCommit);
statement!(ListOrders, "sql/list_orders.sql", row: Order);
statement!(ShowOrder, "sql/show_order.sql");
statement!(ChangeOrder, "sql/change_order.sql");
statement!(CreateCustomer, "sql/create_customer.sql");
statement!(ListCustomers, "sql/list_customers.sql", row: Customer);
statement!(ShowCustomer, "sql/show_customer.sql", row: Customer);
statement!(ChangeCustomer, "sql/change_customer.sql");
