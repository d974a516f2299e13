-- The next state of an order, its event, and the key of the request: all or none. None is written where the order has changed since
-- it was read or the key is taken, and the row that is returned says so.
--
-- $1 order, $2 the version that was read, $3 new state, $4 event, $5 event type, $6 event body, $7 traceparent or null,
-- $8 tracestate or null, $9 caller, $10 idempotency key or null, $11 SHA-256 of the request or null, $12 answer or null.
--
-- The order's row is locked before the key is inserted: another change that comes first makes this one write neither.
WITH current AS (
    SELECT o.id
    FROM orders AS o
    WHERE o.id = $1 AND o.version = $2
    FOR NO KEY UPDATE
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, answer)
    SELECT CAST($10 AS text), CAST($9 AS text), false, CAST($11 AS text), 200, CAST($12 AS text)
    FROM current
    WHERE CAST($10 AS text) IS NOT NULL
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
    RETURNING key
), changed AS (
    UPDATE orders AS o
    SET status = CAST($3 AS text), version = o.version + 1, changed_at = now()
    FROM current
    WHERE o.id = current.id AND (CAST($10 AS text) IS NULL OR EXISTS (SELECT 1 FROM keyed))
    RETURNING o.id
), event AS (
    INSERT INTO outbox (id, event_type, order_id, payload, traceparent, tracestate)
    SELECT
        CAST($4 AS uuid), CAST($5 AS text), changed.id, CAST($6 AS text)::json, CAST($7 AS text), CAST($8 AS text)
    FROM changed
)
SELECT
    EXISTS (SELECT 1 FROM current) AS is_current,
    EXISTS (SELECT 1 FROM changed) AS is_changed
