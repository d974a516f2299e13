-- joinable
-- The order, its lines, its event, and the key of the request: all or none. None is written where the customer is unknown or the
-- key is taken, and the row that is returned says so.
--
-- $1 order, $2 customer, $3 amount, $4 currency, $5 created at, $6 event, $7 event type, $8 event body whose customer has an
-- identifier only, $9 traceparent or null, $10 tracestate or null, $11 lines as a JSON array, $12 caller, $13 idempotency key or
-- null, $14 SHA-256 of the request or null, $15 answer or null.
--
-- The key is inserted before the order, and waits for another request with it; what that request wrote is not in this
-- statement's snapshot, so the kept answer is read by the next statement.
WITH customer AS (
    -- The customer as it is now: whoever bills the order later must not find another one.
    SELECT jsonb_build_object(
        'id', c.id, 'name', c.name, 'email', c.email, 'address', c.address, 'state', c.state, 'zipCode', c.zip_code,
        'country', c.country
    ) AS snapshot
    FROM customers AS c
    WHERE c.id = $2
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, location, answer)
    SELECT
        CAST($13 AS text), CAST($12 AS text), false, CAST($14 AS text), 201, '/orders/' || CAST($1 AS uuid), CAST($15 AS text)
    FROM customer
    WHERE CAST($13 AS text) IS NOT NULL AND NOT EXISTS (
        SELECT 1
        FROM idempotency_keys AS k
        WHERE k.key = CAST($13 AS text) AND k.of_every_caller
    )
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING
    RETURNING key
), placed AS (
    INSERT INTO orders (id, customer_id, amount, currency, created_at)
    SELECT CAST($1 AS uuid), $2, CAST($3 AS bigint), CAST($4 AS text), CAST($5 AS text)::timestamptz
    FROM customer
    WHERE CAST($13 AS text) IS NULL OR EXISTS (SELECT 1 FROM keyed)
    RETURNING id
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
), event AS (
    INSERT INTO outbox (id, event_type, order_id, payload, traceparent, tracestate)
    SELECT
        CAST($6 AS uuid),
        CAST($7 AS text),
        placed.id,
        jsonb_set(CAST($8 AS text)::jsonb, '{customer}', customer.snapshot)::json,
        CAST($9 AS text),
        CAST($10 AS text)
    FROM placed, customer
)
SELECT
    EXISTS (SELECT 1 FROM customer) AS is_customer_known,
    EXISTS (SELECT 1 FROM placed) AS is_placed
