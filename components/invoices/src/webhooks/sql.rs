//! The statements of webhooks, one for each file in `sql/`.

use waybill_service::sql::statement;

use super::delivery::{Delivery, LoggedDelivery};
use super::endpoint::Endpoint;

statement!(CreateEndpoint, "webhooks/sql/create_endpoint.sql");
statement!(DeleteEndpoint, "webhooks/sql/delete_endpoint.sql");
statement!(ListDeliveries, "webhooks/sql/list_deliveries.sql", row: Delivery);
statement!(ListEndpoints, "webhooks/sql/list_endpoints.sql", row: Endpoint);
statement!(Redeliver, "webhooks/sql/redeliver.sql");
statement!(ShowDelivery, "webhooks/sql/show_delivery.sql", row: LoggedDelivery);
statement!(ShowEndpoint, "webhooks/sql/show_endpoint.sql", row: Endpoint);
