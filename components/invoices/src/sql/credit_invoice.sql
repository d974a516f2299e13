-- Notes that an order is canceled, and credits its invoice if that is there. $1 order, $2 when, $3 credit note, $4 the webhook event of it.
--
-- Where it is not there yet, whoever issues it finds the order canceled: both write the order's row first, and take turns.
-- The turn before that is explained at issue_invoice.sql.
WITH turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(CAST(x'77622d6973737565' AS bigint))
), state AS (
    INSERT INTO order_states AS s (order_id, canceled_at)
    SELECT CAST($1 AS uuid), CAST($2 AS text)::timestamptz
    FROM turn
    ON CONFLICT ON CONSTRAINT order_states_pkey DO UPDATE SET canceled_at = excluded.canceled_at
    WHERE s.canceled_at IS NULL
    RETURNING invoice_id
), taken AS (
    INSERT INTO credit_note_series AS s (series, last_number)
    SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY'), 1
    FROM state
    WHERE state.invoice_id IS NOT NULL
    ON CONFLICT ON CONSTRAINT credit_note_series_pkey DO UPDATE SET last_number = s.last_number + 1
    RETURNING series, last_number, prefix
), credited AS (
    INSERT INTO credit_notes (id, invoice_id, series, number, prefix)
    SELECT CAST($3 AS uuid), state.invoice_id, taken.series, taken.last_number, taken.prefix
    FROM state, taken
), told AS (
    INSERT INTO webhook_events (id, event_type, invoice_id)
    SELECT CAST($4 AS uuid), 'invoice.credited', state.invoice_id
    FROM state
    WHERE state.invoice_id IS NOT NULL AND EXISTS (
        SELECT 1
        FROM webhook_endpoints AS e
        WHERE e.deleted_at IS NULL AND 'invoice.credited' = ANY (e.event_types)
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
