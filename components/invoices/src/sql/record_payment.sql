-- Records that an order is paid, whether or not its invoice exists yet.
--
-- Parameters:
--   order_id          uuid
--   paid_at           timestamptz
--   event_id          uuid or null  the event that reports it
--   api_key           text or null  the identifier of the key by which it was reported
--   webhook_event_id  uuid
-- Returns:
--   written  int4  1, or 0 if the order was paid before
WITH state AS (
    INSERT INTO order_states AS s (order_id, paid_at, paid_event_id, paid_api_key)
    VALUES (:order_id, :paid_at, :event_id, :api_key)
    ON CONFLICT ON CONSTRAINT order_states_pkey DO UPDATE
    SET paid_at = excluded.paid_at, paid_event_id = excluded.paid_event_id, paid_api_key = excluded.paid_api_key
    WHERE s.paid_at IS NULL
    RETURNING invoice_id
), announced AS (
    INSERT INTO webhook_events (id, event_type, invoice_id)
    SELECT :webhook_event_id, 'invoice.paid', state.invoice_id
    FROM state
    WHERE state.invoice_id IS NOT NULL AND EXISTS (
        SELECT 1
        FROM webhook_endpoints AS e
        WHERE e.deleted_at IS NULL AND e.disabled_at IS NULL AND 'invoice.paid' = ANY (e.event_types)
    )
    RETURNING id, event_type
), addressed AS (
    INSERT INTO webhook_deliveries (endpoint_id, event_id)
    SELECT e.id, announced.id
    FROM announced
    JOIN webhook_endpoints AS e ON announced.event_type = ANY (e.event_types)
    WHERE e.deleted_at IS NULL AND e.disabled_at IS NULL
)
SELECT count(*)::integer AS written
FROM state
