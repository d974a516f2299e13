-- The order and its event, both or neither.
--
-- $1 order, $2 customer, $3 amount, $4 currency, $5 created at, $6 event, $7 event type, $8 event body,
-- $9 traceparent or null, $10 tracestate or null.
WITH placed AS (
    INSERT INTO orders (id, customer_id, amount, currency, created_at)
    VALUES ($1, $2, $3, $4, CAST($5 AS text)::timestamptz)
    RETURNING id, status
)
INSERT INTO outbox (id, event_type, order_id, payload, traceparent, tracestate)
SELECT CAST($6 AS uuid), CAST($7 AS text), placed.id, CAST($8 AS text)::json, CAST($9 AS text), CAST($10 AS text)
FROM placed
RETURNING (SELECT placed.status FROM placed) AS status
