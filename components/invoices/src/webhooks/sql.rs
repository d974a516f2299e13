//! The statements of webhooks, one for each file in `sql/`.

use waybill_service::statement;

statement!(
    /// Writes an endpoint.
    CREATE_ENDPOINT,
    "create_endpoint"
);
statement!(
    /// Deletes an endpoint and gives up what was to be delivered to it.
    DELETE_ENDPOINT,
    "delete_endpoint"
);
statement!(
    /// A page of the deliveries to an endpoint, newest first.
    LIST_DELIVERIES,
    "list_deliveries"
);
statement!(
    /// A page of the deliveries of one state to an endpoint, newest first.
    LIST_DELIVERIES_OF_STATUS,
    "list_deliveries_of_status"
);
statement!(
    /// A page of endpoints, newest first.
    LIST_ENDPOINTS,
    "list_endpoints"
);
statement!(
    /// Has an event delivered again.
    REDELIVER,
    "redeliver"
);
statement!(
    /// One delivery with its attempts.
    SHOW_DELIVERY,
    "show_delivery"
);
statement!(
    /// One endpoint.
    SHOW_ENDPOINT,
    "show_endpoint"
);
