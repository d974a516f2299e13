-- Notes that an order is canceled, and credits its invoice if that is there. $1 order, $2 when, $3 credit note.
--
-- Where it is not there yet, whoever issues it finds the order canceled: both write the order's row first, and take turns.
WITH state AS (
    INSERT INTO order_states AS s (order_id, canceled_at)
    VALUES ($1, CAST($2 AS text)::timestamptz)
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
)
SELECT count(*)::integer AS noted
FROM state
