-- The customer, and the key of the request: both or neither.
--
-- $1 customer, $2 name, $3 e-mail, $4 address, $5 state, $6 postal code, $7 country, $8 date of birth or null, $9 created at,
-- $10 idempotency key or null, $11 SHA-256 of the request or null, $12 answer or null.
WITH made AS (
    INSERT INTO customers (id, name, email, address, state, zip_code, country, date_of_birth, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, CAST($8 AS text)::date, CAST($9 AS text)::timestamptz)
    RETURNING id
), keyed AS (
    INSERT INTO idempotency_keys (key, request_sha256, status, location, answer)
    SELECT CAST($10 AS text), CAST($11 AS text), 201, '/customers/' || made.id, CAST($12 AS text)
    FROM made
    WHERE CAST($10 AS text) IS NOT NULL
)
SELECT count(*)::integer AS made
FROM made
