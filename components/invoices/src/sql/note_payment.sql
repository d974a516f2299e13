-- Notes that an order is paid, whether or not its invoice is there yet. $1 order, $2 when, $3 the webhook event of it.
WITH state AS (
    INSERT INTO order_states AS s (order_id, paid_at)
    VALUES ($1, CAST($2 AS text)::timestamptz)
    ON CONFLICT ON CONSTRAINT order_states_pkey DO UPDATE SET paid_at = excluded.paid_at
    WHERE s.paid_at IS NULL
    RETURNING invoice_id
), told AS (
    INSERT INTO webhook_events (id, event_type, invoice_id)
    SELECT CAST($3 AS uuid), 'invoice.paid', state.invoice_id
    FROM state
    WHERE state.invoice_id IS NOT NULL AND EXISTS (
        SELECT 1
        FROM webhook_endpoints AS e
        WHERE e.deleted_at IS NULL AND 'invoice.paid' = ANY (e.event_types)
    )
    RETURNING id, event_type
), addressed AS (
    INSERT INTO webhook_deliveries (endpoint_id, event_id)
    SELECT e.id, told.id
    FROM told
    JOIN webhook_endpoints AS e ON told.event_type = ANY (e.event_types)
    WHERE e.deleted_at IS NULL
)
SELECT count(*)::integer AS noted
FROM state
