-- The next state of an order, its event, and the key of the request: all, or none where the order has changed since it was
-- read.
--
-- $1 order, $2 the version that was read, $3 new state, $4 event, $5 event type, $6 event body, $7 traceparent or null,
-- $8 tracestate or null, $9 idempotency key or null, $10 SHA-256 of the request or null, $11 answer or null.
WITH changed AS (
    UPDATE orders
    SET status = CAST($3 AS text), version = version + 1, changed_at = now()
    WHERE id = $1 AND version = $2
    RETURNING id
), told AS (
    INSERT INTO outbox (id, event_type, order_id, payload, traceparent, tracestate)
    SELECT
        CAST($4 AS uuid), CAST($5 AS text), changed.id, CAST($6 AS text)::json, CAST($7 AS text), CAST($8 AS text)
    FROM changed
), keyed AS (
    INSERT INTO idempotency_keys (key, request_sha256, status, answer)
    SELECT CAST($9 AS text), CAST($10 AS text), 200, CAST($11 AS text)
    FROM changed
    WHERE CAST($9 AS text) IS NOT NULL
)
SELECT count(*)::integer AS changed
FROM changed
