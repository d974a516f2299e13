-- joinable
-- The order, its lines, its event, and the key of the request: all or none.
--
-- $1 order, $2 customer, $3 amount, $4 currency, $5 created at, $6 event, $7 event type, $8 event body whose customer has an
-- identifier only, $9 traceparent or null, $10 tracestate or null, $11 lines as a JSON array, $12 idempotency key or null,
-- $13 SHA-256 of the request or null, $14 answer or null.
WITH placed AS (
    INSERT INTO orders (id, customer_id, amount, currency, created_at)
    VALUES ($1, $2, $3, $4, CAST($5 AS text)::timestamptz)
    RETURNING id, status
), lines AS (
    INSERT INTO order_lines (order_id, position, sku, description, quantity, unit_price, tax_rate)
    SELECT
        placed.id,
        line.position,
        line.value ->> 'sku',
        line.value ->> 'description',
        (line.value ->> 'quantity')::bigint,
        (line.value ->> 'unitPrice')::bigint,
        (line.value ->> 'taxRateBasisPoints')::integer
    FROM placed, json_array_elements(CAST($11 AS text)::json) WITH ORDINALITY AS line (value, position)
), keyed AS (
    INSERT INTO idempotency_keys (key, request_sha256, status, location, answer)
    SELECT CAST($12 AS text), CAST($13 AS text), 201, '/orders/' || placed.id, CAST($14 AS text)
    FROM placed
    WHERE CAST($12 AS text) IS NOT NULL
)
INSERT INTO outbox (id, event_type, order_id, payload, traceparent, tracestate)
SELECT
    CAST($6 AS uuid),
    CAST($7 AS text),
    placed.id,
    -- The customer as it is now: whoever bills the order later must not find another one. A customer that does not exist
    -- breaks the order's foreign key.
    jsonb_set(CAST($8 AS text)::jsonb, '{customer}', coalesce((
        SELECT jsonb_build_object(
            'id', c.id, 'name', c.name, 'email', c.email, 'address', c.address, 'state', c.state, 'zipCode', c.zip_code,
            'country', c.country
        )
        FROM customers AS c
        WHERE c.id = $2
    ), 'null'))::json,
    CAST($9 AS text),
    CAST($10 AS text)
FROM placed
RETURNING (SELECT placed.status FROM placed) AS status
