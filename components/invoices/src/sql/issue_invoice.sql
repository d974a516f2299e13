-- joinable, in turn
-- The invoice of an order and its number, and its credit note where the order is known to be canceled already.
--
-- $1 invoice, $2 order, $3 customer, $4 amount, $5 currency, $6 the customer as JSON, $7 the lines as JSON, $8 credit note;
-- $9, $10, $11 the webhook events of its issue, of its payment and of its credit note.
--
-- First comes the turn, the bytes of "wb-issue": several of these can be one transaction, which holds the series' row and then
-- wants an order's. A statement that held the order's and wanted the series' would wait for it and be waited for.
-- The order's row comes next and stays locked, so that the events of one order take turns; an order that has its invoice
-- yields no row, and nothing else happens. The series' row stays locked from the taking of the number to the commit, so numbers
-- are given in the order of commits; a statement that fails gives its number back. now() is one instant throughout, so that
-- the series is the year of created_at, whose default it is.
WITH turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(CAST(x'77622d6973737565' AS bigint))
), state AS (
    INSERT INTO order_states AS s (order_id, invoice_id)
    SELECT CAST($2 AS uuid), CAST($1 AS uuid)
    FROM turn
    ON CONFLICT ON CONSTRAINT order_states_pkey DO UPDATE SET invoice_id = excluded.invoice_id
    WHERE s.invoice_id IS NULL
    RETURNING invoice_id, paid_at, canceled_at
), taken AS (
    INSERT INTO invoice_series AS s (series, last_number)
    SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY'), 1
    FROM state
    ON CONFLICT ON CONSTRAINT invoice_series_pkey DO UPDATE SET last_number = s.last_number + 1
    RETURNING series, last_number, prefix
), issued AS (
    INSERT INTO invoices (id, order_id, series, number, prefix, customer_id, amount, currency, customer, lines)
    SELECT
        CAST($1 AS uuid),
        $2,
        taken.series,
        taken.last_number,
        taken.prefix,
        CAST($3 AS text),
        CAST($4 AS bigint),
        CAST($5 AS text),
        CAST($6 AS text)::json,
        CAST($7 AS text)::json
    FROM taken
    RETURNING id
), credit_taken AS (
    INSERT INTO credit_note_series AS s (series, last_number)
    SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY'), 1
    FROM state
    WHERE state.canceled_at IS NOT NULL
    ON CONFLICT ON CONSTRAINT credit_note_series_pkey DO UPDATE SET last_number = s.last_number + 1
    RETURNING series, last_number, prefix
), credited AS (
    INSERT INTO credit_notes (id, invoice_id, series, number, prefix)
    SELECT CAST($8 AS uuid), state.invoice_id, credit_taken.series, credit_taken.last_number, credit_taken.prefix
    FROM state, credit_taken
), told AS (
    INSERT INTO webhook_events (id, event_type, invoice_id)
    SELECT happened.id, happened.event_type, state.invoice_id
    FROM state
    CROSS JOIN LATERAL (
        VALUES
            (CAST($9 AS uuid), 'invoice.issued', true),
            (CAST($10 AS uuid), 'invoice.paid', state.paid_at IS NOT NULL),
            (CAST($11 AS uuid), 'invoice.credited', state.canceled_at IS NOT NULL)
    ) AS happened (id, event_type, is_true)
    WHERE happened.is_true AND EXISTS (
        SELECT 1
        FROM webhook_endpoints AS e
        WHERE e.deleted_at IS NULL AND happened.event_type = ANY (e.event_types)
    )
    RETURNING id, event_type
), addressed AS (
    INSERT INTO webhook_deliveries (endpoint_id, event_id)
    SELECT e.id, told.id
    FROM told
    JOIN webhook_endpoints AS e ON told.event_type = ANY (e.event_types)
    WHERE e.deleted_at IS NULL
)
SELECT count(*)::integer AS issued
FROM issued
