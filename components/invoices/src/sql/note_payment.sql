-- Notes that an order is paid, whether or not its invoice is there yet. $1 order, $2 when.
WITH state AS (
    INSERT INTO order_states AS s (order_id, paid_at)
    VALUES ($1, CAST($2 AS text)::timestamptz)
    ON CONFLICT ON CONSTRAINT order_states_pkey DO UPDATE SET paid_at = excluded.paid_at
    WHERE s.paid_at IS NULL
    RETURNING order_id
)
SELECT count(*)::integer AS noted
FROM state
