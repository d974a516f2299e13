-- The customer, and the key of the request: both or neither. Neither is written where another customer has the e-mail address or the
-- key is taken; the row that is returned says whether they were.
--
-- $1 customer, $2 name, $3 e-mail, $4 address, $5 state, $6 postal code, $7 country, $8 date of birth or null, $9 created at,
-- $10 caller, $11 idempotency key or null, $12 SHA-256 of the request or null, $13 answer or null.
--
-- The customer is inserted before its key, and waits for another one with its address: a request that is sent twice at once is
-- found by its address already. Only one key for two addresses at once violates idempotency_keys_pkey, which undoes both.
WITH made AS (
    INSERT INTO customers (id, name, email, address, state, zip_code, country, date_of_birth, created_at)
    SELECT
        CAST($1 AS text), CAST($2 AS text), CAST($3 AS text), CAST($4 AS text), CAST($5 AS text), CAST($6 AS text),
        CAST($7 AS text), CAST($8 AS text)::date, CAST($9 AS text)::timestamptz
    WHERE NOT EXISTS (
        SELECT 1
        FROM idempotency_keys AS k
        WHERE k.key = CAST($11 AS text) AND (k.caller = CAST($10 AS text) OR k.of_every_caller)
    )
    ON CONFLICT DO NOTHING
    RETURNING id
), keyed AS (
    INSERT INTO idempotency_keys (key, caller, of_every_caller, request_sha256, status, location, answer)
    SELECT
        CAST($11 AS text), CAST($10 AS text), false, CAST($12 AS text), 201, '/customers/' || made.id, CAST($13 AS text)
    FROM made
    WHERE CAST($11 AS text) IS NOT NULL
)
SELECT EXISTS (SELECT 1 FROM made) AS is_made
